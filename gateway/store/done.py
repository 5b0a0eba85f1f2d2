"""Done: deliveries that were accepted go out of the way of those that wait, under their own ids."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, exists, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import schema
from gateway.store.outbox import Settled

_hot, _done, _totals = schema.deliveries, schema.deliveries_done, schema.delivery_totals
TABLES: tuple[Table, ...] = (_hot, _done)
"""Where a delivery may be found; the second holds what is done."""


def every(
    connection: Connection, asked: Sequence[Select[Any]], limit: int | None = None
) -> list[Row[Any]]:
    """The rows of the same question asked of each table, the newest first, at most so many.

    In the order of TABLES: what moves between two looks is seen twice, and never missed.
    """
    rows = {row.id: row for one in asked for row in connection.execute(one)}
    return [rows[key] for key in sorted(rows, reverse=True)][:limit]


def movable(connection: Connection, before: datetime, limit: int) -> list[int]:
    """What was done before that and is still in the way; a look that a reader may take."""
    found = connection.execute(
        select(_hot.c.id)
        .where(_hot.c.state == Settled.DONE, _hot.c.settled_at < before)
        .order_by(_hot.c.id)
        .limit(limit)
    )
    return list(found.scalars())


def move(connection: Connection, ids: Sequence[int]) -> int:
    """Move those that are still there and done; how many."""
    held = (
        select(_hot.c.id, _hot.c.gateway, _hot.c.receiver)
        .where(_hot.c.id.in_(ids), _hot.c.state == Settled.DONE)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(held).all()
    taken = [row.id for row in rows]
    if taken:
        columns = [column.name for column in _hot.columns]
        connection.execute(
            insert(_done).from_select(columns, select(_hot).where(_hot.c.id.in_(taken)))
        )
        connection.execute(delete(_hot).where(_hot.c.id.in_(taken)))
        _count(connection, rows, "done")
    return len(taken)


def forget(
    connection: Connection, before: datetime, limit: int, ended_after: datetime = schema.NEVER
) -> int:
    """Drop the oldest that were done before that, one slice; how many.

    None of an open alarm: whoever was told of it may still answer (`deliveries.was_told`); nor of
    one that `ended_after` that, and may be reopened.
    """
    alarms = schema.alarms.c
    is_needed = or_(alarms.closed_at.is_(None), alarms.closed_at > ended_after)
    is_open = exists().where(alarms.id == _done.c.alarm, is_needed)
    oldest = connection.execute(
        select(_done.c.id, _done.c.settled_at).where(~is_open).order_by(_done.c.id).limit(limit)
    ).all()
    old = [row.id for row in _while_before(oldest, before)]
    if old:
        connection.execute(delete(_done).where(_done.c.id.in_(old)))
    return len(old)


def forget_dead(connection: Connection, before: datetime, limit: int) -> int:
    """Drop dead letters that nobody sent again, settled before that; counted for good."""
    rows = connection.execute(
        select(_hot.c.id, _hot.c.gateway, _hot.c.receiver)
        .where(_hot.c.state == Settled.DEAD, _hot.c.settled_at < before)
        .order_by(_hot.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        connection.execute(delete(_hot).where(_hot.c.id.in_([row.id for row in rows])))
        _count(connection, rows, "dropped")
    return len(rows)


def _while_before(rows: Sequence[Any], before: datetime) -> Iterator[Any]:
    for row in rows:
        if row.settled_at is None or row.settled_at >= before:
            return
        yield row


def _count(connection: Connection, rows: Sequence[Any], what: str) -> None:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        counts[row.gateway, row.receiver] = counts.get((row.gateway, row.receiver), 0) + 1
    statement = _COUNT[connection.dialect.name]
    for (gateway, receiver), count in sorted(counts.items()):
        given = {"done": 0, "dropped": 0, what: count}
        connection.execute(statement, {"gateway": gateway, "receiver": receiver, **given})


def _upsert(made: Any) -> Any:  # noqa: ANN401
    return made.on_conflict_do_update(
        index_elements=["gateway", "receiver"],
        set_={name: _totals.c[name] + made.excluded[name] for name in ("done", "dropped")},
    )


_COUNT = {
    "sqlite": _upsert(sqlite.insert(_totals)),
    "postgresql": _upsert(postgresql.insert(_totals)),
}
