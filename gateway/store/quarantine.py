"""The quarantine: what could not be taken, sealed, counted and shown; never dropped silently."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import schema
from gateway.store.sealed import Seal

_rows = schema.quarantine
NEW_ROWS_PER_DEVICE_HOUR = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One thing that was not taken."""

    device: str
    reason: str
    link: str
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row: how often, since when, and what it said."""

    id: int
    device: str
    reason: str
    link: str
    count: int
    first_at: datetime
    last_at: datetime
    body: bytes


def keep(connection: Connection, seal: Seal, refused: Sequence[Refused]) -> None:
    """Count what is known, and keep what is new while its device has room this hour."""
    statement = _UPSERT[connection.dialect.name]
    for one in refused:
        digest = hashlib.blake2b(one.body, digest_size=16).digest()
        if not _is_known(connection, one, digest) and _is_full(connection, one):
            # The hour's room is used up: one row gathers the rest, so that nothing goes uncounted.
            digest = b"more"
        connection.execute(
            statement,
            {
                "device": one.device[:80],
                "reason": one.reason,
                "digest": digest,
                "link": one.link,
                "count": 1,
                "first_at": one.at,
                "last_at": one.at,
                "body": seal.seal(one.body),
            },
        )


def listed(connection: Connection, seal: Seal, limit: int, before: int | None) -> list[Quarantined]:
    """A page, the newest first."""
    conditions = [] if before is None else [_rows.c.id < before]
    rows = connection.execute(
        select(_rows).where(*conditions).order_by(_rows.c.id.desc()).limit(limit)
    )
    return [
        Quarantined(
            id=row.id,
            device=row.device,
            reason=row.reason,
            link=row.link,
            count=row._mapping["count"],  # noqa: SLF001 - row.count is the tuple's own
            first_at=row.first_at,
            last_at=row.last_at,
            body=seal.open(bytes(row.body)),
        )
        for row in rows
    ]


def _is_known(connection: Connection, one: Refused, digest: bytes) -> bool:
    found = connection.execute(
        select(_rows.c.id).where(
            _rows.c.device == one.device[:80],
            _rows.c.reason == one.reason,
            _rows.c.digest == digest,
        )
    )
    return found.one_or_none() is not None


def _is_full(connection: Connection, one: Refused) -> bool:
    count = connection.execute(
        select(func.count())
        .select_from(_rows)
        .where(_rows.c.device == one.device[:80], _rows.c.first_at > one.at - timedelta(hours=1))
    ).scalar_one()
    return count >= NEW_ROWS_PER_DEVICE_HOUR


def _upsert(made: Any) -> Any:  # noqa: ANN401
    return made.on_conflict_do_update(
        index_elements=["device", "reason", "digest"],
        set_={"count": _rows.c.count + 1, "last_at": made.excluded.last_at},
    )


_UPSERT = {
    "sqlite": _upsert(sqlite.insert(_rows)),
    "postgresql": _upsert(postgresql.insert(_rows)),
}
