"""The ladder's rows: alarms that must climb by their time, or for nobody watches over them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, TextClause, and_, false, func, or_, select, true

from gateway.domain.alarm import Alarm
from gateway.domain.escalation import Ladder
from gateway.store import schema
from gateway.store.alarms import made

_rows = schema.alarms
Condition = ColumnElement[bool] | TextClause
_since = func.coalesce(_rows.c.asks_since, _rows.c.raised_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Over which districts a console sounds now."""

    everywhere: bool = False
    """One at least sounds for all."""
    districts: Collection[str] = ()
    is_trusted: bool = True
    """False: whoever is there may not have had the time to say so."""


def anything_due(connection: Connection, ladder: Ladder, watch: Watch, now: datetime) -> bool:
    """A cheap look whether any alarm must climb."""
    return any(
        connection.execute(select(_rows.c.id).where(*one).limit(1)).first() is not None
        for one in (_asking(ladder, watch, now), _unanswered(ladder, now))
    )


def due(
    connection: Connection, ladder: Ladder, watch: Watch, now: datetime, limit: int
) -> list[Alarm]:
    """Alarms that may have to climb, the gravest and oldest first; held until the commit."""
    found: list[Alarm] = []
    for conditions in (_asking(ladder, watch, now), _unanswered(ladder, now)):
        rows = connection.execute(
            select(_rows)
            .where(*conditions)
            .order_by(_rows.c.priority, _since)
            .limit(limit - len(found))
            .with_for_update(skip_locked=True)
        )
        found += [made(row) for row in rows]
        if len(found) >= limit:
            break
    return found


def _asking(ladder: Ladder, watch: Watch, now: datetime) -> list[Condition]:
    """Word for word what the index is of, and what of it is due."""
    rung = _rows.c.escalation
    by_time = (
        and_(rung <= 0, _since <= now - ladder.supervisor),
        and_(rung <= 1, _since <= now - ladder.everyone),
        _since <= now - ladder.receiver,
    )
    return [
        schema.asks,
        _rows.c.priority.in_([int(one) for one in ladder.priorities]),
        _rows.c.test.is_(False),
        _rows.c.hidden.is_(None),
        or_(*by_time, _is_unwatched(watch)),
    ]


def _is_unwatched(watch: Watch) -> ColumnElement[bool]:
    if watch.everywhere or not watch.is_trusted:
        return false()
    if not watch.districts:
        return true()
    return _rows.c.district.not_in(sorted(watch.districts))  # without one it sounds at each


def _unanswered(ladder: Ladder, now: datetime) -> list[Condition]:
    """Likewise, of cries that somebody holds, or has only seen."""
    rung = _rows.c.escalation
    return [
        schema.is_unanswered,
        _rows.c.test.is_(False),
        _rows.c.hidden.is_(None),
        _rows.c.closing_as.is_(None),
        _seen_by(now - ladder.response),
        or_(
            rung <= 0,
            and_(rung <= 1, _seen_by(now - 2 * ladder.response)),
            _seen_by(now - 3 * ladder.response),
        ),
    ]


def _seen_by(moment: datetime) -> ColumnElement[bool]:
    """Acknowledged by then and not pressed since: an older gateway writes no such time down."""
    seen = _rows.c.acknowledged_at
    return and_(or_(seen <= moment, seen.is_(None)), _rows.c.last_at <= moment)
