"""What came of it: alarms, their time lines, deliveries, and what moved."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

from gateway.store.schema.base import Instant, Position, metadata

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
    Column("affected", Text),
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
    Column("boot", BigInteger),
    Column("seq", BigInteger),
    Column("pressed_at", Instant, nullable=False),
    Column("pressed_quality", String(8), nullable=False),
    Column("asks_since", Instant),
    Column("acknowledged_at", Instant),
    Column("escalation", Integer, nullable=False, server_default="0"),
    Column("claimed_by", String(80)),
    Column("claimed_at", Instant),
    Column("claimed_until", Instant),
    Column("responded", String(16)),
    Column("disposition", String(16)),
    Column("closing_as", String(16)),
    Column("closing_due_at", Instant),
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
Index(
    "ix_alarms_raised_at",
    alarms.c.raised_at,
    alarms.c.priority,
    alarms.c.test,
    alarms.c.district,
    alarms.c.site,
)
"""None of these ever changes; figures are counted in it alone, without a look at the rows."""
_due = alarms.c.repeats_due_at.is_not(None)
Index("ix_alarms_due", alarms.c.repeats_due_at, sqlite_where=_due, postgresql_where=_due)
asks = text("closed_at IS NULL AND state = 'UNACKNOWLEDGED' AND priority <= 1 AND escalation < 3")
"""Alarms that may have to climb; word for word, so that both databases see that the index fits."""
Index("ix_alarms_asks", alarms.c.asks_since, sqlite_where=asks, postgresql_where=asks)
is_unanswered = text(
    "closed_at IS NULL AND state = 'ACKNOWLEDGED' AND priority = 0 AND responded IS NULL"
    " AND escalation < 3"
)
"""Cries that somebody has seen, and of which nobody has said what is done; likewise."""
Index(
    "ix_alarms_unanswered",
    alarms.c.acknowledged_at,
    sqlite_where=is_unanswered,
    postgresql_where=is_unanswered,
)
is_held = text("closed_at IS NULL AND claimed_by IS NOT NULL")
Index("ix_alarms_held", alarms.c.claimed_until, sqlite_where=is_held, postgresql_where=is_held)

FALSE = text("disposition = 'false'")
"""Word for word in index and question: SQLite compares no meanings."""
SILENT = text(
    "kind IN ('device.silent', 'site.silent', 'district.silent', 'site.cameras_silent',"
    " 'district.cameras_silent', 'camera.unreachable', 'camera.events_dead', 'camera.refused')"
)
Index(
    "ix_alarms_false",
    alarms.c.raised_at,
    alarms.c.site,
    alarms.c.district,
    sqlite_where=FALSE,
    postgresql_where=FALSE,
)
Index(
    "ix_alarms_silent",
    alarms.c.closed_at,
    alarms.c.raised_at,
    alarms.c.kind,
    alarms.c.test,
    alarms.c.district,
    alarms.c.affected,
    sqlite_where=SILENT,
    postgresql_where=SILENT,
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("alarm", String(32), nullable=False, index=True),
    Column("what", String(40), nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(80), nullable=False),
    Column("note", Text),
    Column("data", Text, nullable=False),
)
TAKING = text("what IN ('claim', 'acknowledge', 'accepted', 'dispatched', 'on_scene', 'close')")
"""The lines by which somebody took an alarm up, first of all."""
Index(
    "ix_transitions_taking",
    transitions.c.at,
    transitions.c.alarm,
    transitions.c.what,
    sqlite_where=TAKING,
    postgresql_where=TAKING,
)


def _deliveries(name: str, *more: SchemaItem, counts_itself: bool) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Position, primary_key=True, autoincrement=counts_itself),
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
        *more,
    )


deliveries = _deliveries(
    "deliveries",
    UniqueConstraint("receiver", "key"),
    UniqueConstraint("gateway", "receiver", "sequence"),
    counts_itself=True,
)
"""What waits, what is dead, and what was settled a moment ago: it stays small."""
_waiting = deliveries.c.state == "waiting"
Index(
    "ix_deliveries_waiting",
    deliveries.c.priority,
    deliveries.c.id,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index("ix_deliveries_alarm", deliveries.c.alarm)
_dead = deliveries.c.state == "dead"
Index("ix_deliveries_dead", deliveries.c.id, sqlite_where=_dead, postgresql_where=_dead)

deliveries_done = _deliveries("deliveries_done", counts_itself=False)
"""What was accepted, moved out of the way; under the same ids."""
Index("ix_deliveries_done_alarm", deliveries_done.c.alarm)

delivery_totals = Table(
    "delivery_totals",
    metadata,
    Column("gateway", String(40), primary_key=True),
    Column("receiver", String(64), primary_key=True),
    Column("done", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
)
"""How many were ever moved as done, and how many dead letters were dropped by their age."""

changes = Table(
    "changes",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("what", String(10), nullable=False),
    Column("key", String(80), nullable=False),
    Column("at", Instant, nullable=False),
)
