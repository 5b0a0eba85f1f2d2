"""Vouch: whether the audit is whole, by itself and by what was kept of it elsewhere."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

import msgspec
from sqlalchemy import Connection

from gateway.store import audit, audit_checkpoints, audit_views, signing
from gateway.store.audit_checkpoints import Checkpoint
from gateway.store.audit_views import HASH, NUMBER
from gateway.store.database import Database
from gateway.store.journal import Head

PAGE = 1000
"""Rows in one transaction: deeds and retention go on beside a long walk."""
_NOT_OURS = frozenset({"unsigned", "malformed"})


@dataclass(slots=True, kw_only=True)
class Walk:
    """How far the audit is whole, and the first thing that is wrong."""

    begins: int = 0
    """The last row that was dropped; 0: it is there from its first."""
    rows: int = 0
    head: Head = field(default_factory=Head)
    faults: list[str] = field(default_factory=list)
    """Sentences for whoever reads them at night; empty: it is whole."""
    compared: int = 0
    """How many of its rows were met that others had been told of."""


class _End(msgspec.Struct):
    number: int
    hash: str


class _Data(msgspec.Struct):
    audit: _End | None = None


class _Notice(msgspec.Struct):
    data: _Data | None = None


class _Record(msgspec.Struct):
    body: str | None = None
    verdict: str = ""


def told(lines: Iterable[bytes]) -> dict[int, str]:
    """The ends that a receiver was told of, by number: every `dabyl.supervision` carries one.

    `lines`: what a receiver recorded, or bare CloudEvents; what it did not trust is left out.
    """
    found: dict[int, str] = {}
    for line in lines:
        try:
            record = msgspec.json.decode(line, type=_Record)
            body = line if record.body is None else record.body.encode()
            notice = msgspec.json.decode(body, type=_Notice)
        except msgspec.DecodeError:
            continue
        end = None if notice.data is None else notice.data.audit
        if end is not None and end.number > 0 and record.verdict not in _NOT_OURS:
            found[end.number] = end.hash
    return found


async def walked(
    database: Database,
    trusted: Collection[str],
    kept: Sequence[Checkpoint] = (),
    heard: Mapping[int, str] = MappingProxyType({}),
) -> AsyncIterator[Walk]:
    """The same walk after every page; whole once nothing more comes.

    `trusted`: the public keys whose word counts. `kept`: checkpoints that were exported before.
    `heard`: ends that others were told of, by number.
    """
    made = await database.read(audit_checkpoints.all_of)
    walk = Walk(faults=_unsigned([*made, *kept], trusted))
    if (broken := audit_checkpoints.broken(made)) is not None:
        walk.faults.append(f"the checkpoint at row {broken.number} follows one that is not there")
    expected = {**heard, **{one.number: one.hash for one in kept}}
    last = max(expected, default=0)
    if made:
        _jump(walk, made[-1], expected)
    walk.faults += await database.read(partial(_before_the_beginning, walk.begins))
    while True:
        goes_on = await database.read(partial(_step, walk, expected, trusted))
        yield walk
        if not goes_on:
            break
    if last > walk.head.number and not walk.faults:
        ends = f"the audit ends at {walk.head.number}"
        walk.faults.append(f"the end was cut off: row {last} was told of, {ends}")
    yield walk


def _step(
    walk: Walk, expected: dict[int, str], trusted: Collection[str], connection: Connection
) -> bool:
    """One page; whether there may be more."""
    # The end first: what is written meanwhile lies behind it.
    end = audit.head(connection)
    after = walk.head.number
    if after >= end.number:
        return _ended(walk, connection, end)
    rows = audit_views.page(connection, after, min(after + PAGE, end.number))
    for row in rows:
        if row[NUMBER] != walk.head.number + 1:
            break
        if audit.linked(walk.head, audit_views.facts(row)) != bytes(row[HASH]):
            number = row[NUMBER]
            walk.faults.append(
                f"row {number} was changed: it does not say what it said when it was written"
            )
            return False
        walk.head = Head(number=row[NUMBER], hash=bytes(row[HASH]))
        walk.rows += 1
        _meet(walk, expected)
    if walk.head.number == min(after + PAGE, end.number):
        return True
    return _gap(walk, connection, end, expected, trusted)


def _gap(
    walk: Walk,
    connection: Connection,
    end: Head,
    expected: dict[int, str],
    trusted: Collection[str],
) -> bool:
    """A row is not there: retention cut while we walked, or somebody took it away."""
    cut = audit_checkpoints.latest(connection)
    if cut is not None and cut.number > walk.head.number and not _unsigned([cut], trusted):
        _jump(walk, cut, expected)
        return True
    first = walk.head.number + 1
    following = audit_views.next_number(connection, walk.head.number)
    if following is None:
        said = f"the end was cut off: row {end.number} was written, the last is {first - 1}"
    elif following == first + 1:
        said = f"row {first} is missing"
    else:
        said = f"rows {first} to {following - 1} are missing"
    walk.faults.append(said)
    return False


def _ended(walk: Walk, connection: Connection, end: Head) -> bool:
    beyond = audit_views.next_number(connection, walk.head.number)
    if beyond is not None and audit.head(connection).number < beyond:
        said = f"the end was set back to row {end.number}, or what stands behind it was put in"
        walk.faults.append(f"{said}: row {beyond}")
    elif walk.head != end:
        walk.faults.append(f"row {end.number} is not the one that the audit's end speaks of")
    return False


def _jump(walk: Walk, to: Checkpoint, expected: dict[int, str]) -> None:
    walk.begins, walk.head = to.number, to.head
    _meet(walk, expected)


def _meet(walk: Walk, expected: dict[int, str]) -> None:
    """Whether that row is the one that a checkpoint which was kept speaks of."""
    said = expected.pop(walk.head.number, None)
    if said is None:
        return
    walk.compared += 1
    if said != walk.head.hash.hex():
        number = walk.head.number
        walk.faults.append(f"row {number} is not the one that was told of: all was written anew")


def _unsigned(made: Sequence[Checkpoint], trusted: Collection[str]) -> list[str]:
    """The first of those that nobody signed whose word counts."""
    for one in made:
        signature = bytes.fromhex(one.signature)
        if not signing.is_signed(one.statement, signature, one.key, trusted):
            whose = one.key or "nobody"
            return [f"the checkpoint at row {one.number} was not signed by us (it names {whose})"]
    return []


def _before_the_beginning(begins: int, connection: Connection) -> list[str]:
    """Retention leaves nothing behind: what stands before the beginning was put there."""
    first = audit_views.next_number(connection, 0)
    if first is None or first > begins:
        return []
    return [f"row {first} was put in: everything up to row {begins} was dropped by its age"]
