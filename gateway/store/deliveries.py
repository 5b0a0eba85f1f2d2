"""Deliveries to look at: what is owed, to whom, and what became of it."""

from datetime import datetime

from sqlalchemy import Connection, Select, Table, case, func, literal_column, select

from gateway.domain.kind import Priority
from gateway.store import done, schema
from gateway.store.outbox import PICTURE, Delivery, Settled, delivery
from gateway.store.prepared import Prepared

_rows = schema.deliveries


def was_told(connection: Connection, receiver: str, alarm: str) -> bool:
    """Whether anything of that alarm was ever owed to that receiver."""
    return any(
        connection.execute(
            select(rows.c.id).where(rows.c.alarm == alarm, rows.c.receiver == receiver).limit(1)
        ).one_or_none()
        is not None
        for rows in done.TABLES
    )


def of_alarm(connection: Connection, alarm: str) -> list[Delivery]:
    """Everything owed of an alarm, in order."""
    asked = [
        select(rows).where(rows.c.alarm == alarm).order_by(rows.c.id).limit(2000)
        for rows in done.TABLES
    ]
    return [delivery(row) for row in reversed(done.every(connection, asked))][:2000]


def listed(
    connection: Connection, state: str | None, limit: int, before: int | None
) -> list[Delivery]:
    """A page of deliveries, the newest first."""
    tables = done.TABLES if state in {None, Settled.DONE} else done.TABLES[:1]
    asked = [_page(rows, state, limit, before) for rows in tables]
    return [delivery(row) for row in done.every(connection, asked, limit)]


def waiting(connection: Connection) -> dict[int, tuple[int, datetime]]:
    """By priority: how many wait, and since when the oldest; pictures are nobody's cry."""
    return {
        priority: (count, schema.moment(oldest))
        for priority, count, oldest in _WAITING.rows(connection)
    }


def _page(rows: Table, state: str | None, limit: int, before: int | None) -> Select[tuple[object]]:
    conditions = []
    if state is not None:
        conditions.append(rows.c.state == state)
    if before is not None:
        conditions.append(rows.c.id < before)
    return select(rows).where(*conditions).order_by(rows.c.id.desc()).limit(limit)


def _waiting() -> Prepared:
    # Words and numbers of our own, not parameters: PostgreSQL groups only by what is the same.
    is_picture = _rows.c.type == literal_column(f"'{PICTURE}'")
    urgency = case((is_picture, literal_column(str(int(Priority.P3)))), else_=_rows.c.priority)
    counted = select(urgency, func.count(), func.min(_rows.c.created_at))
    return Prepared(counted.where(_rows.c.state == "waiting").group_by(urgency))


_WAITING = _waiting()
