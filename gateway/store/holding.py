"""Holding: which gateway sends a waiting delivery; a hold expires soon, and is renewed.

It expires by the store's own time. Claims are taken one gateway after the other: else two that
take at once could share the notices of one alarm between them, and the second word come first.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    cast,
    column,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql

from gateway.store import clocks, locks, schema
from gateway.store.outbox import Delivery, delivery
from gateway.store.prepared import Prepared

HELD = timedelta(seconds=6)
"""Renewed every 2 s: whoever stands still so long loses it, and another sends within 10 s."""
Place = tuple[int, int]
"""Of what waits: by priority, then by id."""
FIRST: Place = (-1, 0)
"""Before all of it."""

_rows = schema.deliveries
_earlier = _rows.alias()
_behind_what_waits = select(_earlier.c.id).where(
    _earlier.c.alarm == _rows.c.alarm,
    _earlier.c.receiver == _rows.c.receiver,
    _earlier.c.number < _rows.c.number,
    _earlier.c.state == "waiting",
)
"""What is to be told before a row of `_rows`, and waits still."""
_TO = _rows.c.receiver.concat("")
"""The receiver as no index knows it: SQLite would else look through all that one ever got."""


def claim(
    connection: Connection, gateway: str, receivers: Collection[str], now: datetime, limit: int
) -> list[Delivery]:
    """Take waiting deliveries to those receivers that nobody holds: P0 first, then oldest.

    Order per alarm and receiver is kept: none is taken while an earlier one is held by another.
    """
    locks.hold(connection, "claims", ["of all"])
    time = clocks.now(connection, now)
    by_another = (_earlier.c.claimed_by != gateway, _earlier.c.claimed_until >= time)
    blocked = _behind_what_waits.where(*by_another).exists()
    taken = connection.execute(
        select(_rows)
        .where(_free(_TO.in_(receivers), time), ~blocked)
        .order_by(_rows.c.priority, _rows.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not taken:
        return []
    until = clocks.after(connection, now, HELD)
    connection.execute(
        update(_rows)
        .where(_rows.c.id == bindparam("b_id"), _rows.c.state == "waiting")
        .values(claimed_by=gateway, claimed_until=until),
        [{"b_id": row.id} for row in taken],
    )
    # What it could not see while it looked: rows that were locked, holds renewed or run out.
    behind = set(let_go_behind(connection, gateway, [row.id for row in taken]))
    return [delivery(row) for row in taken if row.id not in behind]


def anything_free(receivers: Collection[str], now: datetime) -> Callable[[Connection], bool]:
    """A cheap look whether there is anything to claim, so that a poll need not write."""

    def look(connection: Connection) -> bool:
        if not receivers:
            return False
        named = {f"to{number}": one for number, one in enumerate(receivers)}
        statement = _anything_free(len(named))
        return bool(statement.rows(connection, {"now": schema.microseconds(now), **named}))

    return look


def hold(connection: Connection, gateway: str, ids: Sequence[int], now: datetime) -> set[int]:
    """Keep for longer what is still ours of those; which they are."""
    given = {"us": gateway, "ids": _list(connection, ids), "now": schema.microseconds(now)}
    return {number for (number,) in _HOLD.rows(connection, given)}


def adopt(
    connection: Connection,
    gateway: str,
    in_hand: Collection[int],
    now: datetime,
    after: Place,
    limit: int,
) -> tuple[list[Delivery], Place | None]:
    """What waits, is held by this gateway, and is in nobody's hand: P0 first, then oldest.

    So are those of a former life, and of a commit whose answer got lost. At most so many behind
    that place; and where the next begin, None: these were the last. What comes after something that
    another took over meanwhile is let go of, for whoever sends that.
    """
    locks.hold(connection, "claims", ["of all"])
    priority, number = after
    given = {"us": gateway, "priority": priority, "number": number, "limit": limit}
    rows = connection.execute(_ADOPTABLE, given).all()
    found = [delivery(row) for row in rows if row.id not in in_hand]
    kept = hold(connection, gateway, [one.id for one in found], now)
    kept -= set(let_go_behind(connection, gateway, sorted(kept)))
    behind = (rows[-1].priority, rows[-1].id) if len(rows) == limit else None
    return [one for one in found if one.id in kept], behind


def ours(connection: Connection, gateway: str, ids: Sequence[int]) -> set[int]:
    """Which of those wait and are ours to settle; held until the commit."""
    given = {"us": gateway, "ids": _list(connection, ids)}
    return {number for (number,) in _OURS.rows(connection, given)}


def let_go(connection: Connection, gateway: str, ids: Sequence[int]) -> None:
    """Give back those that are ours, for whoever sends what comes before them."""
    connection.execute(
        update(_rows)
        .where(_rows.c.id.in_(_OURS_OF[connection.dialect.name]))
        .values(claimed_by=None, claimed_until=None),
        {"us": gateway, "ids": _list(connection, ids)},
    )


def let_go_behind(connection: Connection, gateway: str, ids: Sequence[int]) -> list[int]:
    """Let go of those of ours that come after something that is not; which they were."""
    asked = {"us": gateway, "ids": _list(connection, ids)}
    behind = [number for (number,) in _BEHIND_OTHERS.rows(connection, asked)]
    if behind:
        let_go(connection, gateway, behind)
    return behind


def ours_in_order(connection: Connection, gateway: str, ids: Sequence[int]) -> set[int]:
    """Which of those are ours to send now.

    The others are another's, or came after something that is, and were let go of.
    """
    let_go_behind(connection, gateway, ids)
    return ours(connection, gateway, ids)


def release(connection: Connection, gateway: str) -> None:
    """Let go of everything that this gateway had claimed."""
    connection.execute(
        update(_rows)
        .where(_rows.c.state == "waiting", _rows.c.claimed_by == gateway)
        .values(claimed_by=None, claimed_until=None)
    )


def _free(to_them: ColumnElement[bool], time: ColumnElement[int]) -> ColumnElement[bool]:
    nobodys = or_(_rows.c.claimed_by.is_(None), _rows.c.claimed_until < time)
    return and_(_rows.c.state == "waiting", to_them, nobodys)


@lru_cache(maxsize=64)
def _anything_free(receivers: int) -> Prepared:
    """For so many receivers, `to0` and so on; asked for ever, it is compiled once."""
    to_them = or_(*(bindparam(f"to{number}", type_=String) == _TO for number in range(receivers)))
    return Prepared(
        {
            name: select(_rows.c.id).where(_free(to_them, time)).limit(1)
            for name, time in clocks.TIMES.items()
        }
    )


def _list(connection: Connection, ids: Sequence[int]) -> Any:  # noqa: ANN401 - as the driver takes it
    return msgspec.json.encode(ids).decode() if connection.dialect.name == "sqlite" else list(ids)


def _ours_of(asked: ColumnElement[bool]) -> Select[tuple[int]]:
    """In order of their ids, so that two of our transactions never wait for each other."""
    return (
        select(_rows.c.id)
        .where(asked, _rows.c.claimed_by == bindparam("us"), _rows.c.state == "waiting")
        .order_by(_rows.c.id)
        .with_for_update()
    )


_LISTED = text("SELECT value FROM json_each(:ids)").columns(column("value"))
_OURS_OF = {
    "sqlite": _ours_of(_rows.c.id.in_(_LISTED)),
    "postgresql": _ours_of(
        _rows.c.id == func.any(cast(bindparam("ids"), postgresql.ARRAY(BigInteger)))
    ),
}
_OURS = Prepared(_OURS_OF)
_NOT_OURS = or_(_earlier.c.claimed_by.is_(None), _earlier.c.claimed_by != bindparam("us"))
_BEHIND_OTHERS = Prepared(
    {
        name: ours.where(_behind_what_waits.where(_NOT_OURS).exists())
        for name, ours in _OURS_OF.items()
    }
)
_ADOPTABLE = (
    select(_rows)
    .where(
        _rows.c.state == "waiting",
        _rows.c.claimed_by == bindparam("us"),
        tuple_(_rows.c.priority, _rows.c.id) > tuple_(bindparam("priority"), bindparam("number")),
    )
    .order_by(_rows.c.priority, _rows.c.id)
    .limit(bindparam("limit"))
)
_HOLD = Prepared(
    {
        name: update(_rows)
        .where(_rows.c.id.in_(_OURS_OF[name]))
        .values(claimed_until=time + HELD // timedelta(microseconds=1))
        .returning(_rows.c.id)
        for name, time in clocks.TIMES.items()
    }
)
