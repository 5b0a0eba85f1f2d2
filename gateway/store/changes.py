"""Changes: what moved, in commit order, so that a page that was away can catch up without a gap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select

from gateway.store import schema
from gateway.store.bulk import Bulk

_rows = schema.changes
CHANNEL = "dabyl_changes"


class What(StrEnum):
    """What a change is about."""

    ALARM = "alarm"
    DELIVERY = "delivery"
    DEVICE = "device"
    TEST = "test"
    """A test window was opened, or is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One thing that moved; its position grows in commit order."""

    position: int
    what: What
    key: str
    at: datetime


def note(connection: Connection, moved: Iterable[tuple[What, str]], at: datetime) -> None:
    """Write down what moved, once each. Last in its transaction.

    On PostgreSQL a lock makes positions follow the commits, and listeners wake at the commit.
    """
    moment = schema.microseconds(at)
    _INSERT.write(connection, [(what, key, moment) for what, key in dict.fromkeys(moved)])


def after(connection: Connection, position: int, limit: int) -> list[Moved]:
    """What moved after that position, in order."""
    rows = connection.execute(
        select(_rows).where(_rows.c.position > position).order_by(_rows.c.position).limit(limit)
    )
    return [
        Moved(position=row.position, what=What(row.what), key=row.key, at=row.at) for row in rows
    ]


def bounds(connection: Connection) -> tuple[int, int]:
    """The first and the last position kept; (1, 0) where there are none."""
    first, last = connection.execute(
        select(func.min(_rows.c.position), func.max(_rows.c.position))
    ).one()
    return (1, 0) if last is None else (first, last)


# A position is drawn for each row behind the lock, which lasts until the commit.
_LOCK = f"(SELECT pg_advisory_xact_lock(7235419), pg_notify('{CHANNEL}', '')) AS l, "
_INSERT = Bulk.insert(_rows, ("what", "key", "at"), beside=_LOCK)
