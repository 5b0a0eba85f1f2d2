"""Soundness: whether a database takes a write, keeps it, and knows the time, by its own word."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, select, text

from gateway.store import archives, schema

_NAMES = ("fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How large the database is, and of how long a past."""

    size_bytes: int
    span: timedelta


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


def extent(connection: Connection, gateway: str) -> Extent:
    """The size of the database, and the time from the first to the last event that it holds."""
    if connection.dialect.name == "sqlite":
        pages, free, size = (
            int(connection.execute(text(f"PRAGMA {name}")).scalar() or 0)
            for name in ("page_count", "freelist_count", "page_size")
        )
        size_bytes = (pages - free) * size + archives.size_bytes(connection)
    else:
        found = connection.execute(text("SELECT pg_database_size(current_database())")).scalar()
        size_bytes = int(found or 0)
    ends = [end for table in _JOURNALS for end in _ends(connection, table, gateway)]
    return Extent(size_bytes=size_bytes, span=max(ends) - min(ends) if ends else timedelta())


_JOURNALS = (schema.journal_alarm, schema.journal_event)


def _ends(connection: Connection, table: Table, gateway: str) -> list[datetime]:
    """When the first and the last row of a gateway's chain were heard."""
    own = select(table.c.received_at).where(table.c.gateway == gateway).limit(1)
    rows = (own.order_by(table.c.number), own.order_by(table.c.number.desc()))
    return [at for one in rows if (at := connection.execute(one).scalar()) is not None]
