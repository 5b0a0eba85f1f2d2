"""Turns: on PostgreSQL one gateway at a time puts away and throws away; the others look again."""

from sqlalchemy import Connection, text

_LOCK = text("SELECT pg_try_advisory_xact_lock(7235420)")


def is_ours(connection: Connection) -> bool:
    """Whether it is our turn, until this transaction ends."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(_LOCK).scalar())
