"""Every table, each noun once. Times are microseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970, as the tables keep them."""
    return (moment - _EPOCH) // _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds: the same on every database, and ordered."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ANN401, ARG002
        """To the table."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ANN401, ARG002
        """From the table."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Position = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts a row by itself only where the key is exactly INTEGER."""

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
    Column("part_zones", Text, nullable=False, server_default="{}"),
    Column("max_silence_s", Integer, nullable=False),
    Column("proven_at", Instant),
    Column("host", Text, nullable=False, server_default=""),
    Column("port", Integer),
    Column("profile", Text, nullable=False, server_default=""),
)

device_states = Table(
    "device_states",
    metadata,
    Column("device", String(80), primary_key=True),
    Column("heard_at", Instant, nullable=False),
    Column("link", String(64), nullable=False),
    Column("online", Boolean, nullable=False),
    Column("said", Text, nullable=False),
)


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

sequences = Table(
    "sequences",
    metadata,
    Column("gateway", String(40), primary_key=True),
    Column("receiver", String(64), primary_key=True),
    Column("last", BigInteger, nullable=False),
)
"""What each gateway last counted towards each receiver, without a gap."""

alarms = Table(
    "alarms",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("hidden", String(16)),
    Column("hidden_until", Instant),
    Column("silent", Boolean, nullable=False),
    Column("latches", Boolean, nullable=False),
    Column("test", Boolean, nullable=False),
    Column("said_test", Boolean, nullable=False),
    Column("unexpected", Boolean, nullable=False),
    Column("id_reused", Boolean, nullable=False),
    Column("registered", Boolean, nullable=False),
    Column("doubt", String(40)),
    Column("count", Integer, nullable=False),
    Column("site", String(64)),
    Column("district", String(120)),
    Column("zone", String(64)),
    Column("device", String(80), nullable=False),
    Column("sort", String(20)),
    Column("part", Integer, nullable=False),
    Column("event_id", String(64), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("pressed_at", Instant, nullable=False),
    Column("pressed_quality", String(8), nullable=False),
    Column("claimed_by", String(80)),
    Column("claimed_until", Instant),
    Column("responded", String(16)),
    Column("disposition", String(16)),
    Column("closed_at", Instant),
    Column("note", Text),
    Column("version", Integer, nullable=False),
    Column("notices", Integer, nullable=False),
    Column("repeats_singly", Integer, nullable=False),
    Column("repeats_since", Instant),
    Column("repeats_owed", Text, nullable=False),
    Column("repeats_due_at", Instant),
)
_open = alarms.c.closed_at.is_(None)
Index("ix_alarms_open_device", alarms.c.device, sqlite_where=_open, postgresql_where=_open)
Index("ix_alarms_raised_at", alarms.c.raised_at)
_due = alarms.c.repeats_due_at.is_not(None)
Index("ix_alarms_due", alarms.c.repeats_due_at, sqlite_where=_due, postgresql_where=_due)

transitions = Table(
    "transitions",
    metadata,
    Column("id", _Position, primary_key=True, autoincrement=True),
    Column("alarm", String(32), nullable=False, index=True),
    Column("what", String(40), nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(80), nullable=False),
    Column("note", Text),
    Column("data", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Position, primary_key=True, autoincrement=True),
    Column("key", String(80), nullable=False),
    Column("receiver", String(64), nullable=False),
    Column("alarm", String(32)),
    Column("number", Integer, nullable=False),
    Column("gateway", String(40), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", String(40), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("device", String(80), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),
    Column("claimed_by", String(40)),
    Column("claimed_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("answer", Text),
    Column("reference", Text),
    UniqueConstraint("receiver", "key"),
    UniqueConstraint("gateway", "receiver", "sequence"),
)
_waiting = deliveries.c.state == "waiting"
Index(
    "ix_deliveries_waiting",
    deliveries.c.priority,
    deliveries.c.id,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index("ix_deliveries_alarm", deliveries.c.alarm)

changes = Table(
    "changes",
    metadata,
    Column("position", _Position, primary_key=True, autoincrement=True),
    Column("what", String(10), nullable=False),
    Column("key", String(80), nullable=False),
    Column("at", Instant, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", _Position, primary_key=True, autoincrement=True),
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

occupancies = Table(
    "occupancies",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("inside", Integer, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("opened", Boolean, nullable=False),
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

responses = Table(
    "responses",
    metadata,
    Column("receiver", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("alarm", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
)

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
