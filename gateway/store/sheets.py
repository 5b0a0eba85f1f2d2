"""Sheets: the alarms of a time, in order, as a report or an export goes through them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from gateway.domain.alarm import Alarm
from gateway.store import alarms, schema

_rows = schema.alarms
_lines = schema.transitions
Place = tuple[datetime, str]
"""Of an alarm: when it was raised, and its id."""
SEEN = ("claim", "acknowledge", "accepted", "dispatched", "on_scene")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Alarms raised in that time, of those districts; none named: of all."""

    since: datetime
    until: datetime
    districts: frozenset[str] = frozenset()


def count(connection: Connection, span: Span, most: int) -> int:
    """How many alarms, counted no further than that."""
    some = select(_rows.c.id).where(*_within(span)).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def page(connection: Connection, span: Span, limit: int, after: Place | None) -> list[Alarm]:
    """The next of them behind that place, the oldest first."""
    conditions = _within(span)
    if after is not None:
        raised_at, key = after
        same = and_(_rows.c.raised_at == raised_at, _rows.c.id > key)
        conditions.append(or_(_rows.c.raised_at > raised_at, same))
    found = select(_rows).where(*conditions).order_by(_rows.c.raised_at, _rows.c.id).limit(limit)
    return [alarms.made(row) for row in connection.execute(found)]


def first_seen(connection: Connection, keys: Sequence[str]) -> dict[str, datetime]:
    """When each of those alarms was first seen by a person or the centre, where it was."""
    seen = func.min(_lines.c.at, type_=schema.Instant).label("seen_at")
    found = (
        select(_lines.c.alarm, seen)
        .where(_lines.c.alarm.in_(keys), _lines.c.what.in_(SEEN))
        .group_by(_lines.c.alarm)
    )
    return {row.alarm: row.seen_at for row in connection.execute(found)}


def _within(span: Span) -> list[ColumnElement[bool]]:
    found = [_rows.c.raised_at >= span.since, _rows.c.raised_at < span.until]
    if span.districts:
        # What nobody placed is everybody's.
        theirs = _rows.c.district.in_(sorted(span.districts))
        found.append(or_(theirs, _rows.c.district.is_(None)))
    return found
