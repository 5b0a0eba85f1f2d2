"""Tidy: what is old goes, in slices so short that no press waits for them."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from adapters.signal import Lane
from gateway import metrics
from gateway.clock import Clock
from gateway.domain import reopening
from gateway.settings import Retention
from gateway.store import (
    archives,
    archiving,
    audit_checkpoints,
    consoles,
    done,
    forgetting,
    keeping,
    partitions,
    retention,
    turns,
)
from gateway.store.archiving import Copied
from gateway.store.database import Database, StoreError, Urgency
from gateway.store.retention import Cut
from gateway.store.signing import Signer

T = TypeVar("T")
TIDY_S = 60.0
ASK_S = 5.0
BREATH_S = 0.05
"""Between two slices, for everybody else."""
LONGEST_S = 0.05
"""No slice may hold the store longer …"""
WANTED_S = 0.01
"""… therefore each aims at far less without its commit, which takes what the disk takes."""
FIRST, FEWEST, MOST = 50, 10, 5000
HOT = timedelta(hours=1)
"""So long a delivery that is done stays among those that wait: pages look at it now."""
JUMPED = timedelta(hours=1)
LONG_SILENCE = timedelta(days=7)
DOUBTED_S = 86_400.0
"""A clock that jumped, or that is far from what was last heard, deletes nothing for a day."""

log = structlog.get_logger()
Work = Callable[[Connection, int], int]
"""Does at most so many rows, and says how many it did."""


@dataclass(slots=True, kw_only=True)
class Tidy:
    """The one who puts away and throws away."""

    database: Database
    clock: Clock
    signer: Signer
    kept: Retention
    is_ours: Callable[[], bool] = lambda: True
    """Whether it is this gateway that does it, of several."""
    _sizes: dict[str, int] = field(default_factory=dict)
    """Of each work: how many rows its next slice takes."""
    _clocks: tuple[datetime, float] | None = None
    _doubted_until: float = 0.0

    async def prepare(self) -> None:
        """Make the partitions that passages will need; where that fails they lie beside them."""
        await self._patiently(self._make_partitions)

    async def run(self) -> None:
        """Look every minute, until cancelled; where another does, whether it still does."""
        while True:
            is_ours = self.is_ours()
            if is_ours:
                await self.once()
            await self.clock.sleep(TIDY_S if is_ours else ASK_S)

    async def once(self) -> None:
        """Everything that is to be put away or thrown away now."""
        now = self.clock.now()
        await self.prepare()
        await self._patiently(partial(self._put_away, now))
        await self._patiently(partial(self._doubt, now))
        if self.clock.monotonic() < self._doubted_until:
            return
        await self._patiently(partial(self._drop_passages, now))
        for name, work in self._works(now):
            await self._patiently(partial(self._in_slices, name, work))

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        """What the store does not take now is left for the next look, and holds up nothing else."""
        try:
            await step()
        except StoreError as error:
            log.info("tidying waits for the store", why=str(error))

    async def _make_partitions(self) -> None:
        kept, now = _days(self.kept.passages_days), self.clock.now()
        work = partial(partitions.make_next, kept=kept, now=now)
        while (made := await self.database.write(work, Urgency.BULK)) is not None:
            log.info("partition made", partition=made)

    async def _put_away(self, now: datetime) -> None:
        """What is done or old leaves the place where presses are looked for, and is kept."""
        while ids := await self.database.read(
            partial(done.movable, before=now - HOT, limit=self._size("deliveries"))
        ):
            if not await self._slice("deliveries", partial(_move, ids)):
                break
            await self.clock.sleep(BREATH_S)
        while copied := await self.database.read(
            partial(archiving.copy, now=now, limit=self._size("passages"))
        ):
            if not await self._slice("passages", partial(_forget_copied, copied)):
                break
            await self.clock.sleep(BREATH_S)

    async def _drop_passages(self, now: datetime) -> None:
        """Pupils are minors: their passages are kept no longer than was asked for."""
        kept = _days(self.kept.passages_days)
        for name, work in (
            ("partition", partial(partitions.drop_next, signer=self.signer, kept=kept, now=now)),
            ("archive", partial(archiving.drop, signer=self.signer, kept=kept, now=now)),
        ):
            while (gone := (await self._timed(name, work))[0]) is not None:
                log.info("passages dropped", what=name, name=gone)
        await self.database.read(partial(archiving.sweep, kept=kept, now=now))

    def _works(self, now: datetime) -> Iterator[tuple[str, Work]]:
        kept = self.kept
        for lane, since in ((Lane.EVENT, kept.passages_days), (Lane.ALARM, kept.alarms_days)):
            cut = Cut(signer=self.signer, lane=lane, before=now - _days(since), now=now)
            yield f"journal {lane}", partial(_cut, cut)
        ended_after = now - reopening.WITHIN
        cut_audit = partial(audit_checkpoints.cut, signer=self.signer, now=now)
        for name, forget, since in (
            ("delivered", partial(done.forget, ended_after=ended_after), kept.deliveries_days),
            ("dead letters", done.forget_dead, kept.deliveries_days),
            ("alarms", forgetting.alarms, kept.alarms_days),
            ("responses", forgetting.responses, kept.alarms_days),
            ("windows", forgetting.windows, kept.alarms_days),
            ("shifts", forgetting.shifts, kept.alarms_days),
            ("hand-overs", forgetting.handovers, kept.alarms_days),
            ("stills", partial(keeping.drop_old, ended_after=ended_after), kept.evidence_days),
            ("looks at stills", forgetting.accesses, kept.access_days),
            ("audit", cut_audit, kept.audit_days),
            ("quarantine", forgetting.quarantined, kept.quarantine_days),
            ("commands", forgetting.commands, kept.commands_days),
            ("changes", forgetting.changes, kept.changes_days),
            ("sign-ins", forgetting.sign_ins, 0),
            ("consoles", consoles.forget, 1),
            ("tallies", forgetting.tallies, 1),
        ):
            yield name, partial(_forget, forget, now - _days(since))

    async def _in_slices(self, name: str, work: Work) -> None:
        while await self._slice(name, work):
            await self.clock.sleep(BREATH_S)

    async def _slice(self, name: str, work: Work) -> int:
        """One slice, and how large the next may be."""
        size = self._size(name)
        count, work_s = await self._timed(name, partial(_in_turn, work, size))
        self._sizes[name] = next_size(size, count, work_s)
        return count

    def _size(self, name: str) -> int:
        return self._sizes.get(name, FIRST)

    async def _timed(self, name: str, work: Callable[[Connection], T]) -> tuple[T, float]:
        """Do that in one transaction; and how long it took without the commit, s."""

        def transact(connection: Connection) -> tuple[T, float, float]:
            begun = self.clock.monotonic()
            found = work(connection)
            return found, begun, self.clock.monotonic() - begun

        found, begun, work_s = await self.database.write(transact, Urgency.BULK)
        seconds = self.clock.monotonic() - begun
        metrics.slice_seconds.labels(name).observe(seconds)
        if seconds > LONGEST_S:
            log.info("a slice held the store long", work=name, seconds=round(seconds, 3))
        return found, work_s

    async def _doubt(self, now: datetime) -> None:
        """Whether the wall clock may be wrong: what it says is too old would be gone for good."""
        before, self._clocks = self._clocks, (now, self.clock.monotonic())
        if before is None:
            newest = await self.database.read(retention.newest)
            is_strange = newest is not None and abs(now - newest) > LONG_SILENCE
        else:
            passed = timedelta(seconds=self._clocks[1] - before[1])
            is_strange = abs((now - before[0]) - passed) > JUMPED
        if is_strange:
            self._doubted_until = self.clock.monotonic() + DOUBTED_S
            log.warning("the clock may be wrong: nothing is deleted by it for a day", now=now)


def next_size(size: int, count: int, work_s: float) -> int:
    """How many rows the next slice takes, after one of that size did so many in that time."""
    if work_s > WANTED_S:
        return max(FEWEST, int(size * max(0.25, WANTED_S / work_s)))
    return min(MOST, size + size // 4) if count >= size else size


def _days(count: int) -> timedelta:
    return timedelta(days=count)


def _in_turn(work: Work, size: int, connection: Connection) -> int:
    return work(connection, size) if turns.is_ours(connection) else 0


def _move(ids: Sequence[int], connection: Connection, _: int) -> int:
    return done.move(connection, ids)


def _forget_copied(copied: Copied, connection: Connection, _: int) -> int:
    return archiving.forget(connection, copied)


def _cut(cut: Cut, connection: Connection, limit: int) -> int:
    """Nothing that an alarm which is kept, or an unsettled notice, may still be asked about."""
    if cut.lane is Lane.EVENT:
        is_elsewhere = archives.folder_of(connection) is not None
        return 0 if is_elsewhere else retention.drop_slice(connection, cut, limit)
    since = retention.unfinished_since(connection, cut.before)
    before = cut.before if since is None else min(cut.before, since)
    return retention.drop_slice(connection, cut.until(before), limit)


def _forget(
    forget: Callable[[Connection, datetime, int], int],
    before: datetime,
    connection: Connection,
    limit: int,
) -> int:
    return forget(connection, before, limit)
