"""Shifts and hand-overs, as rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from gateway.domain.alarm import Alarm
from gateway.domain.period import Period
from gateway.domain.shift import Handover, OpenAlarm, Shift
from gateway.store import alarms, schema

_shifts, _handovers, _alarms = schema.shifts, schema.handovers, schema.alarms
LIMIT = 500
_encode = msgspec.json.Encoder().encode


class OnDuty(Exception):
    """They are on duty already: another hand of theirs was first."""


def standing(connection: Connection) -> list[Shift]:
    """Everybody on duty, in the order of their coming."""
    rows = connection.execute(
        select(_shifts)
        .where(_shifts.c.ended_at.is_(None))
        .order_by(_shifts.c.began_at, _shifts.c.id)
        .limit(LIMIT)
    )
    return [_shift(row) for row in rows]


def of_person(connection: Connection, person: str) -> Shift | None:
    """The shift in which they are on duty; held until the commit."""
    row = connection.execute(
        select(_shifts)
        .where(_shifts.c.person == person, _shifts.c.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()
    return None if row is None else _shift(row)


def get(connection: Connection, key: str, *, hold: bool = False) -> Shift | None:
    """One shift; `hold` keeps others from changing it until the commit."""
    asked = select(_shifts).where(_shifts.c.id == key)
    row = connection.execute(asked.with_for_update() if hold else asked).one_or_none()
    return None if row is None else _shift(row)


def within(connection: Connection, period: Period) -> list[Shift]:
    """Every shift that lay in a period, if only in part."""
    over = select(_shifts).where(
        _shifts.c.ended_at > period.since, _shifts.c.began_at < period.until
    )
    rows = [*connection.execute(over.order_by(_shifts.c.began_at).limit(20 * LIMIT))]
    found = [_shift(row) for row in rows]
    return found + [one for one in standing(connection) if one.began_at < period.until]


def lately(connection: Connection, since: datetime, limit: int) -> list[Shift]:
    """Shifts that ended since then, the newest first."""
    rows = connection.execute(
        select(_shifts)
        .where(_shifts.c.ended_at > since)
        .order_by(_shifts.c.ended_at.desc(), _shifts.c.id)
        .limit(limit)
    )
    return [_shift(row) for row in rows]


def begin(connection: Connection, shift: Shift) -> None:
    """Write a new one.

    Raises:
        OnDuty: they are on duty already.
    """
    try:
        with connection.begin_nested():
            connection.execute(insert(_shifts), _shift_row(shift))
    except IntegrityError:
        raise OnDuty(shift.person) from None


def save(connection: Connection, shift: Shift) -> None:
    """Write what has changed of it."""
    connection.execute(update(_shifts).where(_shifts.c.id == shift.id).values(_shift_row(shift)))


def offer(connection: Connection, handover: Handover) -> None:
    """Write a new hand-over."""
    connection.execute(insert(_handovers), _handover_row(handover))


def settle(connection: Connection, handover: Handover) -> None:
    """Write what became of it; what was handed over never changes."""
    connection.execute(
        update(_handovers)
        .where(_handovers.c.id == handover.id)
        .values(
            taken_at=handover.taken_at,
            taken_by=handover.taken_by,
            withdrawn_at=handover.withdrawn_at,
        )
    )


def handover(connection: Connection, key: str, *, hold: bool = False) -> Handover | None:
    """One hand-over; `hold` until the commit, so that one alone takes it."""
    asked = select(_handovers).where(_handovers.c.id == key)
    row = connection.execute(asked.with_for_update() if hold else asked).one_or_none()
    return None if row is None else _handover(row)


def offered(connection: Connection, shift: str) -> list[Handover]:
    """What that shift offers, and nobody has taken yet."""
    rows = connection.execute(
        select(_handovers).where(
            _handovers.c.shift == shift,
            _handovers.c.taken_at.is_(None),
            _handovers.c.withdrawn_at.is_(None),
        )
    )
    return [_handover(row) for row in rows]


def listed(connection: Connection, since: datetime, limit: int) -> list[Handover]:
    """Hand-overs since then, the newest first."""
    rows = connection.execute(
        select(_handovers)
        .where(_handovers.c.at >= since)
        .order_by(_handovers.c.at.desc(), _handovers.c.id)
        .limit(limit)
    )
    return [_handover(row) for row in rows]


def opened(connection: Connection, districts: Sequence[str]) -> list[Alarm]:
    """The open alarms of those districts, and what nobody placed; none named: all."""
    rows = connection.execute(select(_alarms).where(*_open_in(districts)))
    return [alarms.made(row) for row in rows]


def count_opened(connection: Connection, districts: Sequence[str]) -> int:
    """How many those are."""
    counted = select(func.count()).select_from(_alarms).where(*_open_in(districts))
    return int(connection.execute(counted).scalar_one())


def held_by(connection: Connection, person: str) -> list[Alarm]:
    """The open alarms that they hold; nobody else changes them until the commit."""
    rows = connection.execute(
        select(_alarms)
        .where(_alarms.c.closed_at.is_(None), _alarms.c.claimed_by == person)
        .order_by(_alarms.c.raised_at, _alarms.c.id)  # as intake does, or they wait in a circle
        .with_for_update()
    )
    return [alarms.made(row) for row in rows]


def _open_in(districts: Sequence[str]) -> list[ColumnElement[bool]]:
    is_open = _alarms.c.closed_at.is_(None)
    if not districts:
        return [is_open]
    return [is_open, or_(_alarms.c.district.is_(None), _alarms.c.district.in_(list(districts)))]


def _shift_row(shift: Shift) -> dict[str, Any]:
    return {
        "id": shift.id,
        "person": shift.person,
        "districts": _encode(shift.districts).decode(),
        "began_at": shift.began_at,
        "ended_at": shift.ended_at,
        "ended_by": shift.ended_by,
    }


def _shift(row: Row[Any]) -> Shift:
    return Shift(
        id=row.id,
        person=row.person,
        districts=tuple(msgspec.json.decode(row.districts)),
        began_at=row.began_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def _handover_row(one: Handover) -> dict[str, Any]:
    return {
        "id": one.id,
        "shift": one.shift,
        "giver": one.giver,
        "taker": one.taker,
        "districts": _encode(one.districts).decode(),
        "at": one.at,
        "note": one.note,
        "open": _encode(one.open).decode(),
        "open_count": one.open_count,
        "taken_at": one.taken_at,
        "taken_by": one.taken_by,
        "withdrawn_at": one.withdrawn_at,
    }


def _handover(row: Row[Any]) -> Handover:
    return Handover(
        id=row.id,
        shift=row.shift,
        giver=row.giver,
        taker=row.taker,
        districts=tuple(msgspec.json.decode(row.districts)),
        at=row.at,
        note=row.note,
        open=tuple(msgspec.json.decode(row.open, type=list[OpenAlarm])),
        open_count=row.open_count,
        taken_at=row.taken_at,
        taken_by=row.taken_by,
        withdrawn_at=row.withdrawn_at,
    )
