"""Sayings: what the devices of alarms said, enough to answer each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Text, bindparam, cast, column, func, select, text
from sqlalchemy.dialects import postgresql

from gateway.store import schema
from gateway.store.prepared import Prepared

_rows = schema.alarms


class Saying(NamedTuple):
    """What an alarm's device said: enough to answer it."""

    kind: str
    device: str
    silent: bool
    event_id: str
    sort: str | None


def of_alarms(connection: Connection, keys: Sequence[str]) -> list[Saying]:
    """What those alarms' devices said."""
    given: Any = list(keys)
    if connection.dialect.name == "sqlite":
        given = msgspec.json.encode(given).decode()
    return [
        Saying(kind, device, bool(silent), event_id, sort)
        for kind, device, silent, event_id, sort in _SAYINGS.rows(connection, {"keys": given})
    ]


_SAID = select(_rows.c.kind, _rows.c.device, _rows.c.silent, _rows.c.event_id, _rows.c.sort)
_KEYS = text("SELECT value FROM json_each(:keys)").columns(column("value"))
_SAYINGS = Prepared(
    {
        "sqlite": _SAID.where(_rows.c.id.in_(_KEYS)),
        "postgresql": _SAID.where(
            _rows.c.id == func.any(cast(bindparam("keys"), postgresql.ARRAY(Text)))
        ),
    }
)
