"""What a person or the centre does to an alarm: one step, one transaction, by its version."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from gateway.desk import Desk
from gateway.domain import belief, steps
from gateway.domain import kind as kinds
from gateway.domain.alarm import Alarm, Disposition, Step
from gateway.domain.decision import Change, untold
from gateway.domain.errors import NotYours, Stale, Unknown
from gateway.domain.kind import Voice
from gateway.domain.operator import May, Operator
from gateway.domain.site import Sort
from gateway.domain.steps import By, Response, ResponseState
from gateway.store import alarms, changes, commands, commit, deliveries, dues, operators, outbox
from gateway.store.changes import What
from gateway.store.commands import Command
from gateway.store.database import Urgency
from gateway.store.outbox import Delivery

CONFIRM_LASTS = timedelta(minutes=2)
CLOSINGS_PER_MINUTE = 5


async def claim(desk: Desk, operator: Operator, alarm: str) -> Alarm:
    """Take it; machines cannot.

    Raises:
        Claimed: another holds it. Refusal: see domain.errors.
    """
    _permit(operator, May.CLAIM)
    return await _step(desk, operator, alarm, lambda _, a, now: steps.claim(a, operator, now))


async def acknowledge(
    desk: Desk, operator: Operator, alarm: str, version: int, note: str | None = None
) -> Alarm:
    """A person has seen it."""
    _permit(operator, May.STEP)
    edit = _versioned(
        version,
        Step.ACKNOWLEDGE,
        operator,
        lambda a, now: steps.acknowledge(a, _by(operator, now, note)),
    )
    return await _step(desk, operator, alarm, edit)


async def signs_of_life(desk: Desk, names: Collection[str]) -> None:
    """Those people are there: what they hold does not lapse."""
    until = desk.clock.now() + steps.CLAIM_LASTS
    await desk.database.write(lambda c: dues.extend_claims(c, names, until), Urgency.STEP)


async def add_note(desk: Desk, operator: Operator, alarm: str, note: str) -> Alarm:
    """A line in the time line."""
    _permit(operator, May.STEP)
    return await _step(
        desk, operator, alarm, lambda _, a, now: steps.add_note(a, _by(operator, now, note))
    )


async def shelve(
    desk: Desk, operator: Operator, alarm: str, version: int, until: datetime, reason: str
) -> Alarm:
    """Hide it for a time. P0 never."""
    _permit(operator, May.SHELVE)
    edit = _versioned(
        version,
        "shelve",
        operator,
        lambda a, now: steps.shelve(a, _by(operator, now, reason), until),
    )
    return await _step(desk, operator, alarm, edit)


async def unshelve(desk: Desk, operator: Operator, alarm: str, version: int) -> Alarm:
    """Show it again."""
    _permit(operator, May.SHELVE)
    edit = _versioned(
        version, "unshelve", operator, lambda a, now: steps.unshelve(a, _by(operator, now))
    )
    return await _step(desk, operator, alarm, edit)


async def close(
    desk: Desk,
    operator: Operator,
    alarm: str,
    version: int,
    disposition: Disposition,
    note: str | None = None,
) -> Alarm:
    """End it, with how it ended."""
    _permit(operator, May.STEP)
    edit = _versioned(
        version,
        Step.CLOSE,
        operator,
        lambda a, now: steps.close(a, _by(operator, now, note), disposition),
    )
    return await _step(desk, operator, alarm, edit)


async def respond(desk: Desk, operator: Operator, alarm: str, response: Response) -> Alarm:
    """What the centre, or a person for it, says of the alarm; the same id again changes nothing."""
    _permit(operator, May.RESPOND)
    speaker = operator.receiver or f"operator {operator.name}"
    too_fast = False

    def edit(connection: Connection, before: Alarm, now: datetime) -> Change | None:
        nonlocal too_fast
        if not operator.is_person and not deliveries.was_told(connection, speaker, before.id):
            raise Unknown("alarm", before.id)
        if operators.response_known(connection, speaker, response.id):
            return None
        _current(connection, before, response.version)
        by = By(
            name=operator.name,
            now=now,
            note=response.note,
            data={"reference": response.reference, "operator": response.operator_name},
        )
        may_close = operator.is_person or operator.authority
        is_person = operator.is_person
        change = steps.respond(before, by, response, may_close=may_close, is_person=is_person)
        if response.state is ResponseState.CLOSED and not operator.is_person:
            since = now - timedelta(minutes=1)
            closings = operators.closings_since(connection, speaker, since)
            too_fast = closings >= CLOSINGS_PER_MINUTE
            if too_fast:
                return None
        operators.keep_response(connection, speaker, response.id, before.id, now, response.state)
        return change

    after = await _step(desk, operator, alarm, edit)
    if too_fast:
        desk.flooded(speaker)
        raise NotYours("more than 5 closings a minute by one token; a person must look")
    return after


async def resend(desk: Desk, operator: Operator, delivery: int) -> None:
    """A dead letter goes again."""
    _permit(operator, May.RESEND)

    def transact(connection: Connection) -> bool:
        done = outbox.resend(connection, delivery)
        if done:
            moved = [(What.DELIVERY, str(delivery))]
            changes.note(connection, moved, desk.clock.now())
        return done

    if not await desk.database.write(transact, Urgency.STEP):
        raise Unknown("dead letter", str(delivery))


class Confirmed(Protocol):
    """What a confirmation must know of its alarm."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def device(self) -> str: ...  # noqa: D102
    @property
    def silent(self) -> bool: ...  # noqa: D102
    @property
    def event_id(self) -> str: ...  # noqa: D102
    @property
    def sort(self) -> str | None: ...  # noqa: D102


def confirmation(alarm: Confirmed, level: str, now: datetime) -> Command | None:
    """The command that shows a level on the alarm's device; None where it can show nothing."""
    kind = kinds.find(alarm.kind)
    spoken = kind is not None and Voice.DEVICE in kind.by and alarm.sort != Sort.CAMERA
    if not spoken or not belief.is_valid_device(alarm.device):
        return None
    data: dict[str, object] = {
        "level": level,
        "silent": alarm.silent,
        "event_id": alarm.event_id,
    }
    return commands.new(alarm.device, "confirm", data, now, CONFIRM_LASTS)


_Edit = Callable[[Connection, Alarm, datetime], Change | None]


async def _step(desk: Desk, operator: Operator, alarm: str, edit: _Edit) -> Alarm:
    """Run one edit of one alarm in one transaction, and hand on what it owes."""

    def transact(connection: Connection) -> tuple[Alarm, list[Delivery], list[Command]]:
        now = desk.clock.now()
        before = alarms.get(connection, alarm, hold=True)
        if before is None or not operator.sees(before.district):
            raise Unknown("alarm", alarm)
        told = untold(before, now)
        change = edit(connection, told[0].alarm if told else before, now)
        if change is None:
            return before, [], []
        confirm = _confirmed(change, operator, now)
        orders = [] if confirm is None else [confirm]
        if orders:
            commands.order(connection, orders)
        context = desk.context(connection, now)
        owed = commit.write(connection, [*told, change], desk.teller, context)
        return change.alarm, owed, orders

    after, owed, orders = await desk.database.write(transact, Urgency.ALARM)
    desk.owed(owed)
    if orders:
        desk.ordered(orders)
    return after


_LEVELS = {
    "claim": "seen",
    Step.ACKNOWLEDGE: "seen",
    Step.CLOSE: "closed",
    ResponseState.ACCEPTED: "seen",
    ResponseState.REJECTED: "rejected",
    ResponseState.DISPATCHED: "dispatched",
    ResponseState.ON_SCENE: "on_scene",
}


def _confirmed(change: Change, operator: Operator, now: datetime) -> Command | None:
    """What to show on the device, on the word of a person or of the receiver with authority."""
    level = _LEVELS.get(change.transition.what)
    if level is None or not (operator.is_person or operator.authority):
        return None
    return confirmation(change.alarm, level, now)


def _versioned(
    version: int, what: str, operator: Operator, edit: Callable[[Alarm, datetime], Change | None]
) -> _Edit:
    """An edit that counts only on the version seen; one's own step again is no defeat."""

    def checked(connection: Connection, before: Alarm, now: datetime) -> Change | None:
        if version + 1 == before.version:
            last = alarms.last_step(connection, before.id)
            if last is not None and (last.by, last.what) == (operator.name, what):
                return None
        _current(connection, before, version)
        return edit(before, now)

    return checked


def _current(connection: Connection, alarm: Alarm, version: int | None) -> None:
    if version is not None and version != alarm.version:
        last = alarms.last_step(connection, alarm.id)
        raise Stale(alarm.id, version, alarm.version, None if last is None else last.by)


def _permit(operator: Operator, what: May) -> None:
    if not operator.may(what):
        raise NotYours(f"the role {operator.role} may not {what.value}")


def _by(operator: Operator, now: datetime, note: str | None = None) -> By:
    return By(name=operator.name, now=now, note=note)
