"""Retention: the oldest rows of a chain go in slices, and a signed checkpoint takes their place."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select

from adapters.signal import Lane
from gateway.store import checkpoints, distinct, journal, schema
from gateway.store.journal import Head
from gateway.store.signing import Signer

_LYING = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What of a chain is too old, by whose word, and when that is."""

    signer: Signer
    lane: Lane
    before: datetime
    now: datetime

    def until(self, before: datetime) -> "Cut":
        """The same, but only what was heard before then."""
        return replace(self, before=before)


def drop_slice(connection: Connection, cut: Cut, limit: int) -> int:
    """Drop the oldest rows of the chains on that lane, one slice of one chain; how many.

    Only ever at a chain's beginning: behind a row that is not too old everything stays. What a
    clock dated ahead of us holds up nobody.
    """
    rows = journal.table(cut.lane)
    for gateway in distinct.names(connection, rows.c.gateway):
        oldest = connection.execute(
            select(rows.c.number, rows.c.hash, rows.c.received_at)
            .where(rows.c.gateway == gateway)
            .order_by(rows.c.number)
            .limit(limit)
        ).all()
        old = 0
        while old < len(oldest) and _is_old(oldest[old].received_at, cut):
            old += 1
        if old:
            last = oldest[old - 1]
            connection.execute(
                delete(rows).where(rows.c.gateway == gateway, rows.c.number <= last.number)
            )
            head = Head(number=last.number, hash=bytes(last.hash))
            checkpoints.leave(
                connection,
                cut.signer,
                gateway,
                cut.lane,
                head,
                before=cut.before,
                now=cut.now,
            )
            return old
    return 0


def unfinished_since(connection: Connection, kept_since: datetime) -> datetime | None:
    """Since when the oldest alarm that is kept was raised, or notice unsettled; None: none is.

    What was heard then, or later, may be asked for; and an id that was forgotten before its alarm
    would be taken for new, and be refused as that alarm once more. `kept_since`: an alarm that was
    closed before then is not kept.
    """
    alarms, owed = schema.alarms.c, schema.deliveries.c
    is_kept = or_(alarms.closed_at.is_(None), alarms.closed_at >= kept_since)
    found = [
        connection.execute(
            select(alarms.raised_at).where(is_kept).order_by(alarms.raised_at).limit(1)
        ).scalar(),
        connection.execute(
            select(func.min(owed.created_at, type_=schema.Instant)).where(owed.state == "waiting")
        ).scalar(),
    ]
    return min((moment for moment in found if moment is not None), default=None)


def newest(connection: Connection) -> datetime | None:
    """When the last of all rows that are not put away was heard; None: there is none."""
    heard: list[datetime] = []
    for lane in Lane:
        rows = journal.table(lane)
        for gateway in distinct.names(connection, rows.c.gateway):
            last = select(rows.c.received_at).where(rows.c.gateway == gateway)
            heard += connection.execute(last.order_by(rows.c.number.desc()).limit(1)).scalars()
    return max(heard, default=None)


def _is_old(received_at: datetime, cut: Cut) -> bool:
    return received_at < cut.before or received_at > cut.now + _LYING
