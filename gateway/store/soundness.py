"""Soundness: whether a database takes a write, keeps it, and knows the time, by its own word."""

from datetime import datetime

from sqlalchemy import Connection, text

from gateway.store import schema

_NAMES = ("fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names")


def touch(connection: Connection) -> None:
    """A write that changes nothing, and is committed all the same."""
    rows = schema.versions
    connection.execute(rows.delete().where(rows.c.name == "checked"))
    connection.execute(rows.insert(), {"name": "checked", "value": 1})
    connection.execute(rows.delete().where(rows.c.name == "checked"))


def durability(connection: Connection) -> dict[str, str]:
    """The settings on which it hangs whether a commit survives; by the database's own names."""
    if connection.dialect.name == "sqlite":
        asked = {name: f"PRAGMA {name}" for name in ("journal_mode", "synchronous")}
    else:
        asked = {name: f"SHOW {name}" for name in _NAMES}
    return {name: str(connection.execute(text(sql)).scalar()) for name, sql in asked.items()}


def server_time(connection: Connection) -> datetime | None:
    """What time its server believes it is; None where it has no server."""
    if connection.dialect.name == "sqlite":
        return None
    found = connection.execute(text("SELECT clock_timestamp()")).scalar()
    return found if isinstance(found, datetime) else None
