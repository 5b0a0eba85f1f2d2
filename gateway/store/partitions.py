"""Partitions: on PostgreSQL passages lie in tables by the day, made ahead, and dropped whole.

What a clock dated outside of them all goes to the table `other`; what was there before there were
partitions is the table `before`, which is emptied row by row (retention).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, TableClause, column, or_, select, table, text

from adapters.signal import Lane
from gateway.store import checkpoints, distinct, schema, turns
from gateway.store.journal import Head
from gateway.store.signing import Signer

AHEAD = timedelta(days=7)
FEW = 60
"""Partitions: each is one more to be planned, locked and asked."""
SHORTEST = timedelta(days=2)
"""In 24 h a passage may be heard again."""
PATIENCE = "50ms"
"""Behind whoever waits to change the table, the passages wait too."""
OTHER = "journal_event_other"
_BOUNDS = re.compile(r"FROM \((\w+|'-?\d+')\) TO \('(-?\d+)'\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One table of passages, from its first moment up to its end, microseconds since 1970."""

    name: str
    begins: int | None
    """None: without a beginning."""
    ends: int


def make_next(connection: Connection, kept: timedelta, now: datetime) -> str | None:
    """Make the next partition that will be needed; its name, None: there are enough, or not now."""
    if not _may_change(connection):
        return None
    begins = schema.microseconds(schema.midnight(now))
    for one in listed(connection):
        begins = max(begins, one.ends)
    while begins < schema.microseconds(now + AHEAD):
        day = schema.midnight(schema.moment(begins))
        ends = schema.microseconds(day + timedelta(days=span_days(kept)))
        if not _has_strays(connection, begins, ends):
            return _make(connection, Partition(name=name_of(begins), begins=begins, ends=ends))
        begins = ends
    return None


def drop_next(connection: Connection, signer: Signer, kept: timedelta, now: datetime) -> str | None:
    """Drop the oldest partition where it is too old, and sign where each chain begins now.

    None: none is too old, or rows that are not go through it; those go one by one (retention).
    """
    if not _may_change(connection):
        return None
    oldest = next(iter(listed(connection)), None)
    if oldest is None or not _is_too_old(connection, oldest, kept, now):
        return None
    ends = _ends_of_chains(connection, oldest)
    if any(_is_mixed(connection, oldest, gateway, head) for gateway, head in ends.items()):
        return None
    before = schema.moment(oldest.ends)
    for gateway, head in ends.items():
        checkpoints.leave(connection, signer, gateway, Lane.EVENT, head, before=before, now=now)
    connection.execute(text(f"DROP TABLE {oldest.name}"))
    return oldest.name


def listed(connection: Connection) -> list[Partition]:
    """Every partition that has bounds, the oldest first."""
    found = []
    for name, bounds in connection.execute(_LISTED):
        read = _BOUNDS.search(bounds)
        if read is not None:
            begins = None if read[1] == "MINVALUE" else int(read[1].strip("'"))
            found.append(Partition(name=name, begins=begins, ends=int(read[2])))
    return sorted(found, key=lambda one: one.ends)


def span_days(kept: timedelta) -> int:
    """How many days a partition holds, so that there are few."""
    return max(1, -(-kept.days // FEW))


def _may_change(connection: Connection) -> bool:
    """Whether there are partitions here, and it is our turn; then nobody waits for us for long."""
    if connection.dialect.name != "postgresql" or not turns.is_ours(connection):
        return False
    connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    return True


def _has_strays(connection: Connection, begins: int, ends: int) -> bool:
    """Rows of that time that came when there was no partition for them: they stay in `other`."""
    rows = _table(OTHER).c
    found = select(rows.number).where(rows.received_at >= begins, rows.received_at < ends)
    return connection.execute(found.limit(1)).first() is not None


def _make(connection: Connection, made: Partition) -> str:
    """A table of its own first, so that the others are held only for the moment of joining it."""
    name, key = made.name, "device, event_id, reuse, (received_at / 86400000000)"
    within = f"FOR VALUES FROM ({made.begins}) TO ({made.ends})"
    for statement in (
        f"CREATE TABLE {name} (LIKE journal_event)",
        f"CREATE UNIQUE INDEX uq_{name}_number ON {name} (gateway, number)",
        f"CREATE UNIQUE INDEX uq_{name}_key ON {name} ({key})",
        f"ALTER TABLE journal_event ATTACH PARTITION {name} {within}",
    ):
        connection.execute(text(statement))
    return name


def _is_too_old(connection: Connection, one: Partition, kept: timedelta, now: datetime) -> bool:
    """Whether its first row may be kept no longer; without a beginning: whether it is empty."""
    if one.begins is None:
        rows = _table(one.name).c
        return connection.execute(select(rows.number).limit(1)).first() is None
    return schema.moment(one.begins) + max(kept, SHORTEST) <= now


def _ends_of_chains(connection: Connection, one: Partition) -> dict[str, Head]:
    """By gateway: its last row in that partition."""
    rows = _table(one.name).c
    ends = {}
    for gateway in distinct.names(connection, rows.gateway):
        last = select(rows.number, rows.hash).where(rows.gateway == gateway)
        found = connection.execute(last.order_by(rows.number.desc()).limit(1)).one()
        ends[gateway] = Head(number=found.number, hash=bytes(found.hash))
    return ends


def _is_mixed(connection: Connection, one: Partition, gateway: str, end: Head) -> bool:
    """Whether rows of its chain before its end lie elsewhere: a clock was set back."""
    rows = _table("journal_event").c
    elsewhere = or_(rows.received_at < one.begins, rows.received_at >= one.ends)
    found = select(rows.number).where(rows.gateway == gateway, rows.number < end.number, elsewhere)
    return connection.execute(found.limit(1)).first() is not None


def _table(name: str) -> TableClause:
    return table(name, *(column(one) for one in ("gateway", "number", "hash", "received_at")))


def name_of(begins: int) -> str:
    """By its first moment; one that does not begin a day is told apart by its time."""
    moment = schema.moment(begins)
    is_whole = moment == schema.midnight(moment)
    return f"journal_event_{moment:%Y%m%d}" if is_whole else f"journal_event_{moment:%Y%m%d_%H%M%S}"


_LISTED = text(
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i"
    " JOIN pg_class AS c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'journal_event'::regclass"
)
