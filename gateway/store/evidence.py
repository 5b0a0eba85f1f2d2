"""Evidence as rows: which stills an alarm asks for, who fetches them, what became of each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from gateway.domain.kind import Priority
from gateway.domain.site import DeviceId
from gateway.domain.stills import Fate, Still
from gateway.store import clocks, schema
from gateway.store.changes import What

HELD = timedelta(seconds=20)
"""Renewed every few seconds by whoever fetches; a gateway that is gone is replaced after that."""
_rows = schema.evidence
_alarms = schema.alarms
_FIELDS = tuple(name for name in Still.__dataclass_fields__ if name != "fate")
Key = tuple[str, str, int]
"""Alarm, camera, offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alarm, as far as its stills must know it."""

    id: str
    device: str
    site: str | None
    zone: str | None
    priority: Priority
    raised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A still that waits, whose alarm is how urgent, and who fetches it."""

    still: Still
    site: str
    priority: Priority
    gateway: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One alarm that a still belongs to, for whoever asks to see it."""

    alarm: str
    district: str | None
    content_type: str
    fate: Fate


def moved(
    connection: Connection, position: int, priorities: Collection[int], since: datetime, limit: int
) -> tuple[list[Raised], int]:
    """Alarms that moved after that position and were raised since then; and the next position."""
    rows = schema.changes
    last = connection.execute(select(func.max(rows.c.position))).scalar() or 0
    found = connection.execute(
        select(rows.c.position, *_RAISED)
        .join(_alarms, _alarms.c.id == rows.c.key)
        .where(
            rows.c.position > position,
            rows.c.position <= last,
            rows.c.what == What.ALARM,
            _alarms.c.priority.in_(priorities),
            _alarms.c.raised_at > since,
        )
        .order_by(rows.c.position)
        .limit(limit)
    ).all()
    if len(found) == limit:
        last = found[-1].position
    return [_raised(row) for row in found], max(last, position)


def unasked(
    connection: Connection,
    priorities: Collection[int],
    since: datetime,
    limit: int,
    before: Raised | None = None,
) -> list[Raised]:
    """Alarms raised since then of which no still was ever asked, the newest first, before that."""
    at, key = _alarms.c.raised_at, _alarms.c.id
    is_next: ColumnElement[bool] = true()
    if before is not None:
        is_next = or_(at < before.raised_at, and_(at == before.raised_at, key < before.id))
    found = connection.execute(
        select(*_RAISED)
        .where(
            _alarms.c.raised_at > since,
            _alarms.c.priority.in_(priorities),
            ~exists().where(_rows.c.alarm == _alarms.c.id),
            is_next,
        )
        .order_by(at.desc(), key.desc())
        .limit(limit)
    )
    return [_raised(row) for row in found]


def ask(
    connection: Connection, stills: Sequence[Still], gateway: str | None, now: datetime
) -> set[Key]:
    """Write down what is asked, once; which of those alarms' stills are that gateway's to fetch."""
    if not stills:
        return set()
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    asked = make(_rows).on_conflict_do_nothing()
    if gateway is not None:
        asked = asked.values(gateway=gateway, claimed_until=clocks.after(connection, now, HELD))
    connection.execute(asked, [_row(one) for one in stills])
    if gateway is None:
        return set()
    alarms = sorted({one.alarm for one in stills})
    ours = select(*_KEY).where(_WAITS, _rows.c.gateway == gateway, _rows.c.alarm.in_(alarms))
    return {_key(row) for row in connection.execute(ours)}


def owed(
    connection: Connection, gateway: str, now: datetime, before: datetime, limit: int
) -> list[Owed]:
    """What waits, is due before then, and is that gateway's or nobody's; most urgent first."""
    time = clocks.now(connection, now)
    rows = connection.execute(
        select(_rows, _alarms.c.site, _alarms.c.priority)
        .outerjoin(_alarms, _alarms.c.id == _rows.c.alarm)
        .where(
            _WAITS,
            _rows.c.due_at < before,
            or_(_rows.c.gateway == gateway, _is_free(time)),
        )
        .order_by(func.coalesce(_alarms.c.priority, int(Priority.P3)), _rows.c.due_at)
        .limit(limit)
    )
    return [
        Owed(
            still=still(row),
            site=row.site or "",
            priority=Priority(Priority.P3 if row.priority is None else row.priority),
            gateway=row.gateway,
        )
        for row in rows
    ]


def hold(connection: Connection, gateway: str, now: datetime) -> None:
    """Keep for longer all that waits and is that gateway's."""
    until = clocks.after(connection, now, HELD)
    ours = and_(_WAITS, _rows.c.gateway == gateway)
    connection.execute(update(_rows).where(ours).values(claimed_until=until))


def claim(
    connection: Connection, gateway: str, cameras: Collection[str], now: datetime, limit: int
) -> set[Key]:
    """Take what waits of those cameras and is nobody's; which that were."""
    if not cameras:
        return set()
    time = clocks.now(connection, now)
    free = (
        select(*_KEY)
        .where(_WAITS, _rows.c.camera.in_(sorted(cameras)), _is_free(time))
        .order_by(*_KEY)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(_rows)
        .where(tuple_(*_KEY).in_(free), _WAITS)
        .values(gateway=gateway, claimed_until=clocks.after(connection, now, HELD))
    )
    return {_key(row) for row in connection.execute(taken.returning(*_KEY))}


def settle(
    connection: Connection, gateway: str, ended: Sequence[Still], now: datetime
) -> list[Still]:
    """Write down what became of them; those that waited still, and were that gateway's."""
    settled = []
    for one in ended:
        ours = and_(_WAITS, _rows.c.gateway == gateway)
        done = connection.execute(
            update(_rows)
            .where(_is(one.key), ours)
            .values(**_row(one), claimed_until=None, settled_at=now)
        )
        if done.rowcount == 1:
            settled.append(one)
    return settled


def of_alarms(connection: Connection, alarms: Iterable[str]) -> dict[str, list[Still]]:
    """What was asked for those alarms, in order of time and camera."""
    found: dict[str, list[Still]] = {}
    rows = connection.execute(
        select(_rows)
        .where(_rows.c.alarm.in_(list(alarms)))
        .order_by(_rows.c.alarm, _rows.c.camera, _rows.c.offset_s)
    )
    for row in rows:
        found.setdefault(row.alarm, []).append(still(row))
    return found


def sights(connection: Connection, sha256: str, limit: int = 100) -> list[Sight]:
    """The alarms that this still belongs to; several, where one picture serves several presses."""
    rows = connection.execute(
        select(_rows.c.alarm, _rows.c.content_type, _rows.c.state, _alarms.c.district)
        .join(_alarms, _alarms.c.id == _rows.c.alarm)
        .where(_rows.c.sha256 == sha256, _rows.c.content_type.is_not(None))
        .order_by(_rows.c.due_at.desc())
        .limit(limit)
    )
    return [
        Sight(
            alarm=row.alarm,
            district=row.district,
            content_type=row.content_type,
            fate=Fate(row.state),
        )
        for row in rows
    ]


def still(row: Row[Any]) -> Still:
    """A row as the noun."""
    own = {name: getattr(row, name) for name in _FIELDS}
    return Still(**own | {"camera": DeviceId(row.camera)}, fate=Fate(row.state))


def _raised(row: Any) -> Raised:  # noqa: ANN401 - a row, of whatever width
    return Raised(
        id=row.id,
        device=row.device,
        site=row.site,
        zone=row.zone,
        priority=Priority(row.priority),
        raised_at=row.raised_at,
    )


def _row(one: Still) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in _FIELDS}, "state": one.fate.value}


def _key(row: Any) -> Key:  # noqa: ANN401 - a row, of whatever width
    return row.alarm, row.camera, row.offset_s


def _is(key: Key) -> ColumnElement[bool]:
    alarm, camera, offset_s = key
    return and_(_rows.c.alarm == alarm, _rows.c.camera == camera, _rows.c.offset_s == offset_s)


def _is_free(time: ColumnElement[int]) -> ColumnElement[bool]:
    return or_(_rows.c.gateway.is_(None), _rows.c.claimed_until < time)


_KEY = (_rows.c.alarm, _rows.c.camera, _rows.c.offset_s)
_RAISED = (
    _alarms.c.id,
    _alarms.c.device,
    _alarms.c.site,
    _alarms.c.zone,
    _alarms.c.priority,
    _alarms.c.raised_at,
)
# In the words of the partial index, which no parameter matches.
_WAITS = _rows.c.state == literal_column("'waiting'")
