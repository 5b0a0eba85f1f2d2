"""Who else is there: gateways and their signs of life, leases; and what all of them count on."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from gateway.store.schema.base import Instant, metadata

gateways = Table(
    "gateways",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("life", String(32), nullable=False),
    Column("version", String(40), nullable=False),
    Column("keys", LargeBinary, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
    Column("left_at", Instant),
)
"""Each gateway's last sign of life, on the store's own time; `keys` only tells keys apart."""

leases = Table(
    "leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(40), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
)
"""What one gateway alone does; the token grows with every new holder."""

tallies = Table(
    "tallies",
    metadata,
    Column("device", String(80), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("times", Text, nullable=False),
    Column("last_at", Instant, nullable=False),
)
"""When what a rule counts came last, in microseconds; whichever gateway heard it."""
