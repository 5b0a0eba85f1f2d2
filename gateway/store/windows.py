"""Test windows, as rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from gateway.domain.window import Window
from gateway.store import schema, versions
from gateway.store.prepared import Prepared

_rows = schema.windows


def active(connection: Connection, at: datetime) -> list[Window]:
    """The windows open at that moment; held until the commit, for a press counts in them."""
    rows = connection.execute(
        select(_rows)
        .where(_rows.c.closed_at.is_(None), _rows.c.until > at)
        .order_by(_rows.c.opened_at)
        .with_for_update()
    )
    return [_window(row) for row in rows]


def open_window(connection: Connection, window: Window) -> None:
    """Write a new window."""
    connection.execute(insert(_rows), _row(window))
    versions.move(connection, versions.WINDOWS)


def save(connection: Connection, window: Window) -> None:
    """Write what has changed of it."""
    connection.execute(update(_rows).where(_rows.c.id == window.id).values(_row(window)))


def get(connection: Connection, window_id: str) -> Window | None:
    """One window; held until the commit, for a press may be counting in it."""
    row = connection.execute(
        select(_rows).where(_rows.c.id == window_id).with_for_update()
    ).one_or_none()
    return None if row is None else _window(row)


def by_ids(connection: Connection, keys: Iterable[str]) -> list[Window]:
    """Those windows, in no order."""
    rows = connection.execute(select(_rows).where(_rows.c.id.in_(list(keys))))
    return [_window(row) for row in rows]


def listed(connection: Connection, since: datetime, limit: int) -> list[Window]:
    """Windows still open, or that ended since then; the newest first."""
    rows = connection.execute(
        select(_rows)
        .where(or_(_rows.c.closed_at.is_(None), _rows.c.closed_at > since))
        .order_by(_rows.c.opened_at.desc())
        .limit(limit)
    )
    return [_window(row) for row in rows]


def devices(connection: Connection, keys: Iterable[str]) -> dict[str, list[str]]:
    """The devices of those windows."""
    wanted = list(keys)
    if not wanted:
        return {}
    found = connection.execute(select(_rows.c.id, _rows.c.expected).where(_rows.c.id.in_(wanted)))
    return {row.id: list(msgspec.json.decode(row.expected)) for row in found}


def districts(connection: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The district of those windows, of each that lies in one alone."""
    of_window = devices(connection, keys)
    if not of_window:
        return {}
    rows, sites = schema.devices, schema.sites
    places = connection.execute(
        select(rows.c.id, sites.c.district)
        .join(sites, sites.c.id == rows.c.site)
        .where(rows.c.id.in_([one for ones in of_window.values() for one in ones]))
    )
    district: dict[str, str] = {row.id: row.district for row in places}
    found = {key: {district.get(one, "") for one in ones} for key, ones in of_window.items()}
    return {key: ones.pop() for key, ones in found.items() if len(ones) == 1 and "" not in ones}


def anything_ended(connection: Connection, at: datetime) -> bool:
    """A cheap look whether a window's time has run out."""
    return bool(_ANYTHING_ENDED.rows(connection, {"at": at}))


def ended(connection: Connection, at: datetime) -> list[Window]:
    """Windows whose time has run out and that nobody closed yet."""
    rows = connection.execute(
        select(_rows).where(_rows.c.closed_at.is_(None), _rows.c.until <= at).with_for_update()
    )
    return [_window(row) for row in rows]


def _row(window: Window) -> dict[str, Any]:
    return {
        "id": window.id,
        "expected": msgspec.json.encode(dict(window.expected)).decode(),
        "heard": msgspec.json.encode(dict(window.heard)).decode(),
        "opened_at": window.opened_at,
        "until": window.until,
        "closed_at": window.closed_at,
        "by": window.by,
        "reason": window.reason,
    }


def _window(row: Row[Any]) -> Window:
    return Window(
        id=row.id,
        expected=msgspec.json.decode(row.expected),
        heard=msgspec.json.decode(row.heard),
        opened_at=row.opened_at,
        until=row.until,
        closed_at=row.closed_at,
        by=row.by,
        reason=row.reason,
    )


_ANYTHING_ENDED = Prepared(
    select(_rows.c.id)
    .where(_rows.c.closed_at.is_(None), _rows.c.until <= bindparam("at", type_=schema.Instant()))
    .limit(1)
)
