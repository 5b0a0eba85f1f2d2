"""Alarms in the order of the console's list: the gravest first, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, or_, select

from gateway.domain.alarm import Alarm, State
from gateway.store import alarms, schema
from gateway.store.alarms import Filter

_rows = schema.alarms
_SEEN = (State.ACKNOWLEDGED, State.NORMAL)
_TEST, _HIDDEN = 3, 9


class Place(NamedTuple):
    """Where an alarm stands in the order; the smaller, the graver."""

    weight: Annotated[int, msgspec.Meta(ge=0, le=_HIDDEN)]
    """Twice its priority; a test comes after P1; what somebody hid last, but never a P0."""
    seen: Annotated[int, msgspec.Meta(ge=0, le=1)]
    """0: nobody has it, or it was said again since."""
    raised_at: Annotated[datetime, msgspec.Meta(tz=True)]
    id: str


def place(alarm: Alarm) -> Place:
    """Where an alarm stands; the page's scripts say the same (static/alarms.js)."""
    weight = _TEST if alarm.test else int(alarm.priority) * 2
    return Place(
        weight=_HIDDEN if alarm.hidden is not None and alarm.priority > 0 else weight,
        seen=int(alarm.state in _SEEN),
        raised_at=alarm.raised_at,
        id=alarm.id,
    )


def listed(
    connection: Connection, wanted: Filter, limit: int, after: Place | None = None
) -> Sequence[Alarm]:
    """A page of alarms, those that follow that place."""
    asked = alarms.conditions(wanted)
    if after is not None:
        asked.append(_follow(after))
    statement = select(_rows).where(*asked).order_by(*_ORDER).limit(limit)
    return [alarms.made(row) for row in connection.execute(statement)]


def _follow(place: Place) -> ColumnElement[bool]:
    """Behind it by the first part of the order in which they differ."""
    same: list[ColumnElement[bool]] = []
    behind: list[ColumnElement[bool]] = []
    for part, value in zip(_ORDER, place, strict=True):
        behind.append(and_(*same, part > value))
        same.append(part == value)
    return or_(*behind)


_ORDER: tuple[ColumnElement[Any], ...] = (
    case(
        (and_(_rows.c.hidden.is_not(None), _rows.c.priority > 0), _HIDDEN),
        (_rows.c.test, _TEST),
        else_=_rows.c.priority * 2,
    ),
    case((_rows.c.state.in_([one.value for one in _SEEN]), 1), else_=0),
    _rows.c.raised_at,
    _rows.c.id,
)
