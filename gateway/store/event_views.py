"""Views of the journal: one lane's events for a page, the newest first."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, or_, select

from adapters.signal import Lane
from gateway.store import archives, chain, schema
from gateway.store.archives import ArchiveGone

EXAMINED = 20_000
"""Journal rows one page of events looks at: a rare device must not make a page read everything."""
_JOURNALS = {"alarm": schema.journal_alarm, "event": schema.journal_event}


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


def events(
    connection: Connection, sought: Sought, limit: int, before: dict[str, int] | None
) -> tuple[list[EventView], dict[str, int]]:
    """A page of one lane's journal, the newest first, and where each gateway's chain goes on.

    `before` is what the last page gave; an empty answer there means that nothing is left.
    """
    rows = _JOURNALS[sought.lane]
    places = _heads(connection, Lane(sought.lane)) if before is None else before
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
        first = chain.next_number(connection, gateway, Lane(sought.lane), 0)
        if first is not None and end > first:
            left[gateway] = end
    return merged, left


def _heads(connection: Connection, lane: Lane) -> dict[str, int]:
    """One beyond the last number of each gateway's chain."""
    names = chain.gateways(connection, lane)
    return {name: chain.last_number(connection, name, lane) + 1 for name in names}


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
    asked = select(rows).where(*conditions).order_by(rows.c.number.desc()).limit(limit)
    found = [_event(row, sought.lane) for row in connection.execute(asked)]
    if sought.lane == Lane.EVENT:
        for day in archives.days_within(connection, gateway, number - EXAMINED, number - 1):
            if len(found) >= limit:
                break
            # A file that is gone is for `journal verify` to miss; a page shows what is there.
            with suppress(ArchiveGone), archives.opened(connection, day) as moved:
                found += [_event(row, sought.lane) for row in moved.execute(asked)]
    return found[:limit]


def _newest_first(event: EventView) -> tuple[float, str, int]:
    return -event.received_at.timestamp(), event.gateway, -event.number


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
