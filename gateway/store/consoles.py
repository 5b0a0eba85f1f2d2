"""Consoles, as rows: few, and each written over by its next sign of life."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from gateway.domain.consoles import OF_A_PERSON, Console
from gateway.store import schema
from gateway.store.bulk import Bulk
from gateway.store.prepared import Prepared, Row

KEPT = timedelta(hours=12)
"""So long a console that was closed is still told of: a shift."""
_rows = schema.consoles


def hear(connection: Connection, console: Console) -> None:
    """A sign of life of it; of one person only so many are kept, those heard last."""
    _PUT.write(connection, [_row(console)])
    known = (
        select(_rows.c.id)
        .where(_rows.c.person == console.person)
        .order_by(_rows.c.heard_at.desc(), _rows.c.id)
    )
    if len(found := connection.execute(known).scalars().all()) > OF_A_PERSON:
        connection.execute(delete(_rows).where(_rows.c.id.in_(found[OF_A_PERSON:])))


def is_armed(connection: Connection, console: str, person: str) -> bool:
    """Whether that person was last said to have begun a shift at it."""
    found = select(_rows.c.armed).where(_rows.c.id == console, _rows.c.person == person)
    return bool(connection.execute(found).scalar())


def heard_since(connection: Connection, since: datetime) -> list[Console]:
    """Those that spoke since then."""
    return [_made(row) for row in _HEARD_SINCE.rows(connection, {"since": since})]


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Drop those that have said nothing since then; how many."""
    old = select(_rows.c.id).where(_rows.c.heard_at <= before).limit(limit)
    return connection.execute(delete(_rows).where(_rows.c.id.in_(old))).rowcount


def _row(console: Console) -> tuple[Any, ...]:
    return (
        console.id,
        console.person,
        console.role,
        msgspec.json.encode(console.districts).decode(),
        console.armed,
        console.sound,
        schema.microseconds(console.heard_at),
    )


def _made(row: Row) -> Console:
    id_, person, role, districts, armed, sound, heard_at = row
    return Console(
        id=id_,
        person=person,
        role=role,
        districts=tuple(msgspec.json.decode(districts)),
        armed=bool(armed),
        sound=bool(sound),
        heard_at=schema.moment(heard_at),
    )


_FIELDS = ("id", "person", "role", "districts", "armed", "sound", "heard_at")
_HEARD_SINCE = Prepared(
    select(*(_rows.c[name] for name in _FIELDS))
    .where(_rows.c.heard_at > bindparam("since"))
    .order_by(_rows.c.person, _rows.c.id)
)
"""The ladder asks it twice a second."""
_PUT = Bulk.insert(
    _rows,
    _FIELDS,
    "ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f'"{name}" = excluded."{name}"' for name in _FIELDS[1:]),
)
