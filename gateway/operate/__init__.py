"""What a person or the centre does to an alarm: one step, one transaction, by its version."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.desk import Desk
from gateway.domain import steps
from gateway.domain.alarm import Alarm, Disposition, Step
from gateway.domain.decision import Change
from gateway.domain.deed import Deed
from gateway.domain.errors import Incomplete, NotYours, Unknown
from gateway.domain.operator import May, Operator
from gateway.domain.steps import By, Response, ResponseState
from gateway.operate.confirming import confirmation
from gateway.operate.holding import agree, claim, reopen, signs_of_life, take_over
from gateway.operate.step import current, permit, said_by, take, versioned
from gateway.store import alarms, audit, changes, deliveries, operators, outbox
from gateway.store.changes import What
from gateway.store.database import Urgency

__all__ = [
    "acknowledge",
    "add_note",
    "agree",
    "claim",
    "close",
    "confirmation",
    "reopen",
    "resend",
    "respond",
    "shelve",
    "signs_of_life",
    "take_over",
    "tick",
    "unshelve",
]

CLOSINGS_PER_MINUTE = 5


async def tick(
    desk: Desk, operator: Operator, alarm: str, step: str, *, done: bool = True
) -> Alarm:
    """A step of the procedure is done; the same again changes nothing."""
    permit(operator, May.STEP)

    def edit(connection: Connection, before: Alarm, now: datetime) -> Change | None:
        if alarms.is_ticked(connection, before.id, step) is done:
            return None
        return steps.tick(before, said_by(operator, now), step, done=done)

    return await take(desk, operator, alarm, edit)


async def acknowledge(
    desk: Desk, operator: Operator, alarm: str, version: int, note: str | None = None
) -> Alarm:
    """A person has seen it."""
    permit(operator, May.STEP)
    edit = versioned(
        version,
        Step.ACKNOWLEDGE,
        operator,
        lambda a, now: steps.acknowledge(a, said_by(operator, now, note)),
    )
    return await take(desk, operator, alarm, edit)


async def add_note(desk: Desk, operator: Operator, alarm: str, note: str) -> Alarm:
    """A line in the time line."""
    permit(operator, May.STEP)
    return await take(
        desk, operator, alarm, lambda _, a, now: steps.add_note(a, said_by(operator, now, note))
    )


async def shelve(
    desk: Desk, operator: Operator, alarm: str, version: int, until: datetime, reason: str
) -> Alarm:
    """Hide it for a time. P0 never."""
    permit(operator, May.SHELVE)
    edit = versioned(
        version,
        "shelve",
        operator,
        lambda a, now: steps.shelve(a, said_by(operator, now, reason), until),
    )
    return await take(desk, operator, alarm, edit)


async def unshelve(desk: Desk, operator: Operator, alarm: str, version: int) -> Alarm:
    """Show it again."""
    permit(operator, May.SHELVE)
    edit = versioned(
        version, "unshelve", operator, lambda a, now: steps.unshelve(a, said_by(operator, now))
    )
    return await take(desk, operator, alarm, edit)


async def close(
    desk: Desk,
    operator: Operator,
    alarm: str,
    version: int,
    disposition: Disposition,
    note: str | None = None,
) -> Alarm:
    """End it, with how it ended; where that matters, not without a note."""
    permit(operator, May.STEP)

    def edit(before: Alarm, now: datetime) -> Change:
        _noted(disposition, note)
        return steps.close(before, said_by(operator, now, note), disposition)

    return await take(desk, operator, alarm, versioned(version, Step.CLOSE, operator, edit))


async def respond(desk: Desk, operator: Operator, alarm: str, response: Response) -> Alarm:
    """What the centre, or a person for it, says of the alarm; the same id again changes nothing."""
    permit(operator, May.RESPOND)
    speaker = operator.receiver or f"operator {operator.name}"
    too_fast = False

    def edit(connection: Connection, before: Alarm, now: datetime) -> Change | None:
        nonlocal too_fast
        if not operator.is_person and not deliveries.was_told(connection, speaker, before.id):
            raise Unknown("alarm", before.id)
        if operators.response_known(connection, speaker, response.id):
            return None
        current(connection, before, response.version)
        if operator.is_person and response.state is ResponseState.CLOSED:
            _noted(response.disposition, response.note)
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

    after = await take(desk, operator, alarm, edit)
    if too_fast:
        desk.flooded(speaker)
        raise NotYours("more than 5 closings a minute by one token; a person must look")
    return after


async def resend(desk: Desk, operator: Operator, delivery: int) -> None:
    """A dead letter goes again."""
    permit(operator, May.RESEND)

    deed = audit.by(operator, Deed.RESEND, str(delivery), gateway=desk.teller.gateway)

    def transact(connection: Connection) -> None:
        now = desk.clock.now()
        audit.note(connection, deed, now)
        if not outbox.resend(connection, delivery):
            raise Unknown("dead letter", str(delivery))
        changes.note(connection, [(What.DELIVERY, str(delivery))], now)

    await desk.database.write(transact, Urgency.STEP)


def _noted(disposition: Disposition | None, note: str | None) -> None:
    if disposition in steps.NOTED and not (note or "").strip():
        raise Incomplete(f"closing as {disposition} needs a note")
