"""Relieve: a person comes on duty, hands over, and the next one takes it; each in one transaction.

Who offers stays on duty until the other has taken it; what the one held is then held by the other.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from gateway.desk import Desk
from gateway.domain import shift as rules
from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change, untold
from gateway.domain.deed import Deed
from gateway.domain.errors import Foreign, Incomplete, NotYours, Unknown
from gateway.domain.operator import May, Operator
from gateway.domain.shift import Handover, Shift
from gateway.domain.steps import By
from gateway.store import audit, commit, shifts
from gateway.store.database import Urgency
from gateway.store.outbox import Delivery

_NOT_ON_DUTY = "you are not on duty: begin your shift first"


async def begin(desk: Desk, operator: Operator) -> Shift:
    """They come on duty; whoever is on duty stays so."""
    _permit(operator)

    def transact(connection: Connection) -> Shift:
        return _on_duty(connection, desk, operator)

    return await desk.database.write(transact, Urgency.STEP)


async def end(desk: Desk, operator: Operator, shift: str) -> Shift:
    """They go, or a supervisor ends a shift that was left standing; what they held lapses by time.

    Raises:
        Refusal: see domain.shift.
    """
    _permit(operator)

    def transact(connection: Connection) -> Shift:
        now = desk.clock.now()
        before = shifts.get(connection, shift, hold=True)
        if before is None:
            raise Unknown("shift", shift)
        if not before.is_seen_by(operator):
            raise Foreign("shift", shift)
        opened = shifts.count_opened(connection, before.districts)
        after = rules.end(before, operator, shifts.standing(connection), opened, now)
        shifts.save(connection, after)
        _withdraw_all(connection, before, now)
        _audit(connection, desk, operator, Deed.SHIFT_ENDED, before.id, {"of": before.person})
        return after

    return await desk.database.write(transact, Urgency.STEP)


async def offer(desk: Desk, operator: Operator, taker: str | None, note: str) -> Handover:
    """Hand over to the next, with what is open now; an offer that stood before is withdrawn.

    Raises:
        Incomplete: they are not on duty.
    """
    _permit(operator)

    def look(connection: Connection) -> tuple[Shift, list[Alarm]]:
        own = shifts.of_person(connection, operator.name)
        if own is None:
            raise Incomplete(_NOT_ON_DUTY)
        return own, shifts.opened(connection, own.districts)

    # There may be ten thousand of them: they are read before anything is held.
    own, opened = await desk.database.read(look)
    now = desk.clock.now()
    one = rules.offer(_key(), own, taker, note, opened, now)

    def transact(connection: Connection) -> Handover:
        still = shifts.get(connection, own.id, hold=True)
        if still is None or still.ended_at is not None:
            raise Incomplete(_NOT_ON_DUTY)
        _withdraw_all(connection, own, now)
        shifts.offer(connection, one)
        said = {"to": taker, "count": one.open_count, "note": one.note or None}
        _audit(connection, desk, operator, Deed.SHIFT_OFFERED, one.id, said)
        return one

    return await desk.database.write(transact, Urgency.STEP)


async def take(desk: Desk, operator: Operator, handover: str) -> Handover:
    """The next one takes it: on duty from now on, and holding what the other held.

    Raises:
        Claimed: another one was first. Refusal: see domain.shift.
    """
    _permit(operator)

    def transact(connection: Connection) -> tuple[Handover, list[Delivery]]:
        now = desk.clock.now()
        offered = _seen(connection, operator, handover)
        # The shift is locked first, and alarms before the audit: as whoever else is here does it.
        giver = shifts.get(connection, offered.shift, hold=True)
        before = _seen(connection, operator, handover, hold=True)
        after = rules.take(before, operator, now)
        if after is None:
            return before, []
        held = _held(connection, operator, after, now)
        if giver is not None and giver.ended_at is None:
            ended = replace(giver, ended_at=now, ended_by=operator.name)
            shifts.save(connection, ended)
        _on_duty(connection, desk, operator)
        shifts.settle(connection, after)
        said = {"from": before.giver, "count": len(held)}
        _audit(connection, desk, operator, Deed.SHIFT_HANDED_OVER, before.id, said)
        for alarm, passed in held:
            one = audit.step(operator, alarm, passed[-1], desk.teller.gateway)
            audit.note(connection, one, now)
        changed = [change for _, passed in held for change in passed]
        return after, commit.write(connection, changed, desk.teller, desk.context(connection, now))

    after, owed = await desk.database.write(transact, Urgency.STEP)
    desk.owed(owed)
    return after


async def withdraw(desk: Desk, operator: Operator, handover: str) -> Handover:
    """They stay after all.

    Raises:
        Refusal: see domain.shift.
    """
    _permit(operator)

    def transact(connection: Connection) -> Handover:
        before = _seen(connection, operator, handover, hold=True)
        after = rules.withdraw(before, operator, desk.clock.now())
        shifts.settle(connection, after)
        _audit(connection, desk, operator, Deed.SHIFT_KEPT, before.id, {})
        return after

    return await desk.database.write(transact, Urgency.STEP)


def _on_duty(connection: Connection, desk: Desk, operator: Operator) -> Shift:
    before = shifts.of_person(connection, operator.name)
    after = rules.begin(_key(), operator, before, desk.clock.now())
    if before is None:
        try:
            shifts.begin(connection, after)
        except shifts.OnDuty:  # by another hand of theirs, a moment ago
            return shifts.of_person(connection, operator.name) or after
        said = {"districts": list(after.districts) or None}
        _audit(connection, desk, operator, Deed.SHIFT_BEGUN, after.id, said)
    return after


def _held(
    connection: Connection, operator: Operator, handover: Handover, now: datetime
) -> list[tuple[Alarm, list[Change]]]:
    """What the giver holds and the taker sees, each with the changes that pass it on."""
    found = []
    for alarm in shifts.held_by(connection, handover.giver):
        if operator.sees(alarm.district):
            told = untold(alarm, now)
            by = By(name=operator.name, now=now)
            passed = rules.passed_on(told[0].alarm if told else alarm, handover, by)
            found.append((alarm, [*told, passed]))
    return found


def _seen(connection: Connection, operator: Operator, key: str, *, hold: bool = False) -> Handover:
    found = shifts.handover(connection, key, hold=hold)
    if found is None:
        raise Unknown("hand-over", key)
    if not found.is_seen_by(operator):
        raise Foreign("hand-over", key)
    return found


def _audit(
    connection: Connection,
    desk: Desk,
    operator: Operator,
    what: Deed,
    key: str,
    said: Mapping[str, object],
) -> None:
    one = audit.by(operator, what, key, said, gateway=desk.teller.gateway)
    audit.note(connection, one, desk.clock.now())


def _withdraw_all(connection: Connection, shift: Shift, now: datetime) -> None:
    for one in shifts.offered(connection, shift.id):
        shifts.settle(connection, replace(one, withdrawn_at=now))


def _key() -> str:
    return secrets.token_hex(16)


def _permit(operator: Operator) -> None:
    if not operator.may(May.HAND_OVER):
        raise NotYours(f"the role {operator.role} may not {May.HAND_OVER.value}")
