"""Forgetting: what nobody asks for any more goes, one slice at a time, the oldest first."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Integer, bindparam, delete, exists, func, select

from gateway.store import schema
from gateway.store.prepared import Prepared


def alarms(connection: Connection, before: datetime, limit: int) -> int:
    """Alarms that were closed before that, each with its whole time line; how many rows.

    Never one that is open, or of which a notice is unsettled.
    """
    rows, lines, owed = schema.alarms, schema.transitions, schema.deliveries
    unsettled = exists().where(owed.c.alarm == rows.c.id, owed.c.state == "waiting")
    oldest = connection.execute(
        select(rows.c.id)
        .where(rows.c.raised_at < before, rows.c.closed_at < before, ~unsettled)
        .order_by(rows.c.raised_at)
        .limit(limit)
    ).scalars()
    gone, of_them = 0, list[str]()
    for key in oldest:
        of_it = select(func.count()).where(lines.c.alarm == key)
        gone += 1 + connection.execute(of_it).scalar_one()
        of_them.append(key)
        if gone >= limit:
            break
    if of_them:
        stills = schema.evidence
        connection.execute(delete(stills).where(stills.c.alarm.in_(of_them)))
        connection.execute(delete(lines).where(lines.c.alarm.in_(of_them)))
        connection.execute(delete(rows).where(rows.c.id.in_(of_them)))
    return gone


def responses(connection: Connection, before: datetime, limit: int) -> int:
    """What receivers said before that; how many."""
    rows = schema.responses
    found = connection.execute(
        select(rows.c.receiver, rows.c.id)
        .where(rows.c.at < before)
        .order_by(rows.c.at)
        .limit(limit)
    ).all()
    for receiver, key in found:
        connection.execute(delete(rows).where(rows.c.receiver == receiver, rows.c.id == key))
    return len(found)


def commands(connection: Connection, before: datetime, limit: int) -> int:
    """Commands whose time ran out before that; how many."""
    rows = schema.commands
    return _drop(connection, rows.c.id, rows.c.until, before, limit)


def quarantined(connection: Connection, before: datetime, limit: int) -> int:
    """What was last refused before that; how many."""
    rows = schema.quarantine
    return _drop(connection, rows.c.id, rows.c.last_at, before, limit)


def windows(connection: Connection, before: datetime, limit: int) -> int:
    """Test windows that were closed before that; how many."""
    rows = schema.windows
    return _drop(connection, rows.c.id, rows.c.closed_at, before, limit)


def sign_ins(connection: Connection, before: datetime, limit: int) -> int:
    """Sessions and links that ran out before that; how many."""
    rows = schema.sign_ins
    return _drop(connection, rows.c.digest, rows.c.until, before, limit)


def accesses(connection: Connection, before: datetime, limit: int) -> int:
    """Who was given a still before that; how many rows."""
    rows = schema.evidence_access
    return _drop(connection, rows.c.id, rows.c.at, before, limit)


def shifts(connection: Connection, before: datetime, limit: int) -> int:
    """Shifts that ended before that; how many."""
    rows = schema.shifts
    return _drop(connection, rows.c.id, rows.c.ended_at, before, limit)


def handovers(connection: Connection, before: datetime, limit: int) -> int:
    """What was handed over before that; how many."""
    rows = schema.handovers
    return _drop(connection, rows.c.id, rows.c.at, before, limit)


def tallies(connection: Connection, before: datetime, limit: int) -> int:
    """What rules counted, where no rule reaches back to it any more; how many."""
    rows = schema.tallies
    found = connection.execute(
        select(rows.c.device, rows.c.kind)
        .where(rows.c.last_at < before)
        .order_by(rows.c.last_at)
        .limit(limit)
    ).all()
    for device, kind in found:
        connection.execute(delete(rows).where(rows.c.device == device, rows.c.kind == kind))
    return len(found)


def changes(connection: Connection, before: datetime, limit: int) -> int:
    """Positions that no page will come back for; the last stays, so that they go on; how many."""
    rows = schema.changes
    oldest = connection.execute(
        select(rows.c.position, rows.c.at).order_by(rows.c.position).limit(limit + 1)
    ).all()
    old = 0
    while old < len(oldest) - 1 and oldest[old].at < before:
        old += 1
    if old:
        connection.execute(delete(rows).where(rows.c.position <= oldest[old - 1].position))
    return old


def _drop(
    connection: Connection, key: Column[Any], at: Column[Any], before: datetime, limit: int
) -> int:
    old = [found for (found,) in _old(key, at).rows(connection, {"before": before, "limit": limit})]
    if old:
        connection.execute(delete(key.table).where(key.in_(old)))
    return len(old)


@cache
def _old(key: Column[Any], at: Column[Any]) -> Prepared:
    """One for each that is forgotten."""
    oldest = select(key).where(at < bindparam("before")).order_by(at)
    return Prepared(oldest.limit(bindparam("limit", type_=Integer)))
