"""Shorthands of the store's tests: a transaction, an alarm's change, a delivery."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change, Transition
from gateway.domain.event import AlarmId
from gateway.domain.kind import Priority
from gateway.store.database import Database, Urgency
from gateway.store.outbox import Delivery
from tests.domain.making import NOW, alarm
from tests.harness.changed import replace

T = TypeVar("T")


async def do(store: Database, work: Callable[..., T], *arguments: Any, **named: Any) -> T:  # noqa: ANN401 - the work's own
    """One store function, in a transaction of its own."""

    def transact(connection: Connection) -> T:
        return work(connection, *arguments, **named)

    return await store.write(transact, Urgency.STEP)


def an_alarm(key: int, **more: Any) -> Alarm:  # noqa: ANN401 - fields of every type
    """An alarm raised so many seconds after the first."""
    at = NOW + timedelta(seconds=key)
    plain = alarm(id=AlarmId(f"{key:032x}"), raised_at=at, last_at=at, pressed_at=at)
    return replace(plain, **more)


def change(after: Alarm, what: str = "raise", by: str = "button-1", *, new: bool = False) -> Change:
    """It as it is now, and the line that led there."""
    line = Transition(
        alarm=after.id, what=what, before=after.state, after=after.state, at=NOW, by=by
    )
    return Change(alarm=after, transition=line, notice="raised", is_new=new)


def owed(key: int, number: int = 1, **more: Any) -> Delivery:  # noqa: ANN401 - fields of every type
    """A delivery of that alarm to the centre."""
    plain = Delivery(
        key=f"{key:032x}:{number}",
        receiver="centre",
        alarm=f"{key:032x}",
        number=number,
        gateway="g1",
        sequence=key * 1000 + number,
        type="dabyl.alarm.raised" if number == 1 else "dabyl.alarm.repeated",
        priority=int(Priority.P0),
        device="button-1",
        body=b"{}\x00\xff",
        created_at=NOW,
    )
    return replace(plain, **more)
