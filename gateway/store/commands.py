"""Commands owed to devices, as rows; repeated until the reply or their end."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from gateway.store import schema

_rows = schema.commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a device is asked to do, and until when it may."""

    id: str
    device: str
    command: str
    data: dict[str, Any]
    created_at: datetime
    until: datetime


def new(
    device: str, command: str, data: dict[str, Any], now: datetime, lasts: timedelta
) -> Command:
    """A command with an id of its own."""
    return Command(
        id=secrets.token_hex(16),
        device=device,
        command=command,
        data=data,
        created_at=now,
        until=now + lasts,
    )


def order(connection: Connection, commands: Sequence[Command]) -> None:
    """Write them down."""
    connection.execute(
        insert(_rows),
        [
            {
                "id": one.id,
                "device": one.device,
                "command": one.command,
                "data": msgspec.json.encode(one.data).decode(),
                "created_at": one.created_at,
                "until": one.until,
            }
            for one in commands
        ],
    )


def waiting(connection: Connection, now: datetime, limit: int) -> list[Command]:
    """Those without a reply whose time has not run out, the oldest first."""
    rows = connection.execute(_WAITING, {"now": now, "limit": limit})
    return [
        Command(
            id=row.id,
            device=row.device,
            command=row.command,
            data=msgspec.json.decode(row.data),
            created_at=row.created_at,
            until=row.until,
        )
        for row in rows
    ]


def reply(
    connection: Connection,
    command: str,
    device: str,
    at: datetime,
    *,
    ok: bool,
    error: str | None,
) -> bool:
    """Write a device's reply; False where it was never asked, or has answered before."""
    said = None if error is None else error[:300]
    done = connection.execute(
        _REPLY, {"b_id": command, "b_device": device, "replied_at": at, "ok": ok, "error": said}
    )
    return done.rowcount == 1


def outcome(connection: Connection, command: str) -> Any:  # noqa: ANN401 - a row or None
    """How a command ended: its row with replied_at, ok, error."""
    return connection.execute(select(_rows).where(_rows.c.id == command)).one_or_none()


_WAITING = (
    select(_rows)
    .where(_rows.c.replied_at.is_(None), _rows.c.until > bindparam("now"))
    .order_by(_rows.c.created_at)
    .limit(bindparam("limit"))
)
_REPLY = (
    update(_rows)
    .where(
        _rows.c.id == bindparam("b_id"),
        _rows.c.device == bindparam("b_device"),
        _rows.c.replied_at.is_(None),
    )
    .values(replied_at=bindparam("replied_at"), ok=bindparam("ok"), error=bindparam("error"))
)
