"""Retention: the oldest passages go in slices, and a signed checkpoint stands where they stood."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from adapters.signal import Lane
from gateway.store import journal, schema
from gateway.store.journal import Head
from gateway.store.sealed import Seal

SLICE = 500
"""Rows at once: far below 50 ms, so that a press beside it does not wait."""
_rows = schema.checkpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The last row that was dropped: the chain goes on from its hash."""

    head: Head
    at: datetime
    signature: bytes


def drop_slice(
    connection: Connection, seal: Seal, gateway: str, lane: Lane, before: datetime, now: datetime
) -> int:
    """Drop the oldest rows heard before then, one slice of them; how many."""
    rows = journal.table(lane)
    oldest = connection.execute(
        select(rows.c.number, rows.c.hash, rows.c.received_at)
        .where(rows.c.gateway == gateway)
        .order_by(rows.c.number)
        .limit(SLICE + 1)
    ).all()
    # The last row stays in any case: the chain's next row needs it.
    old = 0
    while old < min(len(oldest) - 1, SLICE) and oldest[old].received_at < before:
        old += 1
    if old == 0:
        return 0
    last = oldest[old - 1]
    connection.execute(delete(rows).where(rows.c.gateway == gateway, rows.c.number <= last.number))
    head = Head(number=last.number, hash=bytes(last.hash))
    connection.execute(
        _UPSERT[connection.dialect.name],
        {
            "gateway": gateway,
            "lane": lane.value,
            "number": head.number,
            "hash": head.hash,
            "at": now,
            "signature": seal.sign(_statement(gateway, lane, head)),
        },
    )
    return old


def checkpoint(connection: Connection, gateway: str, lane: Lane) -> Checkpoint | None:
    """Where that gateway's chain begins, if anything was ever dropped of it."""
    row = connection.execute(
        select(_rows).where(_rows.c.gateway == gateway, _rows.c.lane == lane.value)
    ).one_or_none()
    if row is None:
        return None
    return Checkpoint(
        head=Head(number=row.number, hash=bytes(row.hash)),
        at=row.at,
        signature=bytes(row.signature),
    )


def is_genuine(found: Checkpoint, seal: Seal, gateway: str, lane: Lane) -> bool:
    """Whether we signed it."""
    return seal.is_signature(found.signature, _statement(gateway, lane, found.head))


def _statement(gateway: str, lane: Lane, head: Head) -> bytes:
    return f"checkpoint {gateway} {lane} {head.number} {head.hash.hex()}".encode()


def _upsert(made: Any) -> Any:  # noqa: ANN401
    changed = ("number", "hash", "at", "signature")
    return made.on_conflict_do_update(
        index_elements=["gateway", "lane"], set_={name: made.excluded[name] for name in changed}
    )


_UPSERT = {
    "sqlite": _upsert(sqlite.insert(_rows)),
    "postgresql": _upsert(postgresql.insert(_rows)),
}
