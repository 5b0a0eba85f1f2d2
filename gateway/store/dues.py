"""Dues: what time has to do to alarms: gathered repeats, ended shelves, lapsed claims."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    TextClause,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)

from gateway.domain.alarm import Alarm, State
from gateway.store import schema
from gateway.store.alarms import made
from gateway.store.prepared import Prepared

_rows = schema.alarms


def due(connection: Connection, now: datetime, limit: int) -> list[Alarm]:
    """Alarms whose gathered repeats are to be told now."""
    found = connection.execute(
        select(_rows)
        .where(_rows.c.repeats_due_at <= now)
        .order_by(_rows.c.repeats_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [made(row) for row in found]


def shelved_until(connection: Connection, now: datetime, limit: int) -> list[Alarm]:
    """Shelved alarms whose time is over."""
    return _held(connection, _rows.c.hidden_until <= now, limit)


def closing(connection: Connection, now: datetime, limit: int) -> list[Alarm]:
    """Alarms that the centre closed while they were held, and whose holder had time to object."""
    return _held(connection, _rows.c.closing_due_at <= now, limit)


def lapsed(connection: Connection, now: datetime, limit: int) -> list[Alarm]:
    """Claims whose holder gave no sign any more, while nobody has responded."""
    return _held(connection, _is_lapsed(now), limit)


def anything_due(connection: Connection, now: datetime) -> bool:
    """A cheap look whether time has anything to do to an alarm."""
    ((found,),) = _ANYTHING.rows(connection, {"now": now})
    return bool(found)


def extend_claims(connection: Connection, holders: Collection[str], until: datetime) -> None:
    """A sign of life of those who hold them; what somebody changes just now has its next one."""
    held = select(_rows.c.id).where(*_held_by(holders)).with_for_update(skip_locked=True)
    if keys := connection.execute(held).scalars().all():
        connection.execute(update(_rows).where(_rows.c.id.in_(keys)).values(claimed_until=until))


def anything_held(connection: Connection, holders: Collection[str]) -> bool:
    """A cheap look whether any of them holds an alarm."""
    held = select(_rows.c.id).where(*_held_by(holders)).limit(1)
    return connection.execute(held).first() is not None


def _held_by(holders: Collection[str]) -> tuple[ColumnElement[bool] | TextClause, ...]:
    return (schema.is_held, _rows.c.claimed_by.in_(list(holders)))


def _held(connection: Connection, condition: ColumnElement[bool], limit: int) -> list[Alarm]:
    found = connection.execute(
        select(_rows)
        .where(_rows.c.closed_at.is_(None), condition)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [made(row) for row in found]


def _is_lapsed(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(
        _rows.c.closed_at.is_(None),
        _rows.c.claimed_by.is_not(None),
        _rows.c.claimed_until <= now,
        # One that asks again is not kept by what was said before it did.
        or_(
            and_(_rows.c.state == State.ACKNOWLEDGED, _rows.c.responded.is_(None)),
            _rows.c.state == State.UNACKNOWLEDGED,
        ),
    )


def _anything() -> Prepared:
    # Two questions: joined by OR, no index would answer either, and every alarm be read.
    now = bindparam("now", type_=schema.Instant())
    due = exists().where(_rows.c.repeats_due_at <= now)
    held = exists().where(
        _rows.c.closed_at.is_(None),
        or_(_rows.c.hidden_until <= now, _rows.c.closing_due_at <= now, _is_lapsed(now)),
    )
    return Prepared(select(or_(due, held)))


_ANYTHING = _anything()
