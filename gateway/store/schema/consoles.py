"""Consoles: the pages at which shifts were begun, and when each was heard of last."""

from sqlalchemy import Boolean, Column, String, Table, Text

from gateway.store.schema.base import Instant, metadata

consoles = Table(
    "consoles",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("districts", Text, nullable=False),
    Column("armed", Boolean, nullable=False),
    Column("sound", Boolean, nullable=False),
    Column("heard_at", Instant, nullable=False),
)
