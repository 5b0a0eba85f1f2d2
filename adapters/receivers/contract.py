"""The promise of every forwarder: one call, whose answer says whether to try again."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from adapters.notice import Notice


class Misconfigured(ValueError):
    """A receiver's settings cannot be used: told at the start, before anything is owed to it."""

    def __init__(self, receiver: str, why: str) -> None:
        super().__init__(f"receiver {receiver}: {why}")
        self.receiver, self.why = receiver, why


class Reason(StrEnum):
    """Why a notice must go again; a closed set, it labels a metric."""

    BUSY = "busy"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    MISCONFIGURED = "misconfigured"
    UNPROVEN = "unproven"
    SERVER_ERROR = "server_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The receiver has the notice; `known` when it had it already."""

    reference: str | None = None
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Not delivered, or not proven; `after` is the receiver's own wish, not yet capped.

    `detail` comes from outside: at most 300 characters, all printable.
    """

    reason: Reason
    after: timedelta | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The receiver will never take this notice; `detail` as in `TryAgain`."""

    status: int
    detail: str


Outcome = Accepted | TryAgain | Refused


class Forwarder(Protocol):
    """Speaks to one receiver; holds no queue, decides no retry."""

    async def send(self, notice: Notice, *, backup: bool = False) -> Outcome:
        """Try once, answering within 5 s; raises nothing but CancelledError."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
