"""Keeping stills: how much there is, what is to go, and bytes that lie in the database."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy import tuple_ as together

from gateway.domain.stills import Fate
from gateway.store import schema

_rows = schema.evidence
_slices = schema.evidence_slices


def size_bytes(connection: Connection) -> int:
    """How much is kept."""
    total = select(func.sum(_rows.c.size_bytes)).where(_IS_KEPT)
    return int(connection.execute(total).scalar() or 0)


def known(connection: Connection, digests: Collection[str]) -> set[str]:
    """Which of those are still needed, or are on their way out in good order."""
    rows = select(_rows.c.sha256).where(_rows.c.sha256.in_(list(digests)), _IS_NEEDED)
    return {one for one in connection.execute(rows).scalars() if one is not None}


def drop_old(
    connection: Connection, before: datetime, limit: int, ended_after: datetime = schema.NEVER
) -> int:
    """Stills asked for before that are to go, the oldest first.

    Never of an open alarm, nor of one that `ended_after` that, and may be reopened.
    """
    return _drop(connection, _rows.c.due_at < before, limit, ended_after)


def drop_oldest(connection: Connection, limit: int) -> int:
    """The oldest are to go, for there is no room; never of an open alarm; how many."""
    return _drop(connection, _IS_KEPT, limit)


def dropping(connection: Connection, limit: int) -> list[str]:
    """The digests of stills that are to go."""
    rows = select(_rows.c.sha256).where(_IS_DROPPING).distinct().limit(limit)
    return [one for one in connection.execute(rows).scalars() if one is not None]


def is_kept(connection: Connection, sha256: str) -> bool:
    """Whether an alarm keeps that picture: a frozen camera's may be wanted by many."""
    rows = select(_rows.c.alarm).where(_rows.c.sha256 == sha256, _IS_KEPT).limit(1)
    return connection.execute(rows).one_or_none() is not None


def dropped(connection: Connection, sha256: str) -> None:
    """Its bytes are gone; what it was stays written as long as its alarm."""
    gone = and_(_rows.c.sha256 == sha256, _IS_DROPPING)
    connection.execute(update(_rows).where(gone).values(state=Fate.DROPPED))


def keep_slice(
    connection: Connection, sha256: str, number: int, body: bytes, now: datetime
) -> None:
    """One slice of a still's bytes; written anew where it lies there already."""
    is_it = and_(_slices.c.sha256 == sha256, _slices.c.number == number)
    connection.execute(delete(_slices).where(is_it))
    row = {"sha256": sha256, "number": number, "body": body, "kept_at": now}
    connection.execute(insert(_slices).values(row))


def slices(connection: Connection, sha256: str) -> bytes:
    """All its bytes; none where it is not there."""
    found = select(_slices.c.body).where(_slices.c.sha256 == sha256).order_by(_slices.c.number)
    return b"".join(bytes(one) for one in connection.execute(found).scalars())


def drop_slices(connection: Connection, sha256: str, before: datetime) -> bool:
    """Its bytes go, unless they were written again since then; whether they are gone."""
    old = and_(_slices.c.sha256 == sha256, _slices.c.kept_at < before)
    connection.execute(delete(_slices).where(old))
    left = select(_slices.c.number).where(_slices.c.sha256 == sha256).limit(1)
    return connection.execute(left).one_or_none() is None


def strays(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Bytes written before then that belong to nothing: a crash came between."""
    needed = exists().where(_rows.c.sha256 == _slices.c.sha256, _IS_NEEDED)
    is_old = and_(_slices.c.number == 0, _slices.c.kept_at < before)
    found = select(_slices.c.sha256).where(is_old, ~needed).limit(limit)
    return list(connection.execute(found).scalars())


def _drop(
    connection: Connection,
    is_asked: ColumnElement[bool],
    limit: int,
    ended_after: datetime = schema.NEVER,
) -> int:
    alarms = schema.alarms.c
    is_needed = or_(alarms.closed_at.is_(None), alarms.closed_at > ended_after)
    is_open = exists().where(alarms.id == _rows.c.alarm, is_needed)
    oldest = connection.execute(
        select(*_KEY).where(_IS_KEPT, is_asked, ~is_open).order_by(_rows.c.due_at).limit(limit)
    ).all()
    keys = [tuple(row) for row in oldest]
    if keys:
        gone = update(_rows).where(together(*_KEY).in_(keys), _IS_KEPT)
        connection.execute(gone.values(state=Fate.DROPPING))
    return len(keys)


_KEY = (_rows.c.alarm, _rows.c.camera, _rows.c.offset_s)
# In the words of the partial indexes, which no parameter matches.
_IS_KEPT = _rows.c.state == literal_column("'kept'")
_IS_DROPPING = _rows.c.state == literal_column("'dropping'")
_IS_NEEDED = _rows.c.state.in_([Fate.KEPT, Fate.DROPPING])
