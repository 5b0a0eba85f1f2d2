"""People and what they do: tests, commands, responses, tokens, sessions."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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

people = Table(
    "people",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("shown", String(200), nullable=False),
    Column("hash", String(200)),
    Column("role", String(16), nullable=False),
    Column("districts", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("password_at", Instant),
    Column("disabled_at", Instant),
    Column("issuer", String(255)),
    Column("subject", String(255)),
    UniqueConstraint("issuer", "subject"),
)
"""Who signs in by a password of their own (only its argon2id hash is kept), or elsewhere."""

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("token", String(80)),
    Column("person", String(80)),
    Column("until", Instant, nullable=False),
    Column("once", Boolean, nullable=False),
    Column("began_at", Instant),
    Column("seen_at", Instant),
    Column("address", String(64)),
)
"""One-time links and sessions, of a token or a person; only a digest of the secret is kept."""
Index("ix_sign_ins_person", sign_ins.c.person)
Index("ix_sign_ins_token", sign_ins.c.token)
