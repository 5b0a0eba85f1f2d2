"""Figures counted in the store: few questions, each answered by an index without the rows.

Measured on a million alarms in tests/bench (see ADR 0106). Only real alarms count, no tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from gateway.domain.event import Affected
from gateway.domain.figures import SLOT, TAKEN_WITHIN_S, FalseAlarms, Silence, concerned
from gateway.domain.kind import Priority
from gateway.domain.period import Period
from gateway.store import schema

SITES_LIMIT = 20
_MICROSECONDS = 1_000_000
_rows, _lines = schema.alarms, schema.transitions
_RAISED = type_coerce(func.coalesce(_rows.c.raised_at, 0), schema.Instant)
"""The same, not by its index: few alarms are taken up, and they are found by who took them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silences:
    """How silent a district was: what one device is about, added up; and what is about many."""

    alone: dict[str, tuple[timedelta, int]]
    """By district: all the silences of single devices together, and how many there were."""
    together: list[Silence]
    """Each silence of a whole site or district."""


def raised(
    connection: Connection, period: Period, districts: frozenset[str]
) -> dict[tuple[int, Priority], int]:
    """How many were raised, by ten minutes since the period's beginning and by priority."""
    at = type_coerce(_rows.c.raised_at, BigInteger)
    slot = (at - schema.microseconds(period.since)) // (SLOT // timedelta(microseconds=1))
    rows = connection.execute(
        select(slot.label("slot"), _rows.c.priority, func.count())
        .where(*real(period, districts))
        .group_by("slot", _rows.c.priority)
    )
    return {(int(place), Priority(priority)): count for place, priority, count in rows}


def taken(
    connection: Connection, period: Period, districts: frozenset[str]
) -> dict[Priority, dict[int, int]]:
    """How many alarms of P0 and P1 were taken within how many seconds, by priority."""
    late = timedelta(seconds=TAKEN_WITHIN_S)
    first = (
        select(_rows.c.priority, _rows.c.raised_at, func.min(_lines.c.at).label("at"))
        .join(_lines, _lines.c.alarm == _rows.c.id)
        .where(
            schema.TAKING,
            _lines.c.at >= period.since,
            _lines.c.at < period.until + late,
            *real(period, districts, _RAISED),
            _rows.c.priority <= int(Priority.P1),
        )
        .group_by(_rows.c.id, _rows.c.priority, _rows.c.raised_at)
        .subquery()
    )
    passed = type_coerce(first.c.at, BigInteger) - type_coerce(first.c.raised_at, BigInteger)
    after = ((passed + _MICROSECONDS - 1) // _MICROSECONDS).label("after")
    rows = connection.execute(
        select(first.c.priority, after, func.count())
        .where(passed <= late // timedelta(microseconds=1))
        .group_by(first.c.priority, "after")
    )
    found: dict[Priority, dict[int, int]] = {}
    for priority, seconds, count in rows:
        found.setdefault(Priority(priority), {})[max(0, int(seconds))] = count
    return found


def false_alarms(
    connection: Connection, period: Period, districts: frozenset[str]
) -> list[FalseAlarms]:
    """The sites with the most false alarms of P0 and P1, and how many each raised in all."""
    is_grave = _rows.c.priority <= int(Priority.P1)
    false = func.count().label("false")
    worst = connection.execute(
        select(_rows.c.site, false)
        .where(schema.FALSE, *real(period, districts), is_grave, _rows.c.site.is_not(None))
        .group_by(_rows.c.site)
        .order_by(false.desc(), _rows.c.site)
        .limit(SITES_LIMIT)
    ).all()
    sites = [site for site, _ in worst]
    if not sites:
        return []
    all_of_them = connection.execute(
        select(_rows.c.site, func.count())
        .where(*real(period, districts), is_grave, _rows.c.site.in_(sites))
        .group_by(_rows.c.site)
    )
    total = {row[0]: row[1] for row in all_of_them}
    return [FalseAlarms(site=site, false=count, raised=total[site]) for site, count in worst]


def silences(connection: Connection, period: Period, districts: frozenset[str]) -> Silences:
    """The silences of that period, by district; what began before it counts from its beginning."""
    alone: dict[str, tuple[timedelta, int]] = {}
    for is_over in (True, False):
        for district, length, count in connection.execute(
            _alone(period, districts, is_over=is_over)
        ):
            known = alone.get(district, (timedelta(), 0))
            alone[district] = (known[0] + timedelta(microseconds=int(length)), known[1] + count)
    return Silences(alone=alone, together=_together(connection, period, districts))


def devices(connection: Connection, districts: frozenset[str]) -> dict[str, tuple[int, int]]:
    """How many devices hang in each district, and how many of them are silent now."""
    sites, states, ones = schema.sites, schema.device_states, schema.devices
    rows = connection.execute(
        select(sites.c.district, func.count(), func.count(states.c.silent_at))
        .select_from(ones)
        .join(sites, sites.c.id == ones.c.site)
        .outerjoin(states, states.c.device == ones.c.id)
        .where(sites.c.district.in_(sorted(districts)) if districts else true())
        .group_by(sites.c.district)
    )
    return {district: (count, silent) for district, count, silent in rows}


def _alone(period: Period, districts: frozenset[str], *, is_over: bool) -> Select[Any]:
    begin, end = schema.microseconds(period.since), schema.microseconds(period.until)
    began = type_coerce(_rows.c.raised_at, BigInteger)
    ended = type_coerce(_rows.c.closed_at, BigInteger) if is_over else literal(end, BigInteger)
    length = _lesser(ended, literal(end, BigInteger)) - _greater(began, literal(begin, BigInteger))
    return (
        select(_rows.c.district, func.sum(length), func.count())
        .where(*_silent_in(period, districts, is_over=is_over), _rows.c.affected.is_(None))
        .group_by(_rows.c.district)
    )


def _together(connection: Connection, period: Period, districts: frozenset[str]) -> list[Silence]:
    """What stands for many ends when it went back by itself, whoever closes it afterwards."""
    back = (
        select(func.max(_lines.c.at))
        .where(_lines.c.alarm == _rows.c.id, _lines.c.what == "return")
        .scalar_subquery()
    )
    shown = (_rows.c.district, _rows.c.raised_at, _rows.c.closed_at, _rows.c.affected)
    found: list[Silence] = []
    for is_over in (True, False):
        conditions = _silent_in(period, districts, is_over=is_over)
        asked = select(*shown, back.label("back")).where(*conditions, _rows.c.affected.is_not(None))
        found += [_silence(row) for row in connection.execute(asked)]
    return found


def _silence(row: Any) -> Silence:  # noqa: ANN401 - a row, of whatever width
    return Silence(
        district=row.district,
        began_at=row.raised_at,
        ended_at=row.closed_at if row.back is None else row.back,
        devices=concerned(msgspec.json.decode(row.affected, type=Affected)),
    )


def _silent_in(
    period: Period, districts: frozenset[str], *, is_over: bool
) -> Sequence[ColumnElement[bool]]:
    closed = _rows.c.closed_at
    return (
        and_(
            schema.SILENT,
            closed >= period.since if is_over else closed.is_(None),
            _rows.c.raised_at < period.until,
            _rows.c.test.is_(False),
            _rows.c.district.is_not(None),
        ),
        *_within(districts),
    )


def real(
    period: Period, districts: frozenset[str], at: ColumnElement[datetime] = _rows.c.raised_at
) -> Sequence[ColumnElement[bool]]:
    """Real alarms that were raised in it; what is only information asks for nobody."""
    return (
        and_(
            at >= period.since,
            at < period.until,
            _rows.c.priority <= int(Priority.P2),
            _rows.c.test.is_(False),
        ),
        *_within(districts),
    )


def _within(districts: frozenset[str]) -> Sequence[ColumnElement[bool]]:
    """What nobody placed is everybody's."""
    if not districts:
        return ()
    return (or_(_rows.c.district.is_(None), _rows.c.district.in_(sorted(districts))),)


def _lesser(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one < other, one), else_=other)


def _greater(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one > other, one), else_=other)
