"""The ladder's rows: alarms that must climb by their time, or for nobody watches over them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TextClause,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from gateway.domain.alarm import Alarm
from gateway.domain.escalation import Ladder
from gateway.store import schema
from gateway.store.alarms import made
from gateway.store.prepared import Prepared

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
    look = _anything(len(ladder.priorities), _watched(watch))
    ((found,),) = look.rows(connection, _values(ladder, watch, now))
    return bool(found)


def due(
    connection: Connection, ladder: Ladder, watch: Watch, now: datetime, limit: int
) -> list[Alarm]:
    """Alarms that may have to climb, the gravest and oldest first; held until the commit."""
    found: list[Alarm] = []
    values = _values(ladder, watch, now)
    for statement in _due(len(ladder.priorities), _watched(watch)):
        rows = connection.execute(statement, {**values, "limit": limit - len(found)})
        found += [made(row) for row in rows]
        if len(found) >= limit:
            break
    return found


def _watched(watch: Watch) -> int | None:
    """Over how many districts somebody watches; None: over all."""
    return None if watch.everywhere or not watch.is_trusted else len(watch.districts)


@lru_cache(maxsize=64)
def _anything(priorities: int, watched: int | None) -> Prepared:
    """For so many of each; twice a second it is asked, and to build it costs more than to run it.

    Two questions: joined by OR, no index would answer either, and every alarm be read.
    """
    looks = (_asking(priorities, watched), _unanswered())
    return Prepared(select(or_(*(exists().where(*one) for one in looks))))


@lru_cache(maxsize=64)
def _due(priorities: int, watched: int | None) -> list[Select[Any]]:
    return [
        select(_rows)
        .where(*conditions)
        .order_by(_rows.c.priority, _since)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        for conditions in (_asking(priorities, watched), _unanswered())
    ]


def _values(ladder: Ladder, watch: Watch, now: datetime) -> dict[str, Any]:
    """What both ask for by name; either may leave some of it alone."""
    return {
        **{f"priority_{n}": int(one) for n, one in enumerate(sorted(ladder.priorities))},
        **{f"district_{n}": one for n, one in enumerate(sorted(watch.districts))},
        "to_supervisor": now - ladder.supervisor,
        "to_everyone": now - ladder.everyone,
        "to_receiver": now - ladder.receiver,
        "unanswered_1": now - ladder.response,
        "unanswered_2": now - 2 * ladder.response,
        "unanswered_3": now - 3 * ladder.response,
    }


def _asking(priorities: int, watched: int | None) -> list[Condition]:
    """Word for word what the index is of, and what of it is due."""
    rung = _rows.c.escalation
    by_time = (
        and_(rung <= 0, _since <= bindparam("to_supervisor")),
        and_(rung <= 1, _since <= bindparam("to_everyone")),
        _since <= bindparam("to_receiver"),
    )
    return [
        schema.asks,
        or_(false(), *(_rows.c.priority == bindparam(f"priority_{n}") for n in range(priorities))),
        _rows.c.test.is_(False),
        _rows.c.hidden.is_(None),
        or_(*by_time, _is_unwatched(watched)),
    ]


def _is_unwatched(watched: int | None) -> ColumnElement[bool]:
    if watched is None:
        return false()
    # What is of no district sounds at each.
    return and_(true(), *(_rows.c.district != bindparam(f"district_{n}") for n in range(watched)))


def _unanswered() -> list[Condition]:
    """Likewise, of cries that somebody holds, or has only seen."""
    rung = _rows.c.escalation
    return [
        schema.is_unanswered,
        _rows.c.test.is_(False),
        _rows.c.hidden.is_(None),
        _rows.c.closing_as.is_(None),
        _seen_by("unanswered_1"),
        or_(rung <= 0, and_(rung <= 1, _seen_by("unanswered_2")), _seen_by("unanswered_3")),
    ]


def _seen_by(moment: str) -> ColumnElement[bool]:
    """Acknowledged by then and not pressed since: an older gateway writes no such time down."""
    seen, by = _rows.c.acknowledged_at, bindparam(moment, type_=_rows.c.last_at.type)
    return and_(or_(seen <= by, seen.is_(None)), _rows.c.last_at <= by)
