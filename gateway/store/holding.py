"""Holding: which gateway sends a waiting delivery; a hold expires soon, and is renewed."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update

from gateway.store import schema
from gateway.store.outbox import Delivery, delivery

_rows = schema.deliveries
_TO = _rows.c.receiver.concat("")
"""The receiver as no index knows it: SQLite would else look through all that one ever got."""


def claim(
    connection: Connection,
    gateway: str,
    receivers: Collection[str],
    now: datetime,
    until: datetime,
    limit: int,
) -> list[Delivery]:
    """Take waiting deliveries to those receivers that nobody holds: P0 first, then oldest.

    Order per alarm and receiver is kept: none is taken while an earlier one is held by another.
    """
    free = or_(_rows.c.claimed_by.is_(None), _rows.c.claimed_until < now)
    earlier = _rows.alias()
    blocked = (
        select(earlier.c.id)
        .where(
            earlier.c.alarm == _rows.c.alarm,
            earlier.c.receiver == _rows.c.receiver,
            earlier.c.number < _rows.c.number,
            earlier.c.state == "waiting",
            earlier.c.claimed_by != gateway,
            earlier.c.claimed_until >= now,
        )
        .exists()
    )
    taken = connection.execute(
        select(_rows)
        .where(_rows.c.state == "waiting", _TO.in_(receivers), free, ~blocked)
        .order_by(_rows.c.priority, _rows.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if taken:
        connection.execute(
            _CLAIM,
            [{"b_id": row.id, "b_gateway": gateway, "b_until": until} for row in taken],
        )
    return [delivery(row) for row in taken]


def anything_free(receivers: Collection[str], now: datetime) -> Callable[[Connection], bool]:
    """A cheap look whether there is anything to claim, so that a poll need not write."""

    def look(connection: Connection) -> bool:
        free = or_(_rows.c.claimed_by.is_(None), _rows.c.claimed_until < now)
        found = connection.execute(
            select(_rows.c.id).where(_rows.c.state == "waiting", _TO.in_(receivers), free).limit(1)
        )
        return found.one_or_none() is not None

    return look


def hold(connection: Connection, gateway: str, ids: Sequence[int], until: datetime) -> None:
    """Keep what is claimed for longer."""
    connection.execute(
        _CLAIM, [{"b_id": number, "b_gateway": gateway, "b_until": until} for number in ids]
    )


def release(connection: Connection, gateway: str) -> None:
    """Let go of everything that a former life of this gateway had claimed."""
    connection.execute(
        update(_rows)
        .where(_rows.c.state == "waiting", _rows.c.claimed_by == gateway)
        .values(claimed_by=None, claimed_until=None)
    )


_CLAIM = (
    update(_rows)
    .where(_rows.c.id == bindparam("b_id"), _rows.c.state == "waiting")
    .values(claimed_by=bindparam("b_gateway"), claimed_until=bindparam("b_until"))
)
