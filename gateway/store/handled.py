"""Handled: the alarms of a period, each with who took it up first and how it ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from gateway.domain.alarm import Alarm
from gateway.domain.period import Period
from gateway.store import alarms, figures, schema

_rows, _lines = schema.alarms, schema.transitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """One alarm, and the first who took it up."""

    alarm: Alarm
    taken_by: str | None
    after: timedelta | None
    """How long it waited for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledPage:
    """The gravest of a period, and whether there are more."""

    items: list[Handled]
    is_all: bool


def within(
    connection: Connection, period: Period, districts: frozenset[str], limit: int
) -> HandledPage:
    """The alarms that were raised in it, the gravest first, then the oldest."""
    found = [
        alarms.made(row)
        for row in connection.execute(
            select(_rows)
            .where(*figures.real(period, districts))
            .order_by(_rows.c.priority, _rows.c.raised_at, _rows.c.id)
            .limit(limit + 1)
        )
    ]
    page = found[:limit]
    first = _first(connection, [one.id for one in page])
    return HandledPage(items=[_handled(one, first) for one in page], is_all=len(found) <= limit)


def _first(connection: Connection, keys: list[str]) -> dict[str, tuple[str, datetime]]:
    rows = connection.execute(
        select(_lines.c.alarm, _lines.c.by, _lines.c.at)
        .where(_lines.c.alarm.in_(keys), schema.TAKING)
        .order_by(_lines.c.id.desc())
    )
    return {alarm: (by, at) for alarm, by, at in rows}


def _handled(alarm: Alarm, first: dict[str, tuple[str, datetime]]) -> Handled:
    by, at = first.get(alarm.id, (None, None))
    after = None if at is None else max(timedelta(), at - alarm.raised_at)
    return Handled(alarm=alarm, taken_by=by, after=after)
