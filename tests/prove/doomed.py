"""A gateway that kills itself (`kill -9`) at a named point of a press's road.

`python -m tests.prove.doomed POINT NTH run`: the real gateway, whose function at that point is
wrapped from outside, so that the product carries nothing for it. A point that is no longer there
fails at once (AttributeError), and the proof with it.
"""

import asyncio
import functools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from adapters.devices.mqtt.connection import Session
from adapters.receivers.webhook import Webhook
from adapters.signal import Lane
from gateway import cli
from gateway.bus import Bus
from gateway.forward import Forward
from gateway.forward.line import Line
from gateway.intake import Intake
from gateway.intake.batch import Batch
from gateway.store import outbox

POSTED_S = 0.02
"""By then the request is written; the centre answers in up to half a second."""

Passes = Callable[..., bool]
"""Whether a call, with its arguments, is a press's."""


class Fate:
    """Counts the passes, and strikes at one."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def strike(self) -> None:
        """One more pass."""
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _always(*_: Any, **__: Any) -> bool:  # noqa: ANN401
    return True


def _session_is_of_alarms(session: Any, *_: Any) -> bool:  # noqa: ANN401
    return bool(session._settings.lane is Lane.ALARM)  # noqa: SLF001


def _batch_is_of_alarms(batch: Any, *_: Any) -> bool:  # noqa: ANN401
    return bool(batch._lane is Lane.ALARM)  # noqa: SLF001


def _stored_is_of_alarms(_: Any, __: Any, lane: Lane) -> bool:  # noqa: ANN401
    return lane is Lane.ALARM


def _heard_is_an_alarm(_: Any, heard: Any) -> bool:  # noqa: ANN401
    return getattr(heard.said, "heard_on", None) is Lane.ALARM


def _owes(_: Any, owed: Any) -> bool:  # noqa: ANN401
    return bool(owed)


def before(owner: Any, name: str, passes: Passes = _always) -> Callable[[Fate], None]:  # noqa: ANN401
    """Die before that function does anything."""

    def install(fate: Fate) -> None:
        real = getattr(owner, name)

        @functools.wraps(real)
        def wrapped(*args: Any, **more: Any) -> Any:  # noqa: ANN401
            if passes(*args):
                fate.strike()
            return real(*args, **more)

        setattr(owner, name, wrapped)

    return install


def after(owner: Any, name: str, passes: Passes = _always) -> Callable[[Fate], None]:  # noqa: ANN401
    """Die when that function has done its work."""

    def install(fate: Fate) -> None:
        real = getattr(owner, name)

        @functools.wraps(real)
        def wrapped(*args: Any, **more: Any) -> Any:  # noqa: ANN401
            found = real(*args, **more)
            if passes(*args):
                fate.strike()
            return found

        @functools.wraps(real)
        async def awaited(*args: Any, **more: Any) -> Any:  # noqa: ANN401
            found = await real(*args, **more)
            if passes(*args):
                fate.strike()
            return found

        setattr(owner, name, awaited if asyncio.iscoroutinefunction(real) else wrapped)

    return install


def _answers_written(fate: Fate, *, first: bool) -> None:
    """Die once the receipt (`first`), or receipt and PUBACK, have left for the broker."""
    real = Session._acknowledge  # noqa: SLF001

    def wrapped(session: Any) -> None:  # noqa: ANN401
        if not first:
            real(session)
        if _session_is_of_alarms(session):
            session._answers._flush()  # noqa: SLF001
            fate.strike()
        if first:
            real(session)

    setattr(Session, "_acknowledge", wrapped)  # noqa: B010 - mypy need not believe it


def _posted(fate: Fate) -> None:
    """Die while the centre has the request, and we not its answer."""
    real = Webhook.send

    async def wrapped(webhook: Webhook, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        sending = asyncio.ensure_future(real(webhook, *args, **more))
        done, _ = await asyncio.wait({sending}, timeout=POSTED_S)
        if not done:
            fate.strike()
        return await sending

    setattr(Webhook, "send", wrapped)  # noqa: B010 - likewise


POINTS: dict[str, Callable[[Fate], None]] = {
    "heard, not decoded": before(Session, "_signal", _session_is_of_alarms),
    "decoded, not on the bus": after(Session, "_signal", _session_is_of_alarms),
    "on the bus": after(Bus, "put", _heard_is_an_alarm),
    "transaction begun": before(Batch, "store", _batch_is_of_alarms),
    "written, not committed": after(Batch, "store", _batch_is_of_alarms),
    "committed, nobody told": before(Intake, "_after", _stored_is_of_alarms),
    "handed to forward, not receipted": after(Forward, "take", _owes),
    "receipt made, not written": after(Session, "_say", _session_is_of_alarms),
    "receipt written, not acknowledged": functools.partial(_answers_written, first=True),
    "acknowledged to the broker": functools.partial(_answers_written, first=False),
    "POST not begun": before(Webhook, "send"),
    "POST under way": _posted,
    "POST answered, not judged": before(Line, "_judge"),
    "settling, not committed": after(outbox, "settle"),
    "settled": after(Forward, "_settle"),
}
"""In the order of the road."""


def main() -> None:
    """Doom this process, then be the gateway."""
    point, nth, *verb = sys.argv[1:]
    POINTS[point](Fate(int(nth)))
    sys.argv = ["dabyl", *verb]
    cli.main()


if __name__ == "__main__":
    main()
