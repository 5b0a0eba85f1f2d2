"""How each camera is, as rows; written in slices by whoever holds its link, followed by others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from gateway.domain.camera import Facts
from gateway.store import schema
from gateway.store.bulk import Bulk

_rows = schema.camera_states
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Facts, strict=False).decode


class CameraState(NamedTuple):
    """What a gateway wrote of a camera."""

    device: str
    gateway: str
    facts: Facts
    written_at: datetime
    is_readable: bool = True
    """False: a gateway of another version wrote what this one does not know."""


def save(connection: Connection, facts: Mapping[str, Facts], gateway: str, at: datetime) -> None:
    """Write how those are, as that gateway knows it."""
    written = schema.microseconds(at)
    rows = [
        (device, gateway, _encode(one).decode(), written) for device, one in sorted(facts.items())
    ]
    _SAVE.write(connection, rows)


def after(connection: Connection, since: datetime, device: str, limit: int) -> list[CameraState]:
    """What was written after that (moment, device), the oldest first; by whichever gateway."""
    given = {"since": since, "device": device, "limit": limit}
    return [_state(row) for row in connection.execute(_AFTER, given)]


def everyone(connection: Connection) -> dict[str, Facts]:
    """By device, how every camera that was ever called is."""
    return {row.device: _state(row).facts for row in connection.execute(select(_rows))}


def of(connection: Connection, device: str) -> CameraState | None:
    """How that one is."""
    row = connection.execute(select(_rows).where(_rows.c.device == device)).one_or_none()
    return None if row is None else _state(row)


def forget(connection: Connection, devices: Sequence[str]) -> None:
    """Those are registered no more."""
    connection.execute(delete(_rows).where(_rows.c.device.in_(list(devices))))


def _state(row: Any) -> CameraState:  # noqa: ANN401 - a row
    try:
        facts = _decode(row.facts)
    except (msgspec.MsgspecError, ValueError):
        return CameraState(row.device, row.gateway, Facts(), row.written_at, is_readable=False)
    return CameraState(row.device, row.gateway, facts, row.written_at)


_SAVE = Bulk.insert(
    _rows,
    ("device", "gateway", "facts", "written_at"),
    "ON CONFLICT (device) DO UPDATE SET gateway = excluded.gateway, facts = excluded.facts,"
    " written_at = excluded.written_at",
)
_AFTER = (
    select(_rows.c.device, _rows.c.gateway, _rows.c.facts, _rows.c.written_at)
    .where(
        _rows.c.written_at >= bindparam("since", type_=schema.Instant),
        (_rows.c.written_at > bindparam("since", type_=schema.Instant))
        | (_rows.c.device > bindparam("device")),
    )
    .order_by(_rows.c.written_at, _rows.c.device)
    .limit(bindparam("limit"))
)
