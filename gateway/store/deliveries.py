"""Deliveries to look at: what is owed, to whom, and what became of it."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from gateway.store import schema
from gateway.store.outbox import Delivery, delivery

_rows = schema.deliveries


def was_told(connection: Connection, receiver: str, alarm: str) -> bool:
    """Whether anything of that alarm was ever owed to that receiver."""
    found = connection.execute(
        select(_rows.c.id).where(_rows.c.alarm == alarm, _rows.c.receiver == receiver).limit(1)
    )
    return found.one_or_none() is not None


def of_alarm(connection: Connection, alarm: str) -> list[Delivery]:
    """Everything owed of an alarm, in order."""
    rows = connection.execute(
        select(_rows).where(_rows.c.alarm == alarm).order_by(_rows.c.id).limit(2000)
    )
    return [delivery(row) for row in rows]


def listed(
    connection: Connection, state: str | None, limit: int, before: int | None
) -> list[Delivery]:
    """A page of deliveries, the newest first."""
    conditions = []
    if state is not None:
        conditions.append(_rows.c.state == state)
    if before is not None:
        conditions.append(_rows.c.id < before)
    rows = connection.execute(
        select(_rows).where(*conditions).order_by(_rows.c.id.desc()).limit(limit)
    )
    return [delivery(row) for row in rows]


def waiting(connection: Connection) -> dict[int, tuple[int, datetime]]:
    """By priority: how many wait, and since when the oldest."""
    rows = connection.execute(
        select(
            _rows.c.priority,
            func.count(),
            func.min(_rows.c.created_at, type_=schema.Instant),
        )
        .where(_rows.c.state == "waiting")
        .group_by(_rows.c.priority)
    )
    return {priority: (count, oldest) for priority, count, oldest in rows}
