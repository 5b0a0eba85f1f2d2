"""What went wrong as one line for a person, and the exit code that goes with it."""

import errno
import logging
import os
from typing import Final

import click

from adapters.receivers.contract import Misconfigured
from gateway.domain.errors import Refusal, Unknown
from gateway.listen import NobodyLetsUsIn
from gateway.settings import WrongSettings
from gateway.store.database import NameLost, StoreBroken, StoreDown, StoreError, WrongDatabase
from gateway.store.operators import NameTaken
from gateway.store.sealed import WrongKey

NOT_FULFILLED: Final = 1
_LISTED: Final = {
    "device": "device list",
    "alarm": "alarm list",
    "dead letter": "delivery list --state dead",
}


class NotDone(click.ClickException):
    """What was asked for could not be done; the sentence says why and what to do."""

    exit_code = NOT_FULFILLED


def line(error: BaseException) -> tuple[str, int]:
    """One sentence about that error, and the exit code.

    `DABYL_DEBUG` set: the error goes on instead, for whoever repairs Dabyl itself.
    """
    # The person gets his line; what unfinished tasks say while they are swept away is noise.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    known = _known(error)
    if known is not None:
        return known
    if os.environ.get("DABYL_DEBUG"):
        raise error
    return (
        f"this should not happen: {type(error).__name__}: {error};"
        " DABYL_DEBUG=1 shows where, please report it"
    ), NOT_FULFILLED


def _known(error: BaseException) -> tuple[str, int] | None:
    match error:
        case click.ClickException():
            return error.format_message(), error.exit_code
        case WrongSettings() | Misconfigured():
            return str(error), NOT_FULFILLED
        case _:
            sentence = _sentence(error)
            return None if sentence is None else (sentence, NOT_FULFILLED)


def _sentence(error: BaseException) -> str | None:
    match error:
        case StoreError():
            return _of_store(error)
        case Refusal() | WrongKey():
            return _of_refusal(error)
        case NobodyLetsUsIn():
            return f"no broker lets us in: {error}; `dabyl check` looks closer"
        case NameTaken():
            return f"there is somebody called {str(error)!r} already; choose another name"
        case OSError():
            return _of_system(error)
        case _:
            return None


def _of_refusal(error: Refusal | WrongKey) -> str:
    match error:
        case Unknown(noun=noun) if noun in _LISTED:
            return f"{error}; `dabyl {_LISTED[noun]}` shows them"
        case _:
            return str(error)


def _of_store(error: StoreError) -> str:
    match error:
        case WrongDatabase() | NameLost():
            return str(error)
        case StoreBroken():
            return f"the disk under the database failed: {error}; look at the disk before going on"
        case StoreDown():
            return f"the database does not work now: {error}; `dabyl check` looks closer"
        case _:
            return f"the database refused it: {error}"


def _of_system(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"the address is in use ({error.strerror}): another program listens there;"
            " end it, or choose another port (http.listen)"
        )
    if error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)
