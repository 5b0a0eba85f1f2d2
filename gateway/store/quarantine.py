"""The quarantine: what could not be taken, sealed, counted and shown; never dropped silently."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import locks, schema
from gateway.store.sealed import Seal

_rows = schema.quarantine
NEW_ROWS_PER_DEVICE_HOUR = 100
_Key = tuple[str, str, bytes]
"""Device, reason, digest."""


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
    """Count what is known, and keep what is new while its device has room this hour.

    A few statements for the whole batch: a device that talks nonsense talks a lot of it.
    """
    if not refused:
        return
    # Another gateway may be refusing the same, in another order.
    locks.hold(connection, "quarantine", (one.device[:80] for one in refused))
    found: dict[_Key, list[Refused]] = {}
    for one in refused:
        digest = hashlib.blake2b(one.body, digest_size=16).digest()
        found.setdefault((one.device[:80], one.reason, digest), []).append(one)
    known = _known(connection, list(found))
    room = _room(connection, {key: ones for key, ones in found.items() if key not in known})
    kept: dict[_Key, list[Refused]] = {}
    for key, ones in found.items():
        device, reason, _ = key
        if key not in known:
            room[device] -= 1
        has_place = key in known or room[device] >= 0
        # The hour's room is used up: one row gathers the rest, so that nothing goes uncounted.
        kept.setdefault(key if has_place else (device, reason, b"more"), []).extend(ones)
    connection.execute(
        _UPSERT[connection.dialect.name],
        [_row(seal, key, ones) for key, ones in kept.items()],
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


def _known(connection: Connection, keys: Sequence[_Key]) -> set[_Key]:
    wanted = tuple_(_rows.c.device, _rows.c.reason, _rows.c.digest).in_(keys)
    asked = select(_rows.c.device, _rows.c.reason, _rows.c.digest).where(wanted)
    return {(row.device, row.reason, bytes(row.digest)) for row in connection.execute(asked)}


def _room(connection: Connection, new: Mapping[_Key, Sequence[Refused]]) -> dict[str, int]:
    """How many new rows each of those devices may have this hour."""
    devices = {device for device, _, _ in new}
    if not devices:
        return {}
    since = max(one.at for ones in new.values() for one in ones) - timedelta(hours=1)
    asked = (
        select(_rows.c.device, func.count())
        .where(_rows.c.device.in_(devices), _rows.c.first_at > since)
        .group_by(_rows.c.device)
    )
    used = {device: int(count) for device, count in connection.execute(asked)}
    return {device: NEW_ROWS_PER_DEVICE_HOUR - used.get(device, 0) for device in devices}


def _row(seal: Seal, key: _Key, ones: Sequence[Refused]) -> dict[str, Any]:
    device, reason, digest = key
    moments = [one.at for one in ones]
    return {
        "device": device,
        "reason": reason,
        "digest": digest,
        "link": ones[0].link,
        "count": len(ones),
        "first_at": min(moments),
        "last_at": max(moments),
        "body": seal.seal(ones[0].body),
    }


def _upsert(made: Any) -> Any:  # noqa: ANN401
    return made.on_conflict_do_update(
        index_elements=["device", "reason", "digest"],
        set_={
            "count": _rows.c.count + made.excluded["count"],
            "last_at": made.excluded.last_at,
        },
    )


_UPSERT = {
    "sqlite": _upsert(sqlite.insert(_rows)),
    "postgresql": _upsert(postgresql.insert(_rows)),
}
