"""Commands owed to devices, as rows; repeated until the reply or their end."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from adapters.signal import Reply
from gateway.store import schema
from gateway.store.bulk import Bulk
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
    _INSERT.write(
        connection,
        [
            (
                one.id,
                one.device,
                one.command,
                msgspec.json.encode(one.data).decode(),
                schema.microseconds(one.created_at),
                schema.microseconds(one.until),
            )
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
    moment = schema.microseconds(at)
    first = {(one.id, one.device): one for one in reversed(replies)}
    _REPLY.write(
        connection,
        [
            (one.id, one.device, moment, one.ok, None if one.error is None else one.error[:300])
            for one in first.values()
        ],
    )


def withdraw_closed(connection: Connection, device: str, event_id: str, now: datetime) -> None:
    """The time of a `confirm` that shows that alarm as closed is over: it is sent no more."""
    waits = connection.execute(
        select(_rows.c.id, _rows.c.data).where(
            _rows.c.until > now,
            _rows.c.device == device,
            _rows.c.command == "confirm",
            _rows.c.replied_at.is_(None),
        )
    ).all()
    for key, data in waits:
        shown = msgspec.json.decode(data)
        if (shown.get("level"), shown.get("event_id")) == ("closed", event_id):
            connection.execute(update(_rows).where(_rows.c.id == key).values(until=now))


def outcome(connection: Connection, command: str) -> Any:  # noqa: ANN401 - a row or None
    """How a command ended: its row with replied_at, ok, error."""
    return connection.execute(select(_rows).where(_rows.c.id == command)).one_or_none()


_INSERT = Bulk.insert(_rows, ("id", "device", "command", "data", "created_at", "until"))
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
_REPLY = Bulk.update(
    _rows,
    ("id", "device"),
    {"replied_at": "{new}", "ok": "{new}", "error": "{new}"},
    ' AND "commands"."replied_at" IS NULL',
)
