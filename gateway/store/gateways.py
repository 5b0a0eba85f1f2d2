"""Gateways: each one's signs of life, on the store's own time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Select,
    bindparam,
    case,
    delete,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import clocks, schema
from gateway.store.prepared import Prepared, Row

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
    given = {
        "us": me.name,
        "our_life": me.life,
        "our_version": me.version[:40],
        "our_keys": me.keys,
        "now": schema.microseconds(now),
    }
    before = _ONE.rows(connection, given)
    _BEAT.rows(connection, given)
    return _seen(before[0]) if before else None


def everyone(connection: Connection, now: datetime) -> list[Seen]:
    """Every gateway that was ever there and was not forgotten."""
    found = _EVERYONE.rows(connection, {"now": schema.microseconds(now)})
    return [_seen(row) for row in found]


def leave(connection: Connection, name: str, now: datetime) -> None:
    """It stops in good order: nobody need worry, for a while."""
    connection.execute(
        update(_rows).where(_rows.c.name == name).values(left_at=clocks.now(connection, now))
    )


def forget(connection: Connection, name: str) -> bool:
    """It will not come back; False where it was never there."""
    return connection.execute(delete(_rows).where(_rows.c.name == name)).rowcount == 1


def _seen(row: Row) -> Seen:
    name, life, version, keys, started_at, beat_at, left_at, now = row
    return Seen(
        name=name,
        life=life,
        version=version,
        keys=bytes(keys),
        age=schema.moment(now) - schema.moment(beat_at),
        left=None if left_at is None else schema.moment(now) - schema.moment(left_at),
        started_at=schema.moment(started_at),
    )


_COLUMNS = ("name", "life", "version", "keys", "started_at", "beat_at", "left_at")


def _known(time: ColumnElement[int]) -> Select[Any]:
    return select(*(_rows.c[name] for name in _COLUMNS), time.label("time"))


def _beat(make: Any, time: ColumnElement[int]) -> Executable:  # noqa: ANN401 - a dialect's insert
    made = make(_rows).values(
        name=bindparam("us"),
        life=bindparam("our_life"),
        version=bindparam("our_version"),
        keys=bindparam("our_keys"),
        started_at=time,
        beat_at=time,
        left_at=null(),
    )
    new = made.excluded
    goes_on = _rows.c.life == new.life
    changed = {name: new[name] for name in ("life", "version", "keys", "beat_at", "left_at")}
    started = case((goes_on, _rows.c.started_at), else_=new.started_at)
    done: Executable = made.on_conflict_do_update(
        index_elements=["name"], set_={**changed, "started_at": started}
    )
    return done


_MAKE = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_BEAT = Prepared({name: _beat(_MAKE[name], time) for name, time in clocks.TIMES.items()})
_EVERYONE = Prepared(
    {name: _known(time).order_by(_rows.c.name) for name, time in clocks.TIMES.items()}
)
_ONE = Prepared(
    {
        name: _known(time).where(_rows.c.name == bindparam("us"))
        for name, time in clocks.TIMES.items()
    }
)
