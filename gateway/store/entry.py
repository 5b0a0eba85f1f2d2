"""Coming in and going out: each a whole transaction of signing in or out."""

from datetime import datetime

from sqlalchemy import Connection

from gateway.domain.deed import Deed
from gateway.domain.operator import Operator
from gateway.store import audit, operators, people, sessions
from gateway.store.people import Person
from gateway.store.sessions import Found, Holder, Session


def look(connection: Connection, secret: str, now: datetime, *, is_session: bool) -> Found | None:
    """Whose secret that is: a token's own, or a session's."""
    if is_session:
        return sessions.find(connection, secret, now)
    token = operators.token_of(connection, secret)
    return None if token is None else Found(holder=token)


def everybody(connection: Connection) -> list[Operator]:
    """Who may come in now: people, and whoever a token speaks for, by name."""
    found = [one.operator() for one in operators.tokens(connection) if one.revoked_at is None]
    found += [one.operator() for one in people.listed(connection) if one.disabled_at is None]
    return sorted(found, key=lambda one: one.name)


def enter(connection: Connection, secret: str, session: Session, *, once: bool) -> Holder | None:
    """Open a session for a person's token, or for a one-time link, which is used up by this."""
    sessions.forget(connection, session.began_at)
    if once:
        holder = sessions.redeem(connection, secret, session.began_at)
    else:
        holder = operators.token_of(connection, secret)
    if holder is None or not holder.operator().is_person:
        return None
    _begin(connection, session, holder)
    return holder


def enter_by_password(
    connection: Connection, seen: Person, session: Session, renewed: str | None
) -> Person | None:
    """Open a session for a person whose password was right, if it is still theirs.

    `seen` is the person as the password was tried; `renewed` its new hash where the old is weak.
    """
    now = people.get(connection, seen.name, hold=True)
    if now is None or now.disabled_at is not None or now.hash != seen.hash:
        return None
    return _enter(connection, now, session, renewed)


def change_password(
    connection: Connection, seen: Person, session: Session, hashed: str
) -> Person | None:
    """Give a new password to whoever knew the old one, and the only session that is left."""
    now = people.get(connection, seen.name, hold=True)
    if now is None or now.disabled_at is not None or now.hash != seen.hash:
        return None
    people.set_password(connection, now.name, hashed, session.began_at)
    sessions.begin(connection, session, now)
    changed = audit.by(
        now.operator(), Deed.PASSWORD_CHANGED, now.name, {"own": True}, gateway=session.gateway
    )
    audit.note(connection, changed, session.began_at)
    return now


def enter_from_elsewhere(
    connection: Connection, issuer: str, subject: str, session: Session
) -> Person | None:
    """Open a session for whoever is that one elsewhere."""
    person = people.known_as(connection, issuer, subject)
    if person is None or person.disabled_at is not None:
        return None
    return _enter(connection, person, session, None)


def leave(
    connection: Connection, session: str, operator: Operator, now: datetime, gateway: str
) -> None:
    """End a session."""
    sessions.end(connection, session)
    gone = audit.by(operator, Deed.SIGN_OUT, operator.name, gateway=gateway)
    audit.note(connection, gone, now)


def _enter(connection: Connection, person: Person, session: Session, renewed: str | None) -> Person:
    if renewed is not None:
        people.renew_hash(connection, person, renewed)
    sessions.forget(connection, session.began_at)
    _begin(connection, session, person)
    return person


def _begin(connection: Connection, session: Session, holder: Holder) -> None:
    sessions.begin(connection, session, holder)
    came = audit.by(
        holder.operator(),
        Deed.SIGN_IN,
        holder.name,
        {"way": session.way or None, "address": session.address or None},
        gateway=session.gateway,
    )
    audit.note(connection, came, session.began_at)
