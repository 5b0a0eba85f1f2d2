"""What is registered, and how it is: sites, zones, devices, occupancy."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

from gateway.store.schema.base import Instant, metadata

versions = Table(
    "versions",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

sites = Table(
    "sites",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name_kk", Text, nullable=False),
    Column("name_ru", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("district", String(120), nullable=False),
    Column("address", Text, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("phones", Text, nullable=False, server_default="[]"),
    Column("access_kk", Text, nullable=False, server_default=""),
    Column("access_ru", Text, nullable=False, server_default=""),
    Column("access_en", Text, nullable=False, server_default=""),
)

zones = Table(
    "zones",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("name_kk", Text, nullable=False),
    Column("name_ru", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("building", Text, nullable=False, server_default=""),
    Column("floor", Text, nullable=False, server_default=""),
    Column("plan", Text, nullable=False, server_default=""),
)

devices = Table(
    "devices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("sort", String(20), nullable=False),
    Column("site", String(64), nullable=False),
    Column("zone", String(64)),
    Column("silent", Boolean, nullable=False),
    Column("input_kind", String(64)),
    Column("inputs", Text, nullable=False, server_default="{}"),
    Column("part_zones", Text, nullable=False, server_default="{}"),
    Column("max_silence_s", Integer, nullable=False),
    Column("proven_at", Instant),
    Column("host", Text, nullable=False, server_default=""),
    Column("port", Integer),
    Column("profile", Text, nullable=False, server_default=""),
    Column("looks_at", Text, nullable=False, server_default="[]"),
    Column("at_x", Float),
    Column("at_y", Float),
)

device_states = Table(
    "device_states",
    metadata,
    Column("device", String(80), primary_key=True),
    Column("heard_at", Instant),
    Column("link", String(64), nullable=False),
    Column("online", Boolean, nullable=False),
    Column("said", Text, nullable=False),
    Column("facts", Text, nullable=False, server_default="{}"),
    Column("silent_at", Instant),
    Column("gateway", String(40), nullable=False, server_default=""),
    Column("written_at", Instant, nullable=False, server_default="0", index=True),
)
"""How each device is, by whichever gateway heard it last; `written_at` is what others follow."""
_silent = device_states.c.silent_at.is_not(None)
Index(
    "ix_device_states_silent",
    device_states.c.silent_at,
    sqlite_where=_silent,
    postgresql_where=_silent,
)

gaps = Table(
    "gaps",
    metadata,
    Column("device", String(80), primary_key=True),
    Column("boot", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("found_at", Instant, nullable=False),
)
"""Numbers of the alarm lane that a device was asked for; written only where some are missing."""

occupancies = Table(
    "occupancies",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("inside", Integer, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("opened", Boolean, nullable=False),
)
