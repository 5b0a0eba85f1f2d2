"""Compare: the journal with what receivers recorded of it, so that a forged whole is found too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.store import chain, checkpoints
from gateway.store.archives import ArchiveGone
from gateway.store.checkpoints import Checkpoint
from gateway.store.database import Database
from gateway.store.walk import Fault, What

AT_ONCE = 5000
"""Records in hand at one time, however many there are."""
_NOT_OURS = frozenset({"unsigned", "malformed"})
Place = tuple[str, Lane]


class _Row(msgspec.Struct):
    number: int
    hash: str


class _Anchor(msgspec.Struct):
    gateway: str
    number: int
    hash: str
    event: _Row | None = None
    key: str | None = None


class _Data(msgspec.Struct):
    journal: _Anchor | None = None


class _Notice(msgspec.Struct):
    data: _Data | None = None
    time: datetime | None = None


class _Record(msgspec.Struct):
    body: str | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a chain as a receiver was told of it, and when."""

    number: int
    hash: str
    at: datetime | None


@dataclass(slots=True, kw_only=True)
class _Of:
    """What is known of one chain so far."""

    compared: int = 0
    dropped: int = 0
    """Told rows that lie before the chain's beginning."""
    gone: Told | None = None
    gone_count: int = 0
    rewritten: Told | None = None
    rewritten_count: int = 0
    highest_dropped: Told | None = None
    heard_after: datetime | None = None
    """The highest dropped row was heard after this: then a lower one was the last."""


@dataclass(slots=True, kw_only=True)
class Comparison:
    """A record against the journal."""

    records: int = 0
    unread: int = 0
    """Unreadable, or not signed by us, as the receiver itself found."""
    keys: set[str] = field(default_factory=set)
    """The public keys that the receiver was told of."""
    chains: dict[Place, _Of] = field(default_factory=dict)

    @property
    def compared(self) -> int:
        """How many told rows were there to be compared."""
        return sum(one.compared for one in self.chains.values())

    @property
    def dropped(self) -> int:
        """How many told rows retention has dropped since."""
        return sum(one.dropped for one in self.chains.values())


async def with_record(database: Database, lines: Iterable[bytes]) -> Comparison:
    """Compare each told row with the row that is there, in pieces."""
    found = Comparison()
    told: dict[Place, list[Told]] = {}
    count = 0
    for place, row in _read(lines, found):
        told.setdefault(place, []).append(row)
        count += 1
        if count >= AT_ONCE:
            await database.read(partial(_look, found, told))
            told, count = {}, 0
    await database.read(partial(_look, found, told))
    return found


async def faults(database: Database, found: Comparison) -> list[Fault]:
    """What is wrong by that record, of each chain the first thing of each sort."""
    listed = []
    for (gateway, lane), one in sorted(found.chains.items()):
        begins = await database.read(partial(checkpoints.latest, gateway=gateway, lane=lane))
        ends = await database.read(partial(chain.last_number, gateway=gateway, lane=lane))
        for row, what, says in _said(one, begins, ends):
            listed.append(
                Fault(gateway=gateway, lane=lane, number=row.number, what=what, says=says)
            )
    return listed


def _said(one: _Of, begins: Checkpoint | None, ends: int) -> Iterator[tuple[Told, What, str]]:
    if one.rewritten is not None:
        more = f" ({one.rewritten_count} told rows differ)" if one.rewritten_count > 1 else ""
        says = f"row {one.rewritten.number} is not the one that the receiver was told of{more}"
        yield one.rewritten, What.REWRITTEN, says
    if one.gone is not None:
        there = f"the journal ends at row {ends}" if ends else "this gateway has no journal at all"
        says = f"the receiver was told of row {one.gone.number}, {there}"
        yield one.gone, What.CUT, f"{says} ({one.gone_count} told rows are gone)"
    dropped, after = one.highest_dropped, one.heard_after
    if begins is not None and dropped is not None and after is not None and after > begins.before:
        heard = f"row {dropped.number} was heard after {after:%Y-%m-%d %H:%M}"
        says = f"{heard}, and was dropped as heard before {begins.before:%Y-%m-%d %H:%M}"
        yield dropped, What.CUT, says


def _look(found: Comparison, told: dict[Place, list[Told]], connection: Connection) -> None:
    for (gateway, lane), rows in told.items():
        one = found.chains.setdefault((gateway, lane), _Of())
        begins = checkpoints.latest(connection, gateway, lane)
        numbers = sorted({row.number for row in rows})
        try:
            there = chain.hashes(connection, gateway, lane, numbers)
        except ArchiveGone:
            there = {}
        if begins is not None:
            there[begins.head.number] = begins.head.hash
        for row in rows:
            kept = there.get(row.number)
            if kept is not None:
                _compare(one, row, kept.hex())
            elif begins is not None and row.number < begins.head.number:
                _note_dropped(one, row)
            else:
                one.gone_count += 1
                one.gone = max(one.gone or row, row, key=lambda told: told.number)


def _compare(one: _Of, told: Told, kept: str) -> None:
    one.compared += 1
    if told.hash != kept:
        one.rewritten_count += 1
        one.rewritten = min(one.rewritten or told, told, key=lambda row: row.number)


def _note_dropped(one: _Of, row: Told) -> None:
    """Whatever was the last row at some time: the rows after it were heard later."""
    one.dropped += 1
    highest = one.highest_dropped
    if highest is None:
        one.highest_dropped = row
        return
    lower = min(highest, row, key=lambda told: told.number)
    if highest.number < row.number:
        one.highest_dropped = row
    if highest.number != row.number and lower.at is not None:
        one.heard_after = max(one.heard_after or lower.at, lower.at)


def _read(lines: Iterable[bytes], found: Comparison) -> Iterator[tuple[Place, Told]]:
    """The rows that a record speaks of; what it could not trust accuses nobody."""
    for line in lines:
        if not line.strip():
            continue
        found.records += 1
        try:
            notice = _notice(line)
        except msgspec.DecodeError:
            found.unread += 1
            continue
        anchor = None if notice.data is None else notice.data.journal
        if anchor is None:
            continue
        if anchor.key is not None:
            found.keys.add(anchor.key)
        for lane, row in ((Lane.ALARM, anchor), (Lane.EVENT, anchor.event)):
            if row is not None and row.number > 0:
                yield (anchor.gateway, lane), Told(row.number, row.hash, notice.time)


def _notice(line: bytes) -> _Notice:
    """A record of ours, or a bare CloudEvent.

    Raises:
        msgspec.DecodeError: it is neither, or the receiver itself did not trust it.
    """
    record = msgspec.json.decode(line, type=_Record)
    if record.verdict in _NOT_OURS:
        raise msgspec.DecodeError
    body = line if record.body is None else record.body.encode()
    return msgspec.json.decode(body, type=_Notice)
