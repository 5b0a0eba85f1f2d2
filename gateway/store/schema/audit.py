"""What people and machines did, in one chain of the whole installation."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from gateway.store.schema.base import Instant, metadata

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("gateway", String(40), nullable=False),
    Column("who", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("district", String(120)),
    Column("what", String(40), nullable=False),
    Column("key", String(120), nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Only ever added to, in the transaction of the deed; `hash` covers the row and all before it."""
Index("ix_audit_at", audit.c.at)
Index("ix_audit_who", audit.c.who, audit.c.number)
Index("ix_audit_key", audit.c.key, audit.c.number)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Its end, one row: whoever writes holds it until the commit."""

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("before", Instant, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("key", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""Where it begins after older rows were dropped: each signs the one before it too."""
