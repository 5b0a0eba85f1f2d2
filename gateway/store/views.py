"""Views: what the pages and the API read, each in one look; nothing here writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select

from gateway.domain.alarm import Alarm
from gateway.store import alarms, changes, schema
from gateway.store.changes import Moved, What

_deliveries = schema.deliveries
_alarms = schema.alarms


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One notice owed to one receiver, and how far it has come; without its body."""

    id: int
    key: str
    alarm: str | None
    receiver: str
    number: int
    type: str
    priority: int
    device: str
    state: str
    attempts: int
    created_at: datetime
    settled_at: datetime | None
    answer: str | None
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What moved after a position, with everything that it takes to show it."""

    moved: tuple[Moved, ...]
    alarms: dict[str, Alarm]
    first: dict[str, list[DeliveryView]]
    """The first notices of those alarms."""
    deliveries: dict[str, tuple[DeliveryView, str | None]]
    """By their change's key, each with the district of its alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What a heartbeat says, and which tokens still open a door."""

    open: dict[tuple[str | None, int], int]
    """How many alarms are open, by district and priority."""
    tokens: frozenset[str]


def news(connection: Connection, position: int, limit: int) -> News:
    """What moved after that position, in commit order."""
    moved = changes.after(connection, position, limit)
    keys = {what: [one.key for one in moved if one.what is what] for what in What}
    found = alarms.by_ids(connection, keys[What.ALARM]) if keys[What.ALARM] else []
    return News(
        moved=tuple(moved),
        alarms={alarm.id: alarm for alarm in found},
        first=first_deliveries(connection, keys[What.ALARM]) if found else {},
        deliveries=_moved_deliveries(connection, keys[What.DELIVERY]),
    )


def pulse(connection: Connection) -> Pulse:
    """The open alarms and the standing tokens; a whole look, for a page trusts it to be alive."""
    counts = connection.execute(_OPEN)
    return Pulse(
        open={(district, priority): count for district, priority, count in counts},
        tokens=frozenset(connection.execute(_STANDING).scalars()),
    )


def deliveries_of(connection: Connection, alarm: str) -> list[DeliveryView]:
    """Everything owed of an alarm, in order."""
    owed = select(*_SHOWN).where(_deliveries.c.alarm == alarm)
    rows = connection.execute(owed.order_by(_deliveries.c.id).limit(2000))
    return [_delivery(row) for row in rows]


def first_deliveries(connection: Connection, keys: Iterable[str]) -> dict[str, list[DeliveryView]]:
    """The first notice of each of those alarms, to each receiver; repeats would be too many."""
    rows = connection.execute(_FIRST, {"alarms": list(keys)})
    found: dict[str, list[DeliveryView]] = {}
    for row in rows:
        found.setdefault(row.alarm, []).append(_delivery(row))
    return found


def deliveries(
    connection: Connection,
    state: str | None,
    districts: frozenset[str],
    limit: int,
    before: int | None,
) -> list[DeliveryView]:
    """A page of deliveries, the newest first."""
    conditions = _in_districts(districts)
    if state is not None:
        conditions.append(_deliveries.c.state == state)
    if before is not None:
        conditions.append(_deliveries.c.id < before)
    rows = connection.execute(
        select(*_SHOWN)
        .outerjoin(_alarms, _alarms.c.id == _deliveries.c.alarm)
        .where(*conditions)
        .order_by(_deliveries.c.id.desc())
        .limit(limit)
    )
    return [_delivery(row) for row in rows]


def delivery(connection: Connection, number: int, districts: frozenset[str]) -> DeliveryView | None:
    """One delivery, where its alarm is of those districts."""
    row = connection.execute(
        select(*_SHOWN)
        .outerjoin(_alarms, _alarms.c.id == _deliveries.c.alarm)
        .where(_deliveries.c.id == number, *_in_districts(districts))
    ).one_or_none()
    return None if row is None else _delivery(row)


def last_heard(connection: Connection, devices: Iterable[str]) -> dict[str, datetime]:
    """When those devices were last written down as heard, before this life of the gateway too."""
    rows = schema.device_states
    found = connection.execute(
        select(rows.c.device, rows.c.heard_at).where(rows.c.device.in_(list(devices)))
    )
    return {row.device: row.heard_at for row in found if row.heard_at is not None}


def last_said(connection: Connection, device: str) -> tuple[datetime | None, dict[str, Any]] | None:
    """When a device was last written down as heard, and what its last check-in said."""
    rows = schema.device_states
    row = connection.execute(select(rows).where(rows.c.device == device)).one_or_none()
    return None if row is None else (row.heard_at, msgspec.json.decode(row.said))


def _moved_deliveries(
    connection: Connection, keys: Sequence[str]
) -> dict[str, tuple[DeliveryView, str | None]]:
    numbers = [int(key) for key in keys if key.isdecimal()]
    if not numbers:
        return {}
    rows = connection.execute(
        select(*_SHOWN, _alarms.c.district)
        .outerjoin(_alarms, _alarms.c.id == _deliveries.c.alarm)
        .where(_deliveries.c.id.in_(numbers))
    )
    return {str(row.id): (_delivery(row), row.district) for row in rows}


def _in_districts(districts: frozenset[str]) -> list[ColumnElement[bool]]:
    if not districts:
        return []
    district = _alarms.c.district
    return [or_(district.is_(None), district.in_(sorted(districts)))]


def _delivery(row: Any) -> DeliveryView:  # noqa: ANN401 - a row, of whatever width
    return DeliveryView(**{column.name: getattr(row, column.name) for column in _SHOWN})


_SHOWN = tuple(_deliveries.c[name] for name in DeliveryView.__dataclass_fields__)
_FIRST = (
    select(*_SHOWN)
    .where(_deliveries.c.alarm.in_(bindparam("alarms", expanding=True)), _deliveries.c.number == 1)
    .order_by(_deliveries.c.id)
)
_OPEN = (
    select(_alarms.c.district, _alarms.c.priority, func.count())
    .where(_alarms.c.closed_at.is_(None))
    .group_by(_alarms.c.district, _alarms.c.priority)
)
_STANDING = select(schema.tokens.c.name).where(schema.tokens.c.revoked_at.is_(None))
