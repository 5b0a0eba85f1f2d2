"""Tallies: when what a rule counts came last, whichever gateway heard it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import schema

Key = tuple[str, str]
"""Device and kind."""

_rows = schema.tallies


def of(connection: Connection, key: Key) -> list[datetime]:
    """When it came, the oldest first. Its device must be held."""
    device, kind = key
    found = connection.execute(
        select(_rows.c.times).where(_rows.c.device == device, _rows.c.kind == kind)
    ).scalar_one_or_none()
    return [] if found is None else [schema.moment(at) for at in msgspec.json.decode(found)]


def save(connection: Connection, tallies: Mapping[Key, Sequence[datetime]], now: datetime) -> None:
    """Write them as they are now."""
    connection.execute(
        _UPSERT[connection.dialect.name],
        [
            {
                "device": device,
                "kind": kind,
                "times": msgspec.json.encode([schema.microseconds(at) for at in times]).decode(),
                "last_at": now,
            }
            for (device, kind), times in sorted(tallies.items())
        ],
    )


def _upsert(made: Any) -> Any:  # noqa: ANN401
    return made.on_conflict_do_update(
        index_elements=["device", "kind"],
        set_={name: made.excluded[name] for name in ("times", "last_at")},
    )


_UPSERT = {
    "sqlite": _upsert(sqlite.insert(_rows)),
    "postgresql": _upsert(postgresql.insert(_rows)),
}
