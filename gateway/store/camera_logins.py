"""The logins of cameras: what a person approved, whom it goes to, and how it is known again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import schema, versions
from gateway.store.sealed import Seal

_rows = schema.camera_logins


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """User and password; never printed."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a person approved for one camera; to no other address does it go."""

    device: str
    host: str
    port: int
    tls: bool
    secret: Secret | None
    """None: it was sealed with another key."""
    pin: str | None = None
    """SHA-256 of its certificate, hexadecimal."""
    serial: str | None = None
    """What it said it is; another one gets no login."""
    approved_by: str
    approved_at: datetime


def put(connection: Connection, seal: Seal, login: Login) -> None:
    """Approve it in the place of the one before, and move the version."""
    body = msgspec.json.encode(login.secret)
    row = {
        "device": login.device,
        "host": login.host,
        "port": login.port,
        "tls": login.tls,
        "login": seal.seal(body),
        "pin": login.pin,
        "serial": login.serial,
        "approved_by": login.approved_by,
        "approved_at": login.approved_at,
    }
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    made = make(_rows).values(row)
    changed = {name: made.excluded[name] for name in row if name != "device"}
    connection.execute(made.on_conflict_do_update(index_elements=["device"], set_=changed))
    versions.move(connection, versions.LOGINS)


def everyone(
    connection: Connection, seal: Seal, before: Mapping[str, Login] = MappingProxyType({})
) -> dict[str, Login]:
    """By device, every login; one that was approved as `before` need not be unsealed again."""
    found: dict[str, Login] = {}
    for row in connection.execute(select(_rows)):
        known = before.get(row.device)
        is_known = known is not None and known.approved_at == row.approved_at
        found[row.device] = known if known is not None and is_known else _login(row, seal)
    return found


def of(connection: Connection, seal: Seal, device: str) -> Login | None:
    """That camera's login."""
    row = connection.execute(select(_rows).where(_rows.c.device == device)).one_or_none()
    return None if row is None else _login(row, seal)


def drop(connection: Connection, devices: Sequence[str]) -> None:
    """Forget those, and move the version where there were any."""
    gone = connection.execute(delete(_rows).where(_rows.c.device.in_(list(devices))))
    if gone.rowcount:
        versions.move(connection, versions.LOGINS)


def _login(row: Row[Any], seal: Seal) -> Login:
    try:
        secret = msgspec.json.decode(seal.open(row.login), type=Secret)
    except msgspec.MsgspecError:  # the seal's note in its place
        secret = None
    return Login(
        device=row.device,
        host=row.host,
        port=row.port,
        tls=row.tls,
        secret=secret,
        pin=row.pin,
        serial=row.serial,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )
