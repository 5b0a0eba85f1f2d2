"""Coming in and going out: each a whole transaction of signing in or out."""

from datetime import datetime

from sqlalchemy import Connection, delete

from gateway.store import operators, schema
from gateway.store.operators import Token


def look(connection: Connection, secret: str, now: datetime, *, is_session: bool) -> Token | None:
    """Whose secret that is: a token's own, or a session's."""
    if is_session:
        return operators.sign_in(connection, secret, now, once=False)
    return operators.token_of(connection, secret)


def enter(
    connection: Connection,
    secret: str,
    session: str,
    now: datetime,
    until: datetime,
    *,
    once: bool,
) -> Token | None:
    """Open a session for a person's token, or for a one-time link, which is used up by this."""
    operators.forget_sign_ins(connection, now)
    if once:
        token = operators.sign_in(connection, secret, now, once=True)
    else:
        token = operators.token_of(connection, secret)
    if token is None or not token.operator().is_person:
        return None
    operators.open_sign_in(connection, session, token.name, until, once=False)
    return token


def leave(connection: Connection, session: str) -> None:
    """End a session."""
    rows = schema.sign_ins
    connection.execute(delete(rows).where(rows.c.digest == operators.digest(session)))
