"""What was heard: two journals, their checkpoints, and the quarantine."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from gateway.store.schema.base import Instant, Position, metadata


def _journal(name: str) -> Table:
    """One lane's journal, hash-chained per gateway; alarms stay small beside passages."""
    return Table(
        name,
        metadata,
        Column("gateway", String(40), primary_key=True),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("device", String(80), nullable=False),
        Column("event_id", String(64), nullable=False),
        Column("reuse", Integer, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        Column("kind", String(64), nullable=False),
        Column("site", String(64)),
        Column("part", Integer, nullable=False),
        Column("link", String(64), nullable=False),
        Column("received_at", Instant, nullable=False),
        Column("said_at", Instant),
        Column("clock", String(8)),
        Column("age_ms", BigInteger),
        Column("boot", BigInteger),
        Column("seq", BigInteger),
        Column("marks", String(80), nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        # Counters beside the chain, never part of it.
        Column("heard_again", Integer, nullable=False),
        Column("folded", Integer, nullable=False),
        UniqueConstraint("device", "event_id", "reuse"),
    )


journal_alarm = _journal("journal_alarm")
journal_event = _journal("journal_event")
"""On PostgreSQL in partitions of `received_at`, each with the keys of its own; on SQLite only the
last two days: the rest lies in archives beside the file."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("gateway", String(40), primary_key=True),
    Column("lane", String(8), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("before", Instant, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("key", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""Where a chain begins after its older rows were dropped: each signs the one before it too."""

archives = Table(
    "archives",
    metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("gateway", String(40), primary_key=True),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""SQLite: which rows of which chain lie in the archive of that day (days since 1970)."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("device", String(80), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("link", String(64), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("device", "reason", "digest"),
)
Index("ix_quarantine_last_at", quarantine.c.last_at)
