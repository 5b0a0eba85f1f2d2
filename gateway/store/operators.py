"""Tokens, and what receivers said, as rows; of a secret only a digest is kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.domain.operator import Operator, Role
from gateway.store import locks, schema

_tokens = schema.tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A named key to the API."""

    name: str
    role: Role
    districts: tuple[str, ...] = ()
    receiver: str | None = None
    device: str | None = None
    created_at: datetime
    revoked_at: datetime | None = None

    def operator(self) -> Operator:
        """Who it speaks for."""
        return Operator(
            name=self.name,
            role=self.role,
            districts=frozenset(self.districts),
            receiver=self.receiver,
            device=self.device,
        )


class NameTaken(Exception):
    """A token or a person of that name exists."""


def digest(secret: str) -> bytes:
    """What is kept of a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def add_token(connection: Connection, token: Token, secret: str) -> None:
    """Write a new token.

    Raises:
        NameTaken: there is one of that name, or a person.
    """
    locks.hold(connection, "name", [token.name])
    people = schema.people
    if connection.execute(select(people.c.name).where(people.c.name == token.name)).first():
        raise NameTaken(token.name)
    row = {
        "name": token.name,
        "digest": digest(secret),
        "role": token.role.value,
        "districts": msgspec.json.encode(token.districts).decode(),
        "receiver": token.receiver,
        "device": token.device,
        "created_at": token.created_at,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(_tokens), row)
    except IntegrityError:
        raise NameTaken(token.name) from None


def token_of(connection: Connection, secret: str) -> Token | None:
    """The token behind that secret, if it was not revoked."""
    row = connection.execute(
        select(_tokens).where(_tokens.c.digest == digest(secret), _tokens.c.revoked_at.is_(None))
    ).one_or_none()
    return None if row is None else _token(row)


def named(connection: Connection, name: str) -> Token | None:
    """The token of that name, if it was not revoked."""
    row = connection.execute(
        select(_tokens).where(_tokens.c.name == name, _tokens.c.revoked_at.is_(None))
    ).one_or_none()
    return None if row is None else _token(row)


def tokens(connection: Connection) -> Sequence[Token]:
    """Every token, by name."""
    return [_token(row) for row in connection.execute(select(_tokens).order_by(_tokens.c.name))]


def revoke(connection: Connection, name: str, at: datetime) -> bool:
    """End a token; False where there is none to end."""
    done = connection.execute(
        update(_tokens)
        .where(_tokens.c.name == name, _tokens.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return done.rowcount == 1


def open_sign_in(
    connection: Connection, secret: str, token: str, until: datetime, *, once: bool
) -> None:
    """Write a session of a token, or a one-time link where `once`."""
    connection.execute(
        insert(schema.sign_ins),
        {"digest": digest(secret), "token": token, "until": until, "once": once},
    )


def response_known(connection: Connection, receiver: str, response: str) -> bool:
    """Whether that receiver has said this before."""
    rows = schema.responses
    found = connection.execute(
        select(rows.c.id).where(rows.c.receiver == receiver, rows.c.id == response)
    )
    return found.one_or_none() is not None


def keep_response(
    connection: Connection, receiver: str, response: str, alarm: str, at: datetime, state: str
) -> None:
    """Write down what a receiver said."""
    row = {"receiver": receiver, "id": response, "alarm": alarm, "at": at, "state": state}
    connection.execute(insert(schema.responses), row)


def closings_since(connection: Connection, receiver: str, since: datetime) -> int:
    """How many alarms that receiver's token closed since then."""
    rows = schema.responses
    found = connection.execute(
        select(rows.c.id).where(
            rows.c.receiver == receiver, rows.c.state == "closed", rows.c.at > since
        )
    )
    return len(found.all())


def _token(row: Row[Any]) -> Token:
    return Token(
        name=row.name,
        role=Role(row.role),
        districts=tuple(msgspec.json.decode(row.districts)),
        receiver=row.receiver,
        device=row.device,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
