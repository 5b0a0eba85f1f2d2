"""Gateways: each one's signs of life, on the store's own time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, delete, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import clocks, schema

_rows = schema.gateways


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """One life of a gateway: what it says of itself with every beat."""

    name: str
    life: str
    """Drawn anew at each start."""
    version: str
    keys: bytes
    """Tells whether two gateways have the same keys, and nothing about them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One gateway, as the store knows it."""

    name: str
    life: str
    version: str
    keys: bytes
    age: timedelta
    """Since its last sign of life."""
    left: timedelta | None
    """Since it was stopped in good order; None: it was not."""
    started_at: datetime


def beat(connection: Connection, me: Me, now: datetime) -> Seen | None:
    """A sign of life; how this gateway stood before it, if it was ever there."""
    before = _find(connection, me.name, now)
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    time = clocks.now(connection, now)
    made = make(_rows).values(
        name=me.name,
        life=me.life,
        version=me.version[:40],
        keys=me.keys,
        started_at=time,
        beat_at=time,
        left_at=null(),
    )
    new = made.excluded
    goes_on = _rows.c.life == new.life
    changed = {name: new[name] for name in ("life", "version", "keys", "beat_at", "left_at")}
    started = case((goes_on, _rows.c.started_at), else_=new.started_at)
    connection.execute(
        made.on_conflict_do_update(index_elements=["name"], set_={**changed, "started_at": started})
    )
    return before


def everyone(connection: Connection, now: datetime) -> list[Seen]:
    """Every gateway that was ever there and was not forgotten."""
    time = clocks.now(connection, now).label("now")
    return [_seen(row) for row in connection.execute(select(_rows, time).order_by(_rows.c.name))]


def leave(connection: Connection, name: str, now: datetime) -> None:
    """It stops in good order: nobody need worry, for a while."""
    connection.execute(
        update(_rows).where(_rows.c.name == name).values(left_at=clocks.now(connection, now))
    )


def forget(connection: Connection, name: str) -> bool:
    """It will not come back; False where it was never there."""
    return connection.execute(delete(_rows).where(_rows.c.name == name)).rowcount == 1


def _find(connection: Connection, name: str, now: datetime) -> Seen | None:
    time = clocks.now(connection, now).label("now")
    row = connection.execute(select(_rows, time).where(_rows.c.name == name)).one_or_none()
    return None if row is None else _seen(row)


def _seen(row: Row[Any]) -> Seen:
    now = schema.moment(row.now)
    return Seen(
        name=row.name,
        life=row.life,
        version=row.version,
        keys=bytes(row.keys),
        age=now - row.beat_at,
        left=None if row.left_at is None else now - row.left_at,
        started_at=row.started_at,
    )
