"""Views: what the pages and the API read, each in one look; nothing here writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, func, or_, select

from gateway.domain.alarm import Alarm
from gateway.store import alarms, changes, schema
from gateway.store.changes import Moved, What

EXAMINED = 20_000
"""Journal rows one page of events looks at: a rare device must not make a page read everything."""
_deliveries = schema.deliveries
_alarms = schema.alarms
_JOURNALS = {"alarm": schema.journal_alarm, "event": schema.journal_event}


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
class EventView:
    """One row of the journal; the body stays there, for it may name people."""

    gateway: str
    lane: str
    number: int
    device: str
    id: str
    kind: str
    site: str | None
    part: int
    link: str
    received_at: datetime
    said_at: datetime | None
    marks: tuple[str, ...]
    heard_again: int
    folded: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which events are asked for; None takes all."""

    lane: str
    device: str | None = None
    kind: str | None = None
    sites: frozenset[str] | None = None
    also_unplaced: bool = True
    """Beside those sites', what an unregistered device said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What moved after a position, with everything that it takes to show it."""

    moved: tuple[Moved, ...]
    alarms: dict[str, Alarm]
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
        deliveries=_moved_deliveries(connection, keys[What.DELIVERY]),
    )


def pulse(connection: Connection) -> Pulse:
    """The open alarms and the standing tokens; a whole look, for a page trusts it to be alive."""
    counts = connection.execute(
        select(_alarms.c.district, _alarms.c.priority, func.count())
        .where(_alarms.c.closed_at.is_(None))
        .group_by(_alarms.c.district, _alarms.c.priority)
    )
    tokens = schema.tokens
    standing = select(tokens.c.name).where(tokens.c.revoked_at.is_(None))
    return Pulse(
        open={(district, priority): count for district, priority, count in counts},
        tokens=frozenset(connection.execute(standing).scalars()),
    )


def deliveries_of(connection: Connection, keys: Iterable[str]) -> dict[str, list[DeliveryView]]:
    """What is owed of those alarms, in order."""
    rows = connection.execute(
        select(*_SHOWN).where(_deliveries.c.alarm.in_(list(keys))).order_by(_deliveries.c.id)
    )
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


def was_told(connection: Connection, receiver: str, alarm: str) -> bool:
    """Whether anything of that alarm was owed to that receiver."""
    rows = select(_deliveries.c.id).where(
        _deliveries.c.alarm == alarm, _deliveries.c.receiver == receiver
    )
    return connection.execute(rows.limit(1)).first() is not None


def last_said(connection: Connection, device: str) -> tuple[datetime, dict[str, Any]] | None:
    """When a device was last written down as heard, and what its last check-in said."""
    rows = schema.device_states
    row = connection.execute(select(rows).where(rows.c.device == device)).one_or_none()
    return None if row is None else (row.heard_at, msgspec.json.decode(row.said))


def events(
    connection: Connection, sought: Sought, limit: int, before: dict[str, int] | None
) -> tuple[list[EventView], dict[str, int]]:
    """A page of one lane's journal, the newest first, and where each gateway's chain goes on.

    `before` is what the last page gave; an empty answer there means that nothing is left.
    """
    rows = _JOURNALS[sought.lane]
    places = _heads(connection, rows) if before is None else before
    chains = {
        gateway: _page(connection, rows, sought, gateway, number, limit)
        for gateway, number in places.items()
    }
    merged = sorted((row for page in chains.values() for row in page), key=_newest_first)[:limit]
    taken = {(row.gateway, row.number) for row in merged}
    left: dict[str, int] = {}
    for gateway, number in places.items():
        shown = [row.number for row in chains[gateway] if (gateway, row.number) in taken]
        if len(shown) < len(chains[gateway]) or len(shown) == limit:
            end = min(shown, default=number)
        else:
            end = number - EXAMINED
        if end > 1:
            left[gateway] = end
    return merged, left


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


def _heads(connection: Connection, rows: Table) -> dict[str, int]:
    """One beyond the last number of each gateway's chain; found by the index, one by one."""
    heads: dict[str, int] = {}
    gateway = ""
    while True:
        key = connection.execute(
            select(func.min(rows.c.gateway)).where(rows.c.gateway > gateway)
        ).scalar()
        if key is None:
            return heads
        last = select(func.max(rows.c.number)).where(rows.c.gateway == key)
        gateway = str(key)
        heads[gateway] = connection.execute(last).scalar_one() + 1


def _page(
    connection: Connection, rows: Table, sought: Sought, gateway: str, number: int, limit: int
) -> list[EventView]:
    conditions = [
        rows.c.gateway == gateway,
        rows.c.number < number,
        rows.c.number >= number - EXAMINED,
    ]
    if sought.device is not None:
        conditions.append(rows.c.device == sought.device)
    if sought.kind is not None:
        conditions.append(rows.c.kind == sought.kind)
    if sought.sites is not None:
        placed = rows.c.site.in_(sorted(sought.sites))
        unplaced = rows.c.site.is_(None)
        conditions.append(or_(unplaced, placed) if sought.also_unplaced else placed)
    found = connection.execute(
        select(rows).where(*conditions).order_by(rows.c.number.desc()).limit(limit)
    )
    return [_event(row, sought.lane) for row in found]


def _newest_first(event: EventView) -> tuple[float, str, int]:
    return -event.received_at.timestamp(), event.gateway, -event.number


def _delivery(row: Any) -> DeliveryView:  # noqa: ANN401 - a row, of whatever width
    return DeliveryView(**{column.name: getattr(row, column.name) for column in _SHOWN})


def _event(row: Row[Any], lane: str) -> EventView:
    return EventView(
        gateway=row.gateway,
        lane=lane,
        number=row.number,
        device=row.device,
        id=row.event_id,
        kind=row.kind,
        site=row.site,
        part=row.part,
        link=row.link,
        received_at=row.received_at,
        said_at=row.said_at,
        marks=tuple(row.marks.split()),
        heard_again=row.heard_again,
        folded=row.folded,
        hash=bytes(row.hash).hex(),
    )


_SHOWN = tuple(_deliveries.c[name] for name in DeliveryView.__dataclass_fields__)
