"""What is kept of cameras: the login that a person approved, what lasts on each, and how it is."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text

from gateway.store.schema.base import Instant, metadata

camera_logins = Table(
    "camera_logins",
    metadata,
    Column("device", String(40), primary_key=True),
    Column("host", Text, nullable=False),
    Column("port", Integer, nullable=False),
    Column("tls", Boolean, nullable=False),
    Column("login", LargeBinary, nullable=False),
    Column("pin", String(64)),
    Column("serial", String(120)),
    Column("approved_by", String(80), nullable=False),
    Column("approved_at", Instant, nullable=False),
)
"""No login goes to another host than the one here; user and password are sealed."""

camera_conditions = Table(
    "camera_conditions",
    metadata,
    Column("device", String(40), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
    Column("event_id", String(64), nullable=False),
    Column("token", BigInteger, nullable=False, server_default="0"),
)
"""What was last known of everything that lasts on a camera; `token` is the writer's lease."""

camera_states = Table(
    "camera_states",
    metadata,
    Column("device", String(40), primary_key=True),
    Column("gateway", String(40), nullable=False),
    Column("facts", Text, nullable=False),
    Column("written_at", Instant, nullable=False, index=True),
)
"""How each camera is, by the gateway that holds its link; `written_at` is what others follow."""
