"""Who is on duty, and what one leaves to the next."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from gateway.store.schema.base import Instant, metadata

shifts = Table(
    "shifts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", String(80), nullable=False),
    Column("districts", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant, index=True),
    Column("ended_by", String(80)),
)
_standing = shifts.c.ended_at.is_(None)
Index(
    "ix_shifts_standing",
    shifts.c.person,
    unique=True,
    sqlite_where=_standing,
    postgresql_where=_standing,
)
"""Nobody is on duty twice at once."""

handovers = Table(
    "handovers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("shift", String(32), nullable=False),
    Column("giver", String(80), nullable=False),
    Column("taker", String(80)),
    Column("districts", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("note", Text, nullable=False),
    Column("open", Text, nullable=False),
    Column("open_count", Integer, nullable=False),
    Column("taken_at", Instant),
    Column("taken_by", String(80)),
    Column("withdrawn_at", Instant),
)
"""`open` is the list of open alarms as it stood when it was offered; it never changes."""
