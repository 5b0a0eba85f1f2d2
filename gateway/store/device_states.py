"""How each device is, as rows; written per batch and not per message, and followed by others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Text, bindparam, cast, column, func, select, text
from sqlalchemy.dialects import postgresql

from gateway.domain.condition import Facts
from gateway.store import schema
from gateway.store.bulk import Bulk

_rows = schema.device_states
Row = tuple[str, datetime | None, str, bool]
"""Device, when it was heard, over which link, and whether it was found silent."""
_encode = msgspec.json.Encoder(order="deterministic").encode
_facts = msgspec.json.Decoder(Facts).decode
_said = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """When a device was last heard, and its last check-in."""

    device: str
    heard_at: datetime | None
    """None leaves it as it was: a Last Will is no sign of life."""
    link: str
    online: bool = True
    said: dict[str, Any] = field(default_factory=dict)
    """The last check-in's body; empty leaves it as it was."""
    facts: Facts = field(default_factory=Facts)
    silent_at: datetime | None = None
    """Since when supervision has found it silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What another gateway has written of a device."""

    device: str
    heard_at: datetime | None
    link: str
    online: bool
    facts: Facts
    written_at: datetime


def save(connection: Connection, states: Sequence[DeviceState], gateway: str, at: datetime) -> None:
    """Write each, once, as that gateway has heard it; whether it is silent stays as it was."""
    ordered = sorted(states, key=lambda state: state.device)
    facts = [_encode(state.facts).decode() for state in ordered]
    rows = [_written(state, gateway, at) for state in ordered]
    _SAVE.write(connection, [(*row, known) for row, known in zip(rows, facts, strict=True)])


def touch(
    connection: Connection, states: Sequence[DeviceState], gateway: str, at: datetime
) -> None:
    """Write only that each was heard, and what it said last, if that was a check-in."""
    ordered = sorted(states, key=lambda state: state.device)
    _TOUCH.write(connection, [_written(state, gateway, at) for state in ordered])


def mark_silent(connection: Connection, silent: Mapping[str, datetime | None]) -> None:
    """Since when each is silent; None: it is no more. One that was never heard gets a row."""
    rows = [
        (device, "", True, "{}", None if at is None else schema.microseconds(at))
        for device, at in sorted(silent.items())
    ]
    _MARK.write(connection, rows)


def facts_of(
    connection: Connection, devices: Sequence[str], *, hold: bool = True
) -> dict[str, Facts]:
    """What is known of those devices by their check-ins; by default held until the commit."""
    is_sqlite = connection.dialect.name == "sqlite"
    statement = _FACTS[connection.dialect.name]
    if hold:
        statement = statement.with_for_update()
    given = _encode(list(devices)).decode() if is_sqlite else list(devices)
    rows = connection.execute(statement, {"devices": given})
    return {row.device: _facts(row.facts) for row in rows}


def everyone(connection: Connection) -> dict[str, DeviceState]:
    """Every device that was ever heard, or missed."""
    return {row.device: _state(row) for row in connection.execute(select(_rows))}


def before(connection: Connection, after: str, limit: int) -> list[Row]:
    """How those after that device were before this life of a gateway; for a start, in slices."""
    found = connection.execute(_BEFORE, {"after": after, "limit": limit})
    return [(row.device, row.heard_at, row.link, row.silent_at is not None) for row in found]


def silent(connection: Connection) -> set[str]:
    """Those that supervision has found silent, as the store knows."""
    found = connection.execute(select(_rows.c.device).where(_rows.c.silent_at.is_not(None)))
    return set(found.scalars())


def elsewhere(
    connection: Connection, gateway: str, after: tuple[datetime, str], limit: int
) -> list[Elsewhere]:
    """What other gateways wrote after that (moment, device), the oldest first."""
    since, device = after
    given = {"us": gateway, "since": since, "device": device, "limit": limit}
    return [
        Elsewhere(
            device=row.device,
            heard_at=row.heard_at,
            link=row.link,
            online=row.online,
            facts=_facts(row.facts),
            written_at=row.written_at,
        )
        for row in connection.execute(_ELSEWHERE, given)
    ]


def _written(state: DeviceState, gateway: str, at: datetime) -> tuple[Any, ...]:
    return (
        state.device,
        None if state.heard_at is None else schema.microseconds(state.heard_at),
        state.link,
        state.online,
        _encode(state.said).decode(),
        gateway,
        schema.microseconds(at),
    )


def _state(row: Any) -> DeviceState:  # noqa: ANN401 - a row
    return DeviceState(
        device=row.device,
        heard_at=row.heard_at,
        link=row.link,
        online=row.online,
        said=_said(row.said),
        facts=_facts(row.facts),
        silent_at=row.silent_at,
    )


_COLUMNS = ("device", "heard_at", "link", "online", "said", "gateway", "written_at")
_HEARD = (
    "ON CONFLICT (device) DO UPDATE SET"
    " heard_at = coalesce(excluded.heard_at, device_states.heard_at),"
    " said = CASE excluded.said WHEN '{}' THEN device_states.said ELSE excluded.said END,"
    " link = excluded.link, online = excluded.online, gateway = excluded.gateway,"
    " written_at = excluded.written_at"
)
_TOUCH = Bulk.insert(_rows, _COLUMNS, _HEARD)
_SAVE = Bulk.insert(_rows, (*_COLUMNS, "facts"), f"{_HEARD}, facts = excluded.facts")
_MARK = Bulk.insert(
    _rows,
    ("device", "link", "online", "said", "silent_at"),
    "ON CONFLICT (device) DO UPDATE SET silent_at = excluded.silent_at",
)
_LISTED = text("SELECT value FROM json_each(:devices)").columns(column("value"))
_ANY = func.any(cast(bindparam("devices"), postgresql.ARRAY(Text)))
_FACTS = {
    "sqlite": select(_rows.c.device, _rows.c.facts).where(_rows.c.device.in_(_LISTED)),
    "postgresql": select(_rows.c.device, _rows.c.facts)
    .where(_rows.c.device == _ANY)
    .order_by(_rows.c.device),
}
_BEFORE = (
    select(_rows.c.device, _rows.c.heard_at, _rows.c.link, _rows.c.silent_at)
    .where(_rows.c.device > bindparam("after"))
    .order_by(_rows.c.device)
    .limit(bindparam("limit"))
)
_ELSEWHERE = (
    select(
        _rows.c.device,
        _rows.c.heard_at,
        _rows.c.link,
        _rows.c.online,
        _rows.c.facts,
        _rows.c.written_at,
    )
    .where(
        _rows.c.written_at >= bindparam("since", type_=schema.Instant),
        (_rows.c.written_at > bindparam("since", type_=schema.Instant))
        | (_rows.c.device > bindparam("device")),
        _rows.c.gateway != bindparam("us"),
    )
    .order_by(_rows.c.written_at, _rows.c.device)
    .limit(bindparam("limit"))
)
