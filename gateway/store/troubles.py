"""Troubles: what stands open of whom; few rows among many, found by the index of the open ones."""

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from gateway.store import schema

_rows = schema.alarms


def standing(
    connection: Connection, kinds: Iterable[str]
) -> set[tuple[str, str, str | None, str | None]]:
    """(kind, device, site, district) of every open alarm of those kinds."""
    rows = connection.execute(
        select(_rows.c.kind, _rows.c.device, _rows.c.site, _rows.c.district).where(
            _rows.c.closed_at.is_(None),
            _rows.c.kind.in_(list(kinds)),
            _rows.c.state != "RETURNED",
        )
    )
    return {(row.kind, row.device, row.site, row.district) for row in rows}


def counts(connection: Connection) -> dict[str, int]:
    """How many are open, by kind."""
    rows = connection.execute(
        select(_rows.c.kind, func.count())
        .where(_rows.c.closed_at.is_(None), _rows.c.test.is_(False))
        .group_by(_rows.c.kind)
    )
    return {row[0]: row[1] for row in rows}


def of_device(connection: Connection, device: str) -> list[str]:
    """The kinds of a device's open alarms, the oldest first."""
    rows = connection.execute(
        select(_rows.c.kind)
        .where(_rows.c.device == device, _rows.c.closed_at.is_(None))
        .order_by(_rows.c.raised_at)
    )
    return list(dict.fromkeys(rows.scalars()))
