"""What each device last said of itself, as rows; written per batch and not per message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import schema

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
    connection.execute(
        _UPSERT[connection.dialect.name],
        [
            {
                "device": state.device,
                "heard_at": state.heard_at,
                "link": state.link,
                "online": state.online,
                "said": msgspec.json.encode(state.said).decode(),
            }
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


def _upsert(made: Any) -> Any:  # noqa: ANN401
    return made.on_conflict_do_update(
        index_elements=["device"],
        set_={name: made.excluded[name] for name in ("heard_at", "link", "online", "said")},
    )


_UPSERT = {
    "sqlite": _upsert(sqlite.insert(_rows)),
    "postgresql": _upsert(postgresql.insert(_rows)),
}
