"""What lasts on cameras, as it was last known: what is compared after every gap.

Written in the transaction of the event that says so; read when a gateway begins to hold a link.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Text, bindparam, cast, column, delete, func, select, text
from sqlalchemy.dialects import postgresql

from gateway.domain.event import Event
from gateway.store import schema
from gateway.store.bulk import Bulk

_rows = schema.camera_conditions
_KEY_LIMIT = 200


class Known(NamedTuple):
    """What was last known of one thing that lasts."""

    active: bool
    event_id: str


def keep(connection: Connection, events: Iterable[Event], tokens: Mapping[str, int]) -> None:
    """Write what those events began or ended, the last of each; an older lease changes nothing.

    `tokens`: by device, the lease under which this gateway holds it; none is named on SQLite.
    """
    latest = {
        (event.device, event.condition.key[:_KEY_LIMIT]): event
        for event in events
        if event.condition is not None
    }
    rows = [
        (device, key, event.condition.active, since, event.id, tokens.get(device, 0))
        for (device, key), event in sorted(latest.items(), key=lambda one: one[0])
        if event.condition is not None
        for since in [schema.microseconds(event.received_at)]
    ]
    _KEEP.write(connection, rows)


def of(connection: Connection, devices: Sequence[str]) -> dict[str, dict[str, Known]]:
    """By device and key: what was last known; a device of which nothing is known is not there."""
    is_sqlite = connection.dialect.name == "sqlite"
    given = msgspec.json.encode(list(devices)).decode() if is_sqlite else list(devices)
    found: dict[str, dict[str, Known]] = {}
    for row in connection.execute(_OF[connection.dialect.name], {"devices": given}):
        found.setdefault(row.device, {})[row.key] = Known(row.active, row.event_id)
    return found


def take_over(connection: Connection, tokens: Mapping[str, int]) -> dict[str, dict[str, Known]]:
    """The same, under a new lease: whoever held it before can write over none of it."""
    _TAKE.write(connection, sorted(tokens.items()))
    return of(connection, sorted(tokens))


def forget(connection: Connection, devices: Sequence[str]) -> None:
    """Those are registered no more."""
    connection.execute(delete(_rows).where(_rows.c.device.in_(list(devices))))


_KEEP = Bulk.insert(
    _rows,
    ("device", "key", "active", "since", "event_id", "token"),
    "ON CONFLICT (device, key) DO UPDATE SET"
    " active = excluded.active, since = excluded.since, event_id = excluded.event_id,"
    " token = excluded.token"
    " WHERE excluded.token >= camera_conditions.token",
)
_TAKE = Bulk.update(_rows, ("device",), {"token": "{new}"})
_LISTED = text("SELECT value FROM json_each(:devices)").columns(column("value"))
_ANY = func.any(cast(bindparam("devices"), postgresql.ARRAY(Text)))
_ASKED = select(_rows.c.device, _rows.c.key, _rows.c.active, _rows.c.event_id)
_OF = {
    "sqlite": _ASKED.where(_rows.c.device.in_(_LISTED)),
    "postgresql": _ASKED.where(_rows.c.device == _ANY),
}
