"""The journal: append-only lists of events, hash-chained per gateway and lane."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, select, text

from adapters.signal import Lane
from gateway.domain.event import Event
from gateway.store import locks, schema
from gateway.store.bulk import Bulk
from gateway.store.prepared import Prepared, Question, Row

GENESIS = bytes(32)
LOOK_BACK = timedelta(hours=48)
"""How far back an event may know its id: twice the time in which it can be a repeat."""
USES = 64
"""So many uses of one id are looked at, the latest: a firmware's constant id has no end of them."""
SEAM = timedelta(minutes=1)
ONCE = (0, 1)
"""Never heard again, and nothing folded into it but itself."""
NOTHING_COUNTED: Mapping[int, tuple[int, int]] = {}
NOTHING_FOLDED: Mapping[tuple[str, int], int] = {}


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The last row of a chain; every row's hash covers all before it."""

    number: int = 0
    hash: bytes = GENESIS


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A row heard before under the same device and id."""

    gateway: str
    number: int
    reuse: int
    digest: bytes
    received_at: datetime


FACTS = (
    "gateway",
    "number",
    "device",
    "event_id",
    "reuse",
    "kind",
    "site",
    "part",
    "link",
    "received_at",
    "said_at",
    "clock",
    "age_ms",
    "boot",
    "seq",
    "marks",
)
"""What a row's hash is taken of, in this order; then its body."""

Key = tuple[str, str]
"""Device and event id."""

_encode = msgspec.json.Encoder().encode


def table(lane: Lane) -> Table:
    """The table of that lane."""
    return schema.journal_alarm if lane is Lane.ALARM else schema.journal_event


Found = dict[Key, list[Known]]


def finding(lane: Lane, keys: Sequence[Key], heard_at: datetime) -> Question[Found]:
    """What is known under those keys, the last USES of each, the oldest first.

    Of passages on PostgreSQL not much before that time.
    """
    return Question(
        _FIND[lane], lambda dialect: _find_parameters(dialect, lane, keys, heard_at), _found
    )


def lock(connection: Connection, devices: Iterable[str]) -> None:
    """Hold those devices until the commit, so that two gateways never decide on one at once.

    Advisory and not row locks: an unregistered device has no row. In order, against deadlock.
    """
    locks.hold(connection, "device", devices)


def is_at_seam(lane: Lane, heard: Sequence[datetime]) -> bool:
    """Whether some of that may come to lie on another day at another gateway: no key is shared."""
    if lane is Lane.ALARM or not heard:
        return False
    first, last = min(heard), max(heard)
    days = {schema.midnight(at + shift) for at in (first, last) for shift in (-SEAM, SEAM)}
    return len(days) > 1


def append(
    connection: Connection,
    gateway: str,
    lane: Lane,
    events: Sequence[Event],
    head: Head,
    counted: Mapping[int, tuple[int, int]] = NOTHING_COUNTED,
) -> Head:
    """Write the events after that head, in order; the new head.

    `counted` by number: how often it was heard again, and how many are folded into it, already.
    """
    rows, number, last = [], head.number, head.hash
    for event in events:
        number += 1
        facts = _facts(event, gateway, number)
        last = linked(last, facts, event.body)
        rows.append((*facts, event.digest, event.body, last, *counted.get(number, ONCE)))
    rows.sort(key=_IN_ORDER)  # by what is unique, or two gateways wait for each other
    _INSERT[lane].write(connection, rows)
    return Head(number=number, hash=last)


def hear_again(
    connection: Connection,
    lane: Lane,
    heard: Sequence[tuple[Known, int]],
    folds: Mapping[tuple[str, int], int] = NOTHING_FOLDED,
) -> None:
    """Count repeats of known rows: a write of their own, for a receipt is a new write or none.

    `folds`, by gateway and number: what is folded into some of these beside.
    """
    rows = [
        (one.gateway, one.number, schema.microseconds(one.received_at), times, folded)
        for one, times in heard
        for folded in (folds.get((one.gateway, one.number), 0),)
    ]
    _HEARD_AGAIN[lane].write(connection, sorted(rows))


def fold(connection: Connection, lane: Lane, folded: Sequence[tuple[str, int, int]]) -> None:
    """Count more signals of a chattering device on its row: (gateway, number, how many).

    Each row once, and none that is heard again in the same statement: PostgreSQL changes a row
    once in a statement, and says nothing of a second time.
    """
    _FOLD[lane].write(connection, sorted(folded))


def head(connection: Connection, gateway: str, lane: Lane) -> Head:
    """The end of that gateway's chain, also where all of it was moved away or dropped."""
    for end in _ENDS[lane]:
        for number, hash_ in end.rows(connection, {"gateway": gateway}):
            return Head(number=number, hash=bytes(hash_))
    return Head()


def linked(previous: bytes, facts: Sequence[object], body: bytes) -> bytes:
    """The hash of a row with those FACTS and that body: SHA-256 over them and the hash before."""
    return hashlib.sha256(b"".join((previous, _encode(facts), body))).digest()


def _facts(event: Event, gateway: str, number: int) -> tuple[object, ...]:
    """What the chain covers beside the body, in the order of FACTS."""
    return (
        gateway,
        number,
        event.device,
        event.id,
        event.reuse,
        event.kind.name,
        None if event.place.site is None else event.place.site.id,
        event.part,
        event.link,
        schema.microseconds(event.received_at),
        None if event.said_at is None else schema.microseconds(event.said_at),
        event.clock,
        event.age_ms,
        event.boot,
        event.seq,
        _marks(event),
    )


def _marks(event: Event) -> str:
    marks = []
    if event.said_test:
        marks.append("said_test")
    if event.misplaced:
        marks.append("misplaced")
    if event.unexpected:
        marks.append("unexpected")
    if event.reuse:
        marks.append("id_reused")
    if event.cause:
        marks.append(event.cause)
    return " ".join(marks)[:80]


def _ends(lane: Lane) -> list[Prepared]:
    """Where a chain may end, the latest first."""
    rows, moved, dropped = table(lane).c, schema.archives.c, schema.checkpoints.c
    gateway: ColumnElement[str] = bindparam("gateway")
    ends = [(rows.number, rows.hash, rows.gateway == gateway)]
    if lane is Lane.EVENT:
        ends.append((moved.last, moved.hash, moved.gateway == gateway))
    of_chain = and_(dropped.gateway == gateway, dropped.lane == lane.value)
    ends.append((dropped.number, dropped.hash, of_chain))
    return [
        Prepared(select(number, hash_).where(condition).order_by(number.desc()).limit(1))
        for number, hash_, condition in ends
    ]


def _find_statement(dialect: str, lane: Lane) -> Any:  # noqa: ANN401
    # Passages lie in partitions by the day: without a date each would be asked.
    since = " AND n.received_at >= :since" if _is_partitioned(dialect, lane) else ""
    latest = (
        f"FROM {table(lane).name} AS n WHERE n.device = k.d AND n.event_id = k.i{since}"
        f" ORDER BY n.reuse DESC LIMIT {USES}"
    )
    uses = {
        "sqlite": "(SELECT json_extract(value, '$[0]') AS d, json_extract(value, '$[1]') AS i"  # noqa: S608 - our own words
        f" FROM json_each(:keys)) AS k JOIN {table(lane).name} AS j"
        f" ON j.rowid IN (SELECT n.rowid {latest})",
        "postgresql": "unnest(CAST(:devices AS text[]), CAST(:ids AS text[])) AS k(d, i)"
        f" CROSS JOIN LATERAL (SELECT n.* {latest}) AS j",
    }[dialect]
    digest = {"sqlite": "hex(j.digest)", "postgresql": "encode(j.digest, 'hex')"}[dialect]
    return text(
        f"SELECT j.device, j.event_id, j.gateway, j.number, j.reuse, {digest} AS digest,"  # noqa: S608
        f" j.received_at FROM {uses}"
    )


def _found(rows: Sequence[Row]) -> Found:
    found: Found = {}
    for device, event_id, gateway, number, reuse, digest, received_at in rows:
        found.setdefault((device, event_id), []).append(
            Known(
                gateway=gateway,
                number=number,
                reuse=reuse,
                digest=bytes.fromhex(digest),
                received_at=schema.moment(received_at),
            )
        )
    for known in found.values():
        known.sort(key=lambda row: row.reuse)
    return found


def _find_parameters(
    dialect: str, lane: Lane, keys: Sequence[Key], heard_at: datetime
) -> dict[str, Any]:
    if dialect == "sqlite":
        return {"keys": _encode(keys).decode()}
    asked: dict[str, Any] = {"devices": [one for one, _ in keys], "ids": [key for _, key in keys]}
    if _is_partitioned(dialect, lane):
        asked["since"] = schema.microseconds(heard_at - LOOK_BACK)
    return asked


def _is_partitioned(dialect: str, lane: Lane) -> bool:
    return dialect == "postgresql" and lane is Lane.EVENT


_FIND = {
    lane: Prepared({name: _find_statement(name, lane) for name in ("sqlite", "postgresql")})
    for lane in Lane
}
_ENDS = {lane: _ends(lane) for lane in Lane}
_IN_ORDER = itemgetter(*(FACTS.index(name) for name in ("device", "event_id", "reuse")))
_WRITTEN = (*FACTS, "digest", "body", "hash", "heard_again", "folded")
_INSERT = {lane: Bulk.insert(table(lane), _WRITTEN) for lane in Lane}


def _counting(lane: Lane, keys: Sequence[str], *columns: str) -> Bulk:
    return Bulk.update(
        table(lane), ("gateway", "number", *keys), dict.fromkeys(columns, "{old} + {new}")
    )


_HEARD_AGAIN = {lane: _counting(lane, ("received_at",), "heard_again", "folded") for lane in Lane}
_FOLD = {lane: _counting(lane, (), "folded") for lane in Lane}
