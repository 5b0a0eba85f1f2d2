"""What cameras saw of an alarm: which stills are wanted, what became of each, who looked at it."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from gateway.store.schema.base import Instant, Position, metadata

evidence = Table(
    "evidence",
    metadata,
    Column("alarm", String(32), primary_key=True),
    Column("camera", String(40), primary_key=True),
    Column("offset_s", Integer, primary_key=True, autoincrement=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),
    Column("why", String(40)),
    Column("gateway", String(40)),
    Column("claimed_until", Instant),
    Column("sha256", String(64)),
    Column("content_type", String(40)),
    Column("size_bytes", Integer),
    Column("taken_at", Instant),
    Column("fetched_at", Instant),
    Column("settled_at", Instant),
)
"""One still that an alarm asks of a camera; `taken_at` is when we asked for it, by our clock."""
_waiting = evidence.c.state == "waiting"
Index("ix_evidence_waiting", evidence.c.due_at, sqlite_where=_waiting, postgresql_where=_waiting)
_kept = evidence.c.state == "kept"
Index("ix_evidence_kept", evidence.c.due_at, sqlite_where=_kept, postgresql_where=_kept)
_dropping = evidence.c.state == "dropping"
Index("ix_evidence_dropping", evidence.c.sha256, sqlite_where=_dropping, postgresql_where=_dropping)
Index("ix_evidence_sha256", evidence.c.sha256)

evidence_slices = Table(
    "evidence_slices",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
)
"""The bytes of stills, where they lie in the database: each in slices that hold up nobody."""

evidence_access = Table(
    "evidence_access",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("who", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("alarm", String(32), nullable=False),
    Column("gateway", String(40), nullable=False),
)
"""Who was given which still, and when."""
