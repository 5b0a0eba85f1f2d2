"""The ladder's rows: alarms that must climb by their time, or for nobody watches over them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TextClause,
    and_,
    bindparam,
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


class _Coverage(Enum):
    """Whether a console sounds for what happens, of all districts."""

    ALL = auto()
    SOME = auto()
    NONE = auto()


def anything_due(connection: Connection, ladder: Ladder, watch: Watch, now: datetime) -> bool:
    """A cheap look whether any alarm must climb."""
    values = _values(ladder, watch, now)
    return any(
        connection.execute(one, values).first() is not None for one in _looks(_coverage(watch))
    )


def due(
    connection: Connection, ladder: Ladder, watch: Watch, now: datetime, limit: int
) -> list[Alarm]:
    """Alarms that may have to climb, the gravest and oldest first; held until the commit."""
    found: list[Alarm] = []
    for conditions in (_asking(_coverage(watch)), _unanswered()):
        rows = connection.execute(
            select(_rows)
            .where(*conditions)
            .order_by(_rows.c.priority, _since)
            .limit(limit - len(found))
            .with_for_update(skip_locked=True),
            _values(ladder, watch, now),
        )
        found += [made(row) for row in rows]
        if len(found) >= limit:
            break
    return found


def _coverage(watch: Watch) -> _Coverage:
    if watch.everywhere or not watch.is_trusted:
        return _Coverage.ALL
    return _Coverage.SOME if watch.districts else _Coverage.NONE


@cache
def _looks(coverage: _Coverage) -> tuple[Select[Any], ...]:
    """Built once: it is looked twice a second, and to build them costs more than to run them."""
    return tuple(
        select(_rows.c.id).where(*one).limit(1) for one in (_asking(coverage), _unanswered())
    )


def _values(ladder: Ladder, watch: Watch, now: datetime) -> dict[str, Any]:
    """What both ask for by name; either may leave some of it alone."""
    return {
        "priorities": [int(one) for one in ladder.priorities],
        "districts": sorted(watch.districts),
        "to_supervisor": now - ladder.supervisor,
        "to_everyone": now - ladder.everyone,
        "to_receiver": now - ladder.receiver,
        "unanswered_1": now - ladder.response,
        "unanswered_2": now - 2 * ladder.response,
        "unanswered_3": now - 3 * ladder.response,
    }


def _asking(coverage: _Coverage) -> list[Condition]:
    """Word for word what the index is of, and what of it is due."""
    rung = _rows.c.escalation
    by_time = (
        and_(rung <= 0, _since <= bindparam("to_supervisor")),
        and_(rung <= 1, _since <= bindparam("to_everyone")),
        _since <= bindparam("to_receiver"),
    )
    return [
        schema.asks,
        _rows.c.priority.in_(bindparam("priorities", expanding=True)),
        _rows.c.test.is_(False),
        _rows.c.hidden.is_(None),
        or_(*by_time, _is_unwatched(coverage)),
    ]


def _is_unwatched(coverage: _Coverage) -> ColumnElement[bool]:
    if coverage is _Coverage.ALL:
        return false()
    if coverage is _Coverage.NONE:
        return true()
    # What is of no district sounds at each.
    return _rows.c.district.not_in(bindparam("districts", expanding=True))


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
