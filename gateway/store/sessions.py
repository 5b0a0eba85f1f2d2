"""Sessions and one-time links: whose they are, until when, and when they were last used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, delete, insert, select, update

from gateway.store import operators, people, schema
from gateway.store.operators import Token, digest
from gateway.store.people import Person

IDLE = timedelta(hours=2)
"""A session that nobody used for so long is over; an open console uses it all the time, and one
that slept for an hour goes on."""
SESSIONS = 20
"""Of one person or token at a time: four screens, a phone, and those that were never signed out."""
_rows = schema.sign_ins
Holder: TypeAlias = Token | Person
"""Whose a secret is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What one is begun with; of the secret only a digest is written."""

    secret: str
    began_at: datetime
    until: datetime
    address: str = ""
    instead_of: str | None = None
    """The session that the same browser had before; it ends."""
    way: str = ""
    """How they came in, for the audit."""
    gateway: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A session as its holder sees it."""

    began_at: datetime | None
    seen_at: datetime | None
    until: datetime
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Whose a secret is, and when it was last used (None: not kept of tokens)."""

    holder: Holder
    seen_at: datetime | None = None


def begin(connection: Connection, session: Session, holder: Holder) -> None:
    """Open one for that holder; of too many the oldest ends."""
    if session.instead_of is not None:
        end(connection, session.instead_of)
    is_person = isinstance(holder, Person)
    mine = _rows.c.person if is_person else _rows.c.token
    of_theirs = connection.execute(
        select(_rows.c.digest)
        .where(mine == holder.name, _rows.c.once.is_(False))
        .order_by(_rows.c.began_at.desc(), _rows.c.until.desc())
        .offset(SESSIONS - 1)
    )
    for old in of_theirs.scalars().all():
        connection.execute(delete(_rows).where(_rows.c.digest == old))
    row = {
        "digest": digest(session.secret),
        "token": None if is_person else holder.name,
        "person": holder.name if is_person else None,
        "until": session.until,
        "once": False,
        "began_at": session.began_at,
        "seen_at": session.began_at,
        "address": session.address[:64],
    }
    connection.execute(insert(_rows), row)


def offer(connection: Connection, secret: str, person: str, until: datetime) -> None:
    """A one-time link for that person."""
    row = {"digest": digest(secret), "person": person, "until": until, "once": True}
    connection.execute(insert(_rows), row)


def find(connection: Connection, secret: str, now: datetime) -> Found | None:
    """Whose session that is, if it is not over."""
    row = _row(connection, secret, now, once=False)
    if row is None or (row.seen_at is not None and now - row.seen_at >= IDLE):
        return None
    holder = _holder(connection, row)
    return None if holder is None else Found(holder=holder, seen_at=row.seen_at)


def redeem(connection: Connection, secret: str, now: datetime) -> Holder | None:
    """Whose one-time link that is; it is used up by this."""
    row = _row(connection, secret, now, once=True)
    if row is None:
        return None
    spent = connection.execute(delete(_rows).where(_rows.c.digest == row.digest))
    if spent.rowcount != 1:
        return None  # another was first
    return _holder(connection, row)


def use(connection: Connection, secret: str, now: datetime) -> None:
    """It is used."""
    connection.execute(update(_rows).where(_rows.c.digest == digest(secret)).values(seen_at=now))


def end(connection: Connection, secret: str) -> None:
    """End one."""
    connection.execute(delete(_rows).where(_rows.c.digest == digest(secret)))


def of(connection: Connection, person: str, now: datetime) -> Sequence[Used]:
    """The sessions of a person that are not over, the newest first."""
    found = connection.execute(
        select(_rows)
        .where(
            _rows.c.person == person,
            _rows.c.once.is_(False),
            _rows.c.until > now,
            _rows.c.seen_at > now - IDLE,
        )
        .order_by(_rows.c.began_at.desc())
    )
    return [
        Used(began_at=row.began_at, seen_at=row.seen_at, until=row.until, address=row.address)
        for row in found
    ]


def forget(connection: Connection, now: datetime) -> None:
    """Drop what has run out."""
    connection.execute(delete(_rows).where(_rows.c.until <= now))


def _row(connection: Connection, secret: str, now: datetime, *, once: bool) -> Row[Any] | None:
    return connection.execute(
        select(_rows).where(
            _rows.c.digest == digest(secret), _rows.c.until > now, _rows.c.once.is_(once)
        )
    ).one_or_none()


def _holder(connection: Connection, row: Row[Any]) -> Holder | None:
    if row.person is None:
        return operators.named(connection, row.token)
    person = people.get(connection, row.person)
    return None if person is None or person.disabled_at is not None else person
