"""People: who signs in by name, with which role and districts; of a password only its hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.domain.operator import Operator, Role
from gateway.store import locks, schema
from gateway.store.operators import NameTaken

_people = schema.people


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs in by name."""

    name: str
    """What they type; unique among people and tokens."""
    shown: str = ""
    """How others read them; empty: by the name."""
    hash: str | None = None
    """Of the password, argon2id; None: they sign in elsewhere, or not yet."""
    role: Role
    districts: tuple[str, ...] = ()
    created_at: datetime
    password_at: datetime | None = None
    disabled_at: datetime | None = None
    issuer: str | None = None
    """Where else they sign in (OpenID Connect), …"""
    subject: str | None = None
    """… and who they are there."""

    def operator(self) -> Operator:
        """As whom they ask."""
        return Operator(
            name=self.name,
            role=self.role,
            districts=frozenset(self.districts),
            shown=self.shown or self.name,
        )


def add(connection: Connection, person: Person) -> None:
    """Write a new person.

    Raises:
        NameTaken: a person or a token has that name, or somebody else that subject.
    """
    locks.hold(connection, "name", [person.name])
    tokens = schema.tokens
    if connection.execute(select(tokens.c.name).where(tokens.c.name == person.name)).first():
        raise NameTaken(person.name)
    row = {name: getattr(person, name) for name in Person.__dataclass_fields__}
    row |= {"role": person.role.value, "districts": _listed(person.districts)}
    try:
        with connection.begin_nested():
            connection.execute(insert(_people), row)
    except IntegrityError:
        raise NameTaken(person.name) from None


def get(connection: Connection, name: str, *, hold: bool = False) -> Person | None:
    """Who has that name, disabled or not; held, nobody changes them until the commit."""
    asked = select(_people).where(_people.c.name == name)
    row = connection.execute(asked.with_for_update() if hold else asked).one_or_none()
    return None if row is None else _person(row)


def known_as(connection: Connection, issuer: str, subject: str) -> Person | None:
    """Who is that one elsewhere."""
    row = connection.execute(
        select(_people).where(_people.c.issuer == issuer, _people.c.subject == subject)
    ).one_or_none()
    return None if row is None else _person(row)


def listed(connection: Connection) -> Sequence[Person]:
    """Everybody, by name."""
    return [_person(row) for row in connection.execute(select(_people).order_by(_people.c.name))]


def set_password(connection: Connection, name: str, hashed: str, at: datetime) -> bool:
    """Give a new password; every session of theirs ends. False where nobody has that name."""
    return _set(connection, name, hash=hashed, password_at=at)


def renew_hash(connection: Connection, person: Person, hashed: str) -> None:
    """The same password, hashed as it is done today; no session ends."""
    connection.execute(
        update(_people)
        .where(_people.c.name == person.name, _people.c.hash == person.hash)
        .values(hash=hashed)
    )


def disable(connection: Connection, name: str, at: datetime | None) -> bool:
    """Let them in no more, from now on; None: again. False where nobody has that name."""
    return _set(connection, name, disabled_at=at)


def change(
    connection: Connection, name: str, role: Role, districts: Sequence[str], shown: str
) -> bool:
    """What they are, and where; it counts from their next question on."""
    values = {"role": role.value, "districts": _listed(districts), "shown": shown}
    done = connection.execute(update(_people).where(_people.c.name == name).values(**values))
    return done.rowcount == 1


def link(connection: Connection, name: str, issuer: str, subject: str) -> bool:
    """Say who they are elsewhere. False where nobody has that name.

    Raises:
        NameTaken: somebody else is that one.
    """
    try:
        with connection.begin_nested():
            done = connection.execute(
                update(_people).where(_people.c.name == name).values(issuer=issuer, subject=subject)
            )
    except IntegrityError:
        raise NameTaken(subject) from None
    return done.rowcount == 1


def _set(connection: Connection, name: str, **values: Any) -> bool:  # noqa: ANN401 - columns
    done = connection.execute(update(_people).where(_people.c.name == name).values(**values))
    rows = schema.sign_ins
    connection.execute(delete(rows).where(rows.c.person == name))
    return done.rowcount == 1


def _listed(districts: Sequence[str]) -> str:
    return msgspec.json.encode(list(districts)).decode()


def _person(row: Row[Any]) -> Person:
    return Person(
        name=row.name,
        shown=row.shown,
        hash=row.hash,
        role=Role(row.role),
        districts=tuple(msgspec.json.decode(row.districts)),
        created_at=row.created_at,
        password_at=row.password_at,
        disabled_at=row.disabled_at,
        issuer=row.issuer,
        subject=row.subject,
    )
