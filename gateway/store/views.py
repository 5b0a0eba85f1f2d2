"""Views: what the pages and the API read, each in one look; nothing here writes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, or_, select, union_all

from gateway.domain.alarm import Alarm
from gateway.domain.consoles import LASTS, Console
from gateway.domain.stills import Still
from gateway.domain.window import Window
from gateway.store import alarms, changes, consoles, done, evidence, schema, windows
from gateway.store.changes import Moved, What
from gateway.store.outbox import Settled

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

    @property
    def window(self) -> str | None:
        """The test window that it tells of."""
        return self.key.partition(":")[0] if self.type.startswith("dabyl.test.") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What moved after a position, with everything that it takes to show it."""

    moved: tuple[Moved, ...]
    alarms: dict[str, Alarm]
    first: dict[str, list[DeliveryView]]
    """The first notices of those alarms."""
    evidence: dict[str, list[Still]]
    """What those alarms asked of cameras."""
    deliveries: dict[str, tuple[DeliveryView, str | None]]
    """By their change's key, each with the district of its alarm."""
    windows: dict[str, Window]
    """The test windows that were opened or closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What a heartbeat says, and which tokens still open a door."""

    open: dict[tuple[str | None, int], int]
    """How many alarms are open, by district and priority."""
    escalated: dict[tuple[str | None, int], int]
    """How many of them climb, by district and rung."""
    consoles: tuple[Console, ...]
    """Those that were heard lately."""
    tokens: frozenset[str]
    """The names of tokens that stand and of people who are let in."""


def news(connection: Connection, position: int, limit: int) -> News:
    """What moved after that position, in commit order."""
    moved = changes.after(connection, position, limit)
    keys = {what: [one.key for one in moved if one.what is what] for what in What}
    found = alarms.by_ids(connection, keys[What.ALARM]) if keys[What.ALARM] else []
    return News(
        moved=tuple(moved),
        alarms={alarm.id: alarm for alarm in found},
        first=first_deliveries(connection, keys[What.ALARM]) if found else {},
        evidence=evidence.of_alarms(connection, keys[What.ALARM]) if found else {},
        deliveries=_moved_deliveries(connection, keys[What.DELIVERY]),
        windows={one.id: one for one in _moved_windows(connection, keys[What.TEST])},
    )


def pulse(connection: Connection, now: datetime) -> Pulse:
    """The open alarms, and who is still let in; a whole look, for a page trusts it to be alive."""
    opened, escalated = Counter[tuple[str | None, int]](), Counter[tuple[str | None, int]]()
    for district, priority, rung, count in connection.execute(_OPEN):
        opened[district, priority] += count
        if rung:
            escalated[district, rung] += count
    return Pulse(
        open=dict(opened),
        escalated=dict(escalated),
        consoles=tuple(consoles.heard_since(connection, now - LASTS)),
        tokens=frozenset(connection.execute(_STANDING).scalars()),
    )


def deliveries_of(connection: Connection, alarm: str) -> list[DeliveryView]:
    """Everything owed of an alarm, in order."""
    asked = [
        shown.where(rows.c.alarm == alarm).order_by(rows.c.id).limit(2000)
        for rows, shown in _TABLES
    ]
    return [_delivery(row) for row in reversed(done.every(connection, asked))][:2000]


def first_deliveries(connection: Connection, keys: Iterable[str]) -> dict[str, list[DeliveryView]]:
    """The first notice of each of those alarms, to each receiver; repeats would be too many."""
    alarms = list(keys)
    asked = [shown.where(rows.c.alarm.in_(alarms), rows.c.number == 1) for rows, shown in _TABLES]
    found: dict[str, list[DeliveryView]] = {}
    for row in reversed(done.every(connection, asked)):
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
    tables = _TABLES if state in {None, Settled.DONE} else _TABLES[:1]
    asked = []
    for rows, shown in tables:
        conditions = _in_districts(districts)
        if state is not None:
            conditions.append(rows.c.state == state)
        if before is not None:
            conditions.append(rows.c.id < before)
        asked.append(shown.where(*conditions).order_by(rows.c.id.desc()).limit(limit))
    return [_delivery(row) for row in done.every(connection, asked, limit)]


def delivery(connection: Connection, number: int, districts: frozenset[str]) -> DeliveryView | None:
    """One delivery, where its alarm is of those districts."""
    asked = [shown.where(rows.c.id == number, *_in_districts(districts)) for rows, shown in _TABLES]
    return next((_delivery(row) for row in done.every(connection, asked)), None)


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
    asked = [
        shown.add_columns(_alarms.c.district).where(rows.c.id.in_(numbers))
        for rows, shown in _TABLES
    ]
    moved = done.every(connection, asked)
    ones = [(_delivery(row), row.district) for row in moved]
    tests = windows.districts(connection, [key for one, _ in ones if (key := one.window)])
    return {str(one.id): (one, district or tests.get(one.window or "")) for one, district in ones}


def _moved_windows(connection: Connection, keys: Sequence[str]) -> list[Window]:
    return windows.by_ids(connection, keys) if keys else []


def _in_districts(districts: frozenset[str]) -> list[ColumnElement[bool]]:
    if not districts:
        return []
    district = _alarms.c.district
    return [or_(district.is_(None), district.in_(sorted(districts)))]


def _delivery(row: Any) -> DeliveryView:  # noqa: ANN401 - a row, of whatever width
    return DeliveryView(**{name: getattr(row, name) for name in _SHOWN})


_SHOWN = tuple(DeliveryView.__dataclass_fields__)
_TABLES = tuple(
    (
        rows,
        select(*(rows.c[name] for name in _SHOWN)).outerjoin(_alarms, _alarms.c.id == rows.c.alarm),
    )
    for rows in done.TABLES
)
"""Each table of deliveries, and what is shown of it, with its alarm beside it."""
_OPEN = (
    select(_alarms.c.district, _alarms.c.priority, _alarms.c.escalation, func.count())
    .where(_alarms.c.closed_at.is_(None))
    .group_by(_alarms.c.district, _alarms.c.priority, _alarms.c.escalation)
)
_STANDING = union_all(
    select(schema.tokens.c.name).where(schema.tokens.c.revoked_at.is_(None)),
    select(schema.people.c.name).where(schema.people.c.disabled_at.is_(None)),
)
