"""What each device last said of itself, as rows; written per batch and not per message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from gateway.store import schema
from gateway.store.bulk import Bulk

_rows = schema.device_states


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """When a device was last heard, and its last check-in."""

    device: str
    heard_at: datetime
    link: str
    online: bool
    said: dict[str, Any]
    """The last check-in's body."""


def save(connection: Connection, states: Sequence[DeviceState]) -> None:
    """Write them as they are now."""
    _UPSERT.write(
        connection,
        [
            (
                state.device,
                schema.microseconds(state.heard_at),
                state.link,
                state.online,
                msgspec.json.encode(state.said).decode(),
            )
            for state in states
        ],
    )


def everyone(connection: Connection) -> dict[str, DeviceState]:
    """Every device ever heard."""
    return {
        row.device: DeviceState(
            device=row.device,
            heard_at=row.heard_at,
            link=row.link,
            online=row.online,
            said=msgspec.json.decode(row.said),
        )
        for row in connection.execute(select(_rows))
    }


_UPSERT = Bulk.insert(
    _rows,
    ("device", "heard_at", "link", "online", "said"),
    "ON CONFLICT (device) DO UPDATE SET heard_at = excluded.heard_at, link = excluded.link,"
    " online = excluded.online, said = excluded.said",
)
