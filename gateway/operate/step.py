"""Step: one edit of one alarm, in one transaction, with all that it owes."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection

from gateway.desk import Desk
from gateway.domain import steps
from gateway.domain.alarm import Alarm, Step
from gateway.domain.decision import Change, untold
from gateway.domain.errors import Foreign, NotYours, Stale, Unknown
from gateway.domain.operator import May, Operator
from gateway.domain.steps import By, ResponseState
from gateway.operate.confirming import confirmation
from gateway.store import alarms, audit, commands, commit
from gateway.store.commands import Command
from gateway.store.database import Urgency
from gateway.store.outbox import Delivery

Edit = Callable[[Connection, Alarm, datetime], Change | None]


async def take(desk: Desk, operator: Operator, alarm: str, edit: Edit) -> Alarm:
    """Run one edit of one alarm in one transaction, and hand on what it owes.

    Raises:
        Unknown: there is no such alarm for them. Refusal: what the edit says.
    """

    def transact(connection: Connection) -> tuple[Alarm, list[Delivery], list[Command]]:
        now = desk.clock.now()
        before = alarms.get(connection, alarm, hold=True)
        if before is None:
            raise Unknown("alarm", alarm)
        if not operator.sees(before.district):
            raise Foreign("alarm", alarm)
        told = untold(before, now)
        change = edit(connection, told[0].alarm if told else before, now)
        if change is None:
            return before, [], []
        change = _with_sign(change, operator, now)
        if change.transition.what == Step.REOPEN:
            commands.withdraw_closed(connection, before.device, before.event_id, now)
        confirm = _confirmed(change, operator, now)
        orders = [] if confirm is None else [confirm]
        if orders:
            commands.order(connection, orders)
        audit.note(connection, audit.step(operator, before, change, desk.teller.gateway), now)
        context = desk.context(connection, now)
        owed = commit.write(connection, [*told, change], desk.teller, context)
        return change.alarm, owed, orders

    after, owed, orders = await desk.database.write(transact, Urgency.STEP)
    desk.owed(owed)
    if orders:
        desk.ordered(orders)
    return after


def versioned(
    version: int, what: str, operator: Operator, edit: Callable[[Alarm, datetime], Change | None]
) -> Edit:
    """An edit that counts only on the version seen; one's own step again is no defeat."""

    def checked(connection: Connection, before: Alarm, now: datetime) -> Change | None:
        if version + 1 == before.version:
            last = alarms.last_step(connection, before.id)
            if last is not None and (last.by, last.what) == (operator.name, what):
                return None
        current(connection, before, version)
        return edit(before, now)

    return checked


def current(connection: Connection, alarm: Alarm, version: int | None) -> None:
    """Refuse a step on what has moved on.

    Raises:
        Stale: somebody was first.
    """
    if version is not None and version != alarm.version:
        last = alarms.last_step(connection, alarm.id)
        raise Stale(alarm.id, version, alarm.version, None if last is None else last.by)


def permit(operator: Operator, what: May) -> None:
    """Refuse what the role may not.

    Raises:
        NotYours: it may not.
    """
    if not operator.may(what):
        raise NotYours(f"the role {operator.role} may not {what.value}")


def said_by(operator: Operator, now: datetime, note: str | None = None) -> By:
    """Who takes the step, and what they wrote to it."""
    return By(name=operator.name, now=now, note=note)


def _with_sign(change: Change, operator: Operator, now: datetime) -> Change:
    """Whoever takes a step on what they hold has given a sign of life."""
    alarm, until = change.alarm, now + steps.CLAIM_LASTS
    if alarm.claimed_by != operator.name or not alarm.is_open or change.transition.what in _TAKES:
        return change
    return replace(change, alarm=replace(alarm, claimed_until=until))


def _confirmed(change: Change, operator: Operator, now: datetime) -> Command | None:
    """What to show on the device, on the word of a person or of the receiver with authority."""
    what = change.transition.what
    if what in steps.FURTHER:  # what was said before may be further
        what = change.alarm.responded or what
    level = _LEVELS.get(what)
    if level is None or not (operator.is_person or operator.authority):
        return None
    return confirmation(change.alarm, level, now)


_TAKES = frozenset({"claim", "take_over", Step.REOPEN})
_LEVELS = {
    "claim": "seen",
    "take_over": "seen",
    Step.ACKNOWLEDGE: "seen",
    Step.CLOSE: "closed",
    ResponseState.ACCEPTED: "seen",
    ResponseState.REJECTED: "rejected",
    ResponseState.DISPATCHED: "dispatched",
    ResponseState.ON_SCENE: "on_scene",
}
