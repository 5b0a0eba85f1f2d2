"""What people do: tests, commands, responses, tokens, sessions."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, Table, Text

from gateway.store.schema.base import Instant, metadata

windows = Table(
    "windows",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("expected", Text, nullable=False),
    Column("heard", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("by", String(80), nullable=False),
    Column("reason", Text, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("device", String(80), nullable=False),
    Column("command", String(16), nullable=False),
    Column("data", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("replied_at", Instant),
    Column("ok", Boolean),
    Column("error", Text),
)
Index("ix_commands_until", commands.c.until)

responses = Table(
    "responses",
    metadata,
    Column("receiver", String(100), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("alarm", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
)
Index("ix_responses_at", responses.c.at)

tokens = Table(
    "tokens",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("districts", Text, nullable=False),
    Column("receiver", String(64)),
    Column("device", String(40)),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("token", String(80), nullable=False),
    Column("until", Instant, nullable=False),
    Column("once", Boolean, nullable=False),
)
"""One-time links and sessions; only a digest of the secret is kept."""
