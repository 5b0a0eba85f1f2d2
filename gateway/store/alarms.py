"""Alarms and their time lines, as rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql

from gateway.domain.alarm import Alarm, Disposition, Hidden, State, TimeQuality
from gateway.domain.decision import Change, Transition
from gateway.domain.event import Affected, AlarmId
from gateway.domain.kind import Priority
from gateway.store import schema
from gateway.store.bulk import Bulk
from gateway.store.prepared import Prepared, Question

_rows = schema.alarms
_FIELDS = tuple(one.name for one in _rows.columns)
_MOMENTS = [n for n, one in enumerate(_rows.columns) if isinstance(one.type, schema.Instant)]
_FLAGS = [n for n, one in enumerate(_rows.columns) if isinstance(one.type, Boolean)]
_OWED = _FIELDS.index("repeats_owed")
_AFFECTED = _FIELDS.index("affected")
_taken = attrgetter(*_FIELDS)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which alarms are asked for; None takes all."""

    is_open: bool | None = None
    priority: Priority | None = None
    site: str | None = None
    since: datetime | None = None
    districts: frozenset[str] = frozenset()


def opening(devices: Sequence[str]) -> Question[list[Alarm]]:
    """The open alarms of those devices, the oldest first; held until the commit."""
    return Question(
        _OPEN,
        lambda dialect: {"devices": _list(dialect, devices)},
        lambda rows: [_from_driver(row) for row in rows],
    )


def get(connection: Connection, alarm: str, *, hold: bool = False) -> Alarm | None:
    """One alarm; `hold` keeps others from changing it until the commit."""
    row = connection.execute(_GET_HELD if hold else _GET, {"id": alarm}).one_or_none()
    return None if row is None else made(row)


def save(connection: Connection, changes: Sequence[Change]) -> None:
    """Write the alarms as they are now, and a line of the time line for each change."""
    latest = {change.alarm.id: change.alarm for change in changes}
    new = {change.alarm.id for change in changes if change.is_new}
    _INSERT.write(connection, [_row(alarm) for key, alarm in latest.items() if key in new])
    _UPDATE.write(connection, [_row(alarm) for key, alarm in latest.items() if key not in new])
    _INSERT_LINE.write(connection, [_line(change.transition) for change in changes])


def listed(
    connection: Connection, wanted: Filter, limit: int, after: tuple[datetime, str] | None
) -> list[Alarm]:
    """A page of alarms, the newest first, after that (raised_at, id)."""
    asked = conditions(wanted)
    if after is not None:
        raised_at, key = after
        older = and_(_rows.c.raised_at == raised_at, _rows.c.id < key)
        asked.append(or_(_rows.c.raised_at < raised_at, older))
    # Of the open ones, which are few, not by the index of all that ever were.
    newest = func.coalesce(_rows.c.raised_at, 0) if wanted.is_open else _rows.c.raised_at
    statement = select(_rows).where(*asked).order_by(newest.desc(), _rows.c.id.desc()).limit(limit)
    return [made(row) for row in connection.execute(statement)]


def by_ids(connection: Connection, keys: Iterable[str]) -> list[Alarm]:
    """Those alarms, in no order."""
    return [
        made(row) for row in connection.execute(select(_rows).where(_rows.c.id.in_(list(keys))))
    ]


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a filter asks of the table."""
    asked: list[ColumnElement[bool]] = []
    if wanted.is_open is not None:
        is_open = _rows.c.closed_at.is_(None)
        asked.append(is_open if wanted.is_open else ~is_open)
    if wanted.priority is not None:
        asked.append(_rows.c.priority == int(wanted.priority))
    if wanted.site is not None:
        asked.append(_rows.c.site == wanted.site)
    if wanted.since is not None:
        asked.append(_rows.c.raised_at >= wanted.since)
    if wanted.districts:
        unplaced = _rows.c.district.is_(None)
        asked.append(or_(unplaced, _rows.c.district.in_(sorted(wanted.districts))))
    return asked


def open_counts(connection: Connection) -> dict[Priority, int]:
    """How many are open, by priority; what is shelved counts, for it is still open."""
    rows = connection.execute(
        select(_rows.c.priority, func.count())
        .where(_rows.c.closed_at.is_(None))
        .group_by(_rows.c.priority)
    )
    return {Priority(priority): count for priority, count in rows}


def real_p0(connection: Connection, sites: Iterable[str]) -> tuple[str, str] | None:
    """The oldest open P0 at those sites that is no test: its id, and its site."""
    row = connection.execute(
        select(_rows.c.id, _rows.c.site)
        .where(
            _rows.c.closed_at.is_(None),
            _rows.c.priority == int(Priority.P0),
            ~_rows.c.test,
            _rows.c.site.in_(sorted(sites)),
        )
        # Not by the index of times, which walks through years of closed ones: few are open.
        .order_by(func.coalesce(_rows.c.raised_at, 0), _rows.c.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.id, row.site)


def last_step(connection: Connection, alarm: str) -> Transition | None:
    """The last thing that a person, the centre or time did to it; devices' words do not count."""
    lines = schema.transitions
    row = connection.execute(
        select(lines)
        .where(lines.c.alarm == alarm, lines.c.what.in_(_STEPS))
        .order_by(lines.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _transition(row)


def is_ticked(connection: Connection, alarm: str, step: str) -> bool:
    """Whether that step of the procedure was last said to be done."""
    lines = schema.transitions
    said = connection.execute(
        select(lines.c.data)
        .where(lines.c.alarm == alarm, lines.c.what == "procedure")
        .order_by(lines.c.id.desc())
        .limit(2000)
    ).scalars()
    last = (one for one in map(msgspec.json.decode, said) if one.get("step") == step)
    return any(one.get("done") is True for one in list(islice(last, 1)))


def time_line(connection: Connection, alarm: str) -> list[Transition]:
    """Every line of an alarm's life, in order."""
    lines = schema.transitions
    rows = connection.execute(
        select(lines).where(lines.c.alarm == alarm).order_by(lines.c.id).limit(5000)
    )
    return [_transition(row) for row in rows]


def _list(dialect: str, words: Sequence[str]) -> object:
    return _encode(words).decode() if dialect == "sqlite" else list(words)


def _row(alarm: Alarm) -> list[Any]:
    """In the order of _FIELDS; the first is the id."""
    row = list(_taken(alarm))
    for place in _MOMENTS:
        if row[place] is not None:
            row[place] = schema.microseconds(row[place])
    row[_OWED] = _encode(alarm.repeats_owed).decode()
    if alarm.affected is not None:
        row[_AFFECTED] = _encode(alarm.affected).decode()
    return row


def made(row: Row[Any]) -> Alarm:
    """A row as the noun."""
    return _typed(dict(row._mapping))  # noqa: SLF001 - SQLAlchemy's public name


def _from_driver(row: Sequence[Any]) -> Alarm:
    """From a row as the driver gave it."""
    values = list(row)
    for place in _MOMENTS:
        if values[place] is not None:
            values[place] = schema.moment(values[place])
    for place in _FLAGS:
        values[place] = bool(values[place])
    return _typed(dict(zip(_FIELDS, values, strict=True)))


def _typed(fields: dict[str, Any]) -> Alarm:
    fields["id"] = AlarmId(fields["id"])
    fields["priority"] = Priority(fields["priority"])
    fields["state"] = State(fields["state"])
    fields["pressed_quality"] = TimeQuality(fields["pressed_quality"])
    for name, kind in (
        ("hidden", Hidden),
        ("disposition", Disposition),
        ("closing_as", Disposition),
    ):
        fields[name] = None if fields[name] is None else kind(fields[name])
    if fields["affected"] is not None:
        fields["affected"] = msgspec.json.decode(fields["affected"], type=Affected)
    fields["repeats_owed"] = tuple(msgspec.json.decode(fields["repeats_owed"]))
    return Alarm(**fields)


def _transition(row: Row[Any]) -> Transition:
    return Transition(
        alarm=row.alarm,
        what=row.what,
        before=State(row.before),
        after=State(row.after),
        at=row.at,
        by=row.by,
        note=row.note,
        data=msgspec.json.decode(row.data),
    )


def _line(line: Transition) -> tuple[Any, ...]:
    return (
        line.alarm,
        line.what[:40],
        line.before,
        line.after,
        schema.microseconds(line.at),
        line.by[:80],
        line.note,
        _encode(line.data).decode(),
    )


_STEPS = [
    "claim",
    "acknowledge",
    "take_over",
    "shelve",
    "unshelve",
    "close",
    "reopen",
    "lapse",
    "handed_over",
    "accepted",
    "rejected",
    "dispatched",
    "on_scene",
]


def _open_statement(is_one_of: ColumnElement[bool]) -> Select[Any]:
    return (
        select(_rows)
        .where(is_one_of, _rows.c.closed_at.is_(None))
        .order_by(_rows.c.raised_at, _rows.c.id)
        .with_for_update()
    )


_LISTED = text("SELECT value FROM json_each(:devices)").columns(column("value"))
_OPEN = Prepared(
    {
        "sqlite": _open_statement(_rows.c.device.in_(_LISTED)),
        "postgresql": _open_statement(
            _rows.c.device == func.any(cast(bindparam("devices"), postgresql.ARRAY(Text)))
        ),
    }
)
_GET = select(_rows).where(_rows.c.id == bindparam("id"))
_GET_HELD = _GET.with_for_update()
_INSERT = Bulk.insert(_rows, _FIELDS)
_UPDATE = Bulk.update(_rows, _FIELDS[:1], dict.fromkeys(_FIELDS[1:], "{new}"))
_INSERT_LINE = Bulk.insert(
    schema.transitions, ("alarm", "what", "before", "after", "at", "by", "note", "data")
)
