"""The journal: append-only lists of events, hash-chained per gateway and lane."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, select, text

from adapters.signal import Lane
from gateway.domain.event import Event
from gateway.store import locks, schema
from gateway.store.bulk import Bulk
from gateway.store.prepared import Prepared, Question
from gateway.store.prepared import Row as DriverRow

GENESIS = bytes(32)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first thing wrong in a chain."""

    gateway: str
    lane: Lane
    number: int
    what: str


Key = tuple[str, str]
"""Device and event id."""

_encode = msgspec.json.Encoder().encode


def table(lane: Lane) -> Table:
    """The table of that lane."""
    return schema.journal_alarm if lane is Lane.ALARM else schema.journal_event


Found = dict[Key, list[Known]]


def finding(lane: Lane, keys: Sequence[Key]) -> Question[Found]:
    """What is known under those keys, the oldest first."""
    return Question(_FIND[lane], lambda dialect: _find_parameters(dialect, keys), _found)


def lock(connection: Connection, devices: Iterable[str]) -> None:
    """Hold those devices until the commit, so that two gateways never decide on one at once.

    Advisory and not row locks: an unregistered device has no row. In order, against deadlock.
    """
    locks.hold(connection, "device", devices)


def append(
    connection: Connection, gateway: str, lane: Lane, events: Sequence[Event], head: Head
) -> Head:
    """Write the events after that head, in order; the new head."""
    rows, number, last = [], head.number, head.hash
    for event in events:
        number += 1
        facts = _facts(event, gateway, number)
        last = _hash(last, facts, event.body)
        rows.append((*facts, event.digest, event.body, last, 0, 1))
    rows.sort(key=_IN_ORDER)  # by what is unique, or two gateways wait for each other
    _INSERT[lane].write(connection, rows)
    return Head(number=number, hash=last)


def hear_again(connection: Connection, lane: Lane, heard: Sequence[tuple[Known, int]]) -> None:
    """Count repeats of known rows: a write of their own, for a receipt is a new write or none."""
    rows = [(known.gateway, known.number, times) for known, times in heard]
    _HEARD_AGAIN[lane].write(connection, sorted(rows))


def fold(connection: Connection, lane: Lane, folded: Sequence[tuple[str, int, int]]) -> None:
    """Count more signals of a chattering device on its row: (gateway, number, how many)."""
    _FOLD[lane].write(connection, sorted(folded))


def head(connection: Connection, gateway: str, lane: Lane) -> Head:
    """The end of that gateway's chain."""
    columns = table(lane).c
    row = connection.execute(
        select(columns.number, columns.hash)
        .where(columns.gateway == gateway)
        .order_by(columns.number.desc())
        .limit(1)
    ).one_or_none()
    return Head() if row is None else Head(number=row.number, hash=bytes(row.hash))


def row_hash(previous: bytes, row: dict[str, Any]) -> bytes:
    """SHA-256 over the hash before and everything that the row says."""
    return _hash(previous, [_plain(row[name]) for name in _CHAINED], row["body"])


def _hash(previous: bytes, facts: Sequence[object], body: bytes) -> bytes:
    return hashlib.sha256(b"".join((previous, _encode(facts), body))).digest()


def verify(
    connection: Connection, gateway: str, lane: Lane, since: Head | None = None
) -> Iterator[Fault | Head]:
    """Walk one chain: the head after each thousand rows and at the end, or the first fault.

    `since` is the checkpoint that retention left, where it dropped what was before.
    """
    rows = table(lane)
    last = since or Head()
    while True:
        page = connection.execute(
            select(rows)
            .where(rows.c.gateway == gateway, rows.c.number > last.number)
            .order_by(rows.c.number)
            .limit(1000)
        ).all()
        for row in page:
            what = _fault(row, last)
            if what is not None:
                number = last.number + 1
                yield Fault(gateway=gateway, lane=lane, number=number, what=what)
                return
            last = Head(number=row.number, hash=bytes(row.hash))
        yield last
        if not page:
            return


def hashes(
    connection: Connection, gateway: str, lane: Lane, numbers: Sequence[int]
) -> dict[int, bytes]:
    """The hashes of those rows, where they are there."""
    rows = table(lane).c
    found: dict[int, bytes] = {}
    for at in range(0, len(numbers), 500):
        statement = select(rows.number, rows.hash).where(
            rows.gateway == gateway, rows.number.in_(numbers[at : at + 500])
        )
        found |= {number: bytes(hash_) for number, hash_ in connection.execute(statement)}
    return found


def gateways(connection: Connection, lane: Lane) -> list[str]:
    """Every gateway that ever wrote on that lane."""
    names = select(table(lane).c.gateway).distinct().order_by(table(lane).c.gateway)
    return list(connection.execute(names).scalars())


def _fault(row: Row[Any], last: Head) -> str | None:
    if row.number != last.number + 1:
        return f"missing: the next row is {row.number}"
    facts = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    facts["body"] = bytes(row.body)
    if row_hash(last.hash, facts) != bytes(row.hash):
        return "changed: its hash does not fit what it says and what came before"
    return None


def _facts(event: Event, gateway: str, number: int) -> tuple[object, ...]:
    """What the chain covers beside the body, in the order of _CHAINED."""
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


def _plain(value: object) -> object:
    return schema.microseconds(value) if isinstance(value, datetime) else value


_CHAINED = [
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
]


def _find_statement(dialect: str, lane: Lane) -> Any:  # noqa: ANN401
    keys = {
        "sqlite": "(SELECT json_extract(value, '$[0]') AS d, json_extract(value, '$[1]') AS i"
        " FROM json_each(:keys))",
        "postgresql": "unnest(CAST(:devices AS text[]), CAST(:ids AS text[]))",
    }[dialect]
    digest = {"sqlite": "hex(j.digest)", "postgresql": "encode(j.digest, 'hex')"}[dialect]
    return text(
        f"SELECT j.device, j.event_id, j.gateway, j.number, j.reuse, {digest} AS digest,"  # noqa: S608
        " j.received_at"
        f" FROM {keys} AS k{'' if dialect == 'sqlite' else '(d, i)'}"
        f" JOIN {table(lane).name} AS j ON j.device = k.d AND j.event_id = k.i"
    )


def _found(rows: Sequence[DriverRow]) -> Found:
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


def _find_parameters(dialect: str, keys: Sequence[Key]) -> dict[str, Any]:
    if dialect == "sqlite":
        return {"keys": _encode(keys).decode()}
    return {"devices": [device for device, _ in keys], "ids": [key for _, key in keys]}


_FIND = {
    lane: Prepared({name: _find_statement(name, lane) for name in ("sqlite", "postgresql")})
    for lane in Lane
}
_IN_ORDER = itemgetter(*(_CHAINED.index(name) for name in ("device", "event_id", "reuse")))
_WRITTEN = (*_CHAINED, "digest", "body", "hash", "heard_again", "folded")
_INSERT = {lane: Bulk.insert(table(lane), _WRITTEN) for lane in Lane}


def _count(lane: Lane, column: str) -> Bulk:
    return Bulk.update(table(lane), ("gateway", "number"), {column: "{old} + {new}"})


_HEARD_AGAIN = {lane: _count(lane, "heard_again") for lane in Lane}
_FOLD = {lane: _count(lane, "folded") for lane in Lane}
