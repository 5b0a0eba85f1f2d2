"""Commands owed to devices, as rows; repeated until the reply or their end."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from adapters.signal import Reply
from gateway.store import schema
from gateway.store.prepared import Prepared

_rows = schema.commands


class Command(msgspec.Struct, frozen=True, kw_only=True):
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
    _INSERT.many(
        connection,
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
    return [
        Command(
            id=key,
            device=device,
            command=command,
            data=msgspec.json.decode(data),
            created_at=schema.moment(created_at),
            until=schema.moment(until),
        )
        for key, device, command, data, created_at, until in _WAITING.rows(
            connection, {"now": now, "limit": limit}
        )
    ]


def reply(connection: Connection, replies: Sequence[Reply], at: datetime) -> None:
    """Write devices' replies; one that was never asked, or has answered before, changes nothing."""
    _REPLY.many(
        connection,
        [
            {
                "b_id": one.id,
                "b_device": one.device,
                "replied_at": at,
                "ok": one.ok,
                "error": None if one.error is None else one.error[:300],
            }
            for one in replies
        ],
    )


def outcome(connection: Connection, command: str) -> Any:  # noqa: ANN401 - a row or None
    """How a command ended: its row with replied_at, ok, error."""
    return connection.execute(select(_rows).where(_rows.c.id == command)).one_or_none()


_INSERT = Prepared(
    insert(_rows), columns=("id", "device", "command", "data", "created_at", "until")
)
_WAITING = Prepared(
    select(
        _rows.c.id,
        _rows.c.device,
        _rows.c.command,
        _rows.c.data,
        _rows.c.created_at,
        _rows.c.until,
    )
    .where(_rows.c.replied_at.is_(None), _rows.c.until > bindparam("now", type_=schema.Instant))
    .order_by(_rows.c.created_at)
    .limit(bindparam("limit"))
)
_REPLY = Prepared(
    update(_rows)
    .where(
        _rows.c.id == bindparam("b_id"),
        _rows.c.device == bindparam("b_device"),
        _rows.c.replied_at.is_(None),
    )
    .values(replied_at=bindparam("replied_at"), ok=bindparam("ok"), error=bindparam("error"))
)
