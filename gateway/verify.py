"""Verify: whether every chain is whole, by itself and by what the gateway told of it."""

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.store import archives, chain, checkpoints, signing, witness
from gateway.store.archives import ArchiveGone
from gateway.store.chain import NUMBER
from gateway.store.checkpoints import Checkpoint
from gateway.store.database import Database
from gateway.store.journal import Head
from gateway.store.sealed import Seal
from gateway.store.walk import Fault, Walk, What

PAGE = 2000
"""Rows in one transaction: retention and presses go on beside a long walk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """By whose word rows may be missing at a chain's beginning."""

    keys: Collection[str]
    """Public keys."""
    seal: Seal | None = None
    """What the oldest checkpoints were signed with; None: they cannot be checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One chain, as far as it is whole."""

    gateway: str
    lane: Lane
    begins: int
    """The last row that was dropped; 0: it is there from its first."""
    rows: int
    head: Head


Step = Walked | Fault


async def every_chain(
    database: Database, trust: Trust, told: Callable[[Walk], None] = lambda _: None
) -> AsyncIterator[Step]:
    """Walk them all, in pages: of each what is wrong, then how far it goes.

    `told` hears of every page.
    """
    for lane in Lane:
        for gateway in await database.read(partial(witness.gateways, lane=lane)):
            async for step in _one_chain(database, Walk(gateway, lane, Head()), trust, told):
                yield step


async def _one_chain(
    database: Database, walk: Walk, trust: Trust, told: Callable[[Walk], None]
) -> AsyncIterator[Step]:
    made = await database.read(partial(checkpoints.all_of, gateway=walk.gateway, lane=walk.lane))
    begins = made[-1].head if made else Head()
    walk.jump(begins)
    faults = _untrusted(made, trust)
    faults += await database.read(partial(_before_the_beginning, walk))
    broken = await _to_the_end(database, walk, trust, told)
    if broken is not None:
        faults.append(broken)
    elif walk.lane is Lane.ALARM:
        faults += await database.read(partial(_against_itself, walk))
    for fault in faults:
        yield fault
    yield Walked(
        gateway=walk.gateway,
        lane=walk.lane,
        begins=begins.number,
        rows=walk.rows,
        head=walk.head,
    )


async def _to_the_end(
    database: Database, walk: Walk, trust: Trust, told: Callable[[Walk], None]
) -> Fault | None:
    while True:
        found = await database.read(partial(_step, walk))
        told(walk)
        if isinstance(found, Head):
            return None
        if found is not None:
            dropped = await _dropped_meanwhile(database, walk, trust)
            if dropped is None:
                return found
            walk.jump(dropped.head)


def _step(walk: Walk, connection: Connection) -> Fault | Head | None:
    """One page; None: there may be more, the head: it was the last."""
    gateway, lane, begun = walk.gateway, walk.lane, walk.head.number
    try:
        rows = chain.page(connection, gateway, lane, begun, PAGE)
        rest = rows[walk.take(rows) :]
        if rows and not rest:
            return None
        if not rest:
            place = chain.next_number(connection, gateway, lane, begun)
            return walk.head if place is None else walk.missing(place - 1)
        if rest[0][NUMBER] > walk.head.number + 1:
            # What lies behind a gap here may be what follows elsewhere.
            again = chain.page(connection, gateway, lane, walk.head.number, PAGE)
            is_there = again and again[0][NUMBER] == walk.head.number + 1
            return None if is_there else walk.missing(rest[0][NUMBER] - 1)
        more = chain.page(connection, gateway, lane, rest[-1][NUMBER], PAGE)
        return walk.fault([*rest, *more])
    except ArchiveGone as gone:
        last = archives.last_with(connection, gateway, walk.head.number + 1)
        return walk.missing(last, f"the archive {gone}")


def _untrusted(made: list[Checkpoint], trust: Trust) -> list[Fault]:
    """What is wrong with a chain's checkpoints, the first thing."""
    for one in made:
        if not is_trusted(one, trust):
            whose = one.key or "the seal"
            says = f"the checkpoint at row {one.head.number} was not signed by this installation"
            return [_unsigned(one, f"{says} (it names {whose})")]
    broken = checkpoints.follow(made)
    if broken is None:
        return []
    says = f"the checkpoint at row {broken.head.number} follows one that is not there"
    return [_unsigned(broken, says)]


def is_trusted(one: Checkpoint, trust: Trust) -> bool:
    """Whether somebody signed it whose word counts."""
    if not one.key:
        return trust.seal is not None and trust.seal.is_signature(one.signature, one.statement)
    return signing.is_signed(one.statement, one.signature, one.key, trust.keys)


def _unsigned(one: Checkpoint, says: str) -> Fault:
    number = one.head.number
    return Fault(gateway=one.gateway, lane=one.lane, number=number, what=What.UNSIGNED, says=says)


async def _dropped_meanwhile(database: Database, walk: Walk, trust: Trust) -> Checkpoint | None:
    """Where retention cut while we walked, if that is why a row was not there."""
    latest = await database.read(partial(checkpoints.latest, gateway=walk.gateway, lane=walk.lane))
    is_why = latest is not None and latest.head.number > walk.head.number
    return latest if latest is not None and is_why and is_trusted(latest, trust) else None


def _against_itself(walk: Walk, connection: Connection) -> list[Fault]:
    """What the gateway last told its receivers is kept in the outbox too."""
    told = witness.last_told(connection, walk.gateway)
    if told is None or told.number == 0:
        return []
    kept = chain.hashes(connection, walk.gateway, walk.lane, [told.number])
    made = checkpoints.latest(connection, walk.gateway, walk.lane)
    if kept.get(told.number) == told.hash or (made and told.number <= made.head.number):
        return []
    number, ends = told.number, walk.head.number
    if number in kept:
        what, says = What.REWRITTEN, f"row {number} is not the one that the outbox speaks of"
    else:
        what, says = What.CUT, f"the outbox speaks of row {number}, the journal ends at {ends}"
    return [Fault(gateway=walk.gateway, lane=walk.lane, number=number, what=what, says=says)]


def _before_the_beginning(walk: Walk, connection: Connection) -> list[Fault]:
    """Retention leaves nothing behind: what stands before a chain's beginning was put there."""
    first = chain.next_number(connection, walk.gateway, walk.lane, 0)
    if first is None or first > walk.head.number:
        return []
    says = f"row {first} was put in: everything up to row {walk.head.number} was dropped by its age"
    return [
        Fault(gateway=walk.gateway, lane=walk.lane, number=first, what=What.INSERTED, says=says)
    ]
