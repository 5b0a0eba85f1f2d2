"""Intake: takes batches from the bus, stores each in one transaction, and only then answers."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from msgspec.structs import replace

from adapters.signal import CheckIn, Lane, Receipt, Signal, Spoken
from gateway import metrics
from gateway.bus import Bus, Heard
from gateway.clock import Clock
from gateway.domain import belief
from gateway.domain.belief import Believing
from gateway.domain.counts import Heard as Counted
from gateway.domain.counts import Written
from gateway.domain.event import Event
from gateway.domain.outcry import Circumstances
from gateway.domain.presence import Presence
from gateway.domain.site import Registry
from gateway.intake import account, refusing, signs
from gateway.intake.account import Account
from gateway.intake.batch import Batch
from gateway.intake.memory import Means, Memory
from gateway.intake.stored import Stored
from gateway.store.database import (
    Conflict,
    CountingDatabase,
    Crossed,
    StoreBroken,
    StoreDown,
    Urgency,
)
from gateway.store.journal import Head
from gateway.store.outbox import Delivery

LIMIT = {Lane.ALARM: 256, Lane.EVENT: 256}
URGENCY = {Lane.ALARM: Urgency.ALARM, Lane.EVENT: Urgency.EVENT}
RETRY_FIRST_S = 0.05
RETRY_LONGEST_S = 1.0
LATE_S = 1.0
"""So long may storing take, or a signal wait for it, before the store is called late …"""
DOWN_S = 10.0
"""… and so long before it is called down, though it has not said so itself."""
IN_DOUBT_S = {"postgresql": 0.5}
"""So long after a failure what it decided may be stored, where a server decides that: until the
next try has looked."""
CONFLICTS = 5
"""Another gateway heard the same: it is there at the next look. More often, it is the data."""

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Intake:
    """The one who commits what was heard."""

    bus: Bus
    database: CountingDatabase
    clock: Clock
    means: Means
    presence: Presence
    owed: Callable[[Sequence[Delivery]], None]
    """Told after the commit which deliveries are ours to send."""
    committed: Callable[[], None]
    """Told after each commit that somebody outside may look."""
    noted: Callable[[Signal, float], None] = lambda _, __: None
    """Told after the commit what registered devices said of themselves, or on the alarm lane."""
    memory: Memory = field(default_factory=Memory)
    is_storing: bool = True
    """False while the store does not take what is heard."""
    under_way: Sequence[Heard] = ()
    """What was taken off the alarm lane, and is not answered yet."""
    head: Head = field(default_factory=Head)
    """The end of the alarm lane's journal as it was last known."""
    _took_s: float = 0.0
    """How long the last batch of the alarm lane took to store."""
    accounts: dict[Lane, Account] = field(
        default_factory=lambda: {lane: Account() for lane in Lane}
    )
    """What was done so far, by lane."""

    def counts(self, lane: Lane) -> tuple[Counted, Written]:
        """What that lane heard so far, what became of it, and what was written."""
        done, bus = self.accounts[lane], self.bus
        under_way = _signals(bus.on(lane)) + done.in_hand
        return done.heard(bus.heard[lane], bus.gone[lane], under_way), done.of_chain()

    async def run(self) -> None:
        """Commit batches of both lanes until cancelled."""
        async with asyncio.TaskGroup() as group:
            for lane in Lane:
                group.create_task(self._run(lane), name=f"intake {lane}")

    async def _run(self, lane: Lane) -> None:
        while True:
            batch = await self.bus.take(lane, LIMIT[lane])
            self._begin(batch, lane)
            await self._store_for_certain(batch, lane, self._chatter(batch, lane))
            self._begin((), lane)

    def unanswered_since(self) -> float | None:
        """When the oldest that waits on the alarm lane was heard; None: nothing waits."""
        oldest = self.under_way[0] if self.under_way else self.bus.oldest(Lane.ALARM)
        return None if oldest is None else oldest.at

    def unanswered(self) -> list[Heard]:
        """All that waits on the alarm lane, in the order it was heard."""
        return [*self.under_way, *self.bus.on(Lane.ALARM)]

    def circumstances(self) -> Circumstances:
        """What is known without asking the store."""
        memory, means = self.memory, self.means
        believing = Believing(
            registry=memory.registry, hash_card=means.hash_card, gateway=means.teller.gateway
        )
        return Circumstances(
            believing=believing,
            windows=memory.windows,
            rules=means.rules,
            unread_at=memory.unread_at,
        )

    def state(self) -> str:
        """`ok`, `late` or `down`: how the store takes what is heard."""
        since = self.unanswered_since()
        waited_s = 0.0 if since is None else self.clock.monotonic() - since
        if not self.is_storing or waited_s > DOWN_S:
            return "down"
        return "late" if max(waited_s, self._took_s) > LATE_S else "ok"

    def _begin(self, batch: Sequence[Heard], lane: Lane) -> None:
        self.accounts[lane].in_hand = _signals(batch)
        if lane is Lane.ALARM:
            self.under_way = batch

    async def _store_for_certain(
        self, batch: Sequence[Heard], lane: Lane, chatter: set[int], behind: Sequence[Heard] = ()
    ) -> None:
        """Store it, however long that takes; what cannot be stored falls apart, before `behind`."""
        wait_s, conflicts = RETRY_FIRST_S, 0
        first_head: Head | None = None
        while True:
            now, drifting = self.clock.now(), self._drifting
            work = Batch(batch, lane, self.memory, self.means, drifting, now, chatter, first_head)
            try:
                stored = await self._store(work, lane, len(batch))
            except Conflict as error:
                self.memory.heads.pop(lane, None)
                conflicts += not isinstance(error, Crossed)  # then the data is innocent
                if conflicts > CONFLICTS:
                    await self._store_apart(batch, lane, chatter, behind, error)
                    return
            except StoreDown as error:
                first_head = work.first_head
                self._note_down(error, lane)
                await self.clock.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_LONGEST_S)
            except StoreBroken:
                raise
            except Exception as error:  # noqa: BLE001 - bad input never ends the process
                self.memory.heads.pop(lane, None)
                await self._store_apart(batch, lane, chatter, behind, error)
                return
            else:
                self._after(stored, lane)
                return

    async def _store(self, work: Batch, lane: Lane, signals: int) -> Stored:
        started = self.clock.monotonic()
        kept = await self.database.keep(work.store, URGENCY[lane])
        stored = kept.found
        stored.copies = kept.copies
        took_s = self.clock.monotonic() - started
        if lane is Lane.ALARM:
            self._took_s = took_s
        metrics.commit_seconds.labels(lane).observe(took_s)
        metrics.batch_signals.labels(lane).observe(signals)
        return stored

    async def _store_apart(
        self,
        batch: Sequence[Heard],
        lane: Lane,
        chatter: set[int],
        behind: Sequence[Heard],
        error: Exception,
    ) -> None:
        """One bad signal must not cost its neighbours, not even a commit for each: halve it."""
        if len(batch) > 1:
            log.warning("batch falls apart", lane=lane, signals=len(batch), why=str(error)[:200])
            middle = len(batch) // 2
            left, right = batch[:middle], batch[middle:]
            others = {index - middle for index in chatter if index >= middle}
            await self._store_for_certain(left, lane, chatter, [*right, *behind])
            self._begin([*right, *behind], lane)
            await self._store_for_certain(right, lane, others, behind)
            return
        heard = batch[0]
        log.error("signal cannot be stored", lane=lane, why=repr(error)[:300])
        metrics.store_failures.labels("bad_data").inc()
        if refusing.is_last_resort(heard):
            # Even its refusal cannot be stored: the gateway lives on, the device hears nothing.
            heard.answer(Receipt(device=heard.said.device))
            return
        await self._store_for_certain([refusing.refused(heard)], lane, set(), behind)

    def _chatter(self, batch: Sequence[Heard], lane: Lane) -> set[int]:
        return {
            index
            for index, heard in enumerate(batch)
            if isinstance(heard.said, Spoken)
            and not heard.said.retained
            and self._is_chatter(heard.said, lane)
        }

    def _is_chatter(self, said: Spoken, lane: Lane) -> bool:
        device = belief.shown(said.device)
        meter = self.memory.meter
        over = meter.is_flooding(device, lane, said.received_at, said.said.id, said.again)
        return over or said.more > 0

    def _after(self, stored: Stored, lane: Lane) -> None:
        """Everything that may only happen once the batch is on stable storage."""
        if not self.is_storing:
            self.is_storing = True
            log.info("store takes again")
        self._learn(stored, lane)
        try:
            self.owed(stored.owed)
        except Exception:
            # They are stored, and their claim expires: the next look finds them.
            log.exception("deliveries were not handed on")
        now = self.clock.monotonic()
        seconds = metrics.receipt_seconds.labels(lane)
        for heard, receipt in stored.sorted.answers:
            try:
                heard.answer(_with_copies(receipt, stored.copies))
            except Exception:
                # One that cannot be answered asks again; its neighbours must have their answers.
                log.exception("a receipt was not given", device=belief.shown(receipt.device))
            if receipt.stored_at is not None:
                seconds.observe(now - heard.at)
        self.memory.remember(stored.sorted.new_folds, stored.sorted.folded, stored.sorted.unread_at)
        self.memory.stuck.update(stored.sorted.stuck)
        self._heed(stored, lane, now)
        account.count(stored, lane)
        self.accounts[lane].add(stored)
        if stored.raised or stored.owed or stored.looked.devices or stored.sorted.replies:
            self.committed()

    def _learn(self, stored: Stored, lane: Lane) -> None:
        self.memory.learn(stored.registry, stored.windows, stored.windows_version)
        self.memory.heads[lane] = stored.head
        if lane is Lane.ALARM:
            self.head = stored.head
            self.memory.outcry.stored(stored.new, stored.raised)

    def _heed(self, stored: Stored, lane: Lane, now_s: float) -> None:
        """What supervision lives on; a slip in it must not cost a press."""
        written = stored.looked.facts
        self.memory.reused.update(stored.sorted.reused)
        self.memory.know(written, now_s)
        for heard, _ in stored.sorted.answers:
            said = heard.said
            if isinstance(said, Event):
                continue
            try:
                is_sign = signs.take(said, heard.at, self.presence, self.memory, written)
                if is_sign and (lane is Lane.ALARM or isinstance(said, CheckIn)):
                    self.noted(said, heard.at)
            except Exception:
                log.exception("a sign of life was not taken", device=belief.shown(said.device))

    def _drifting(self, registry: Registry, site: str) -> bool:
        return self.presence.drifting(lambda: registry, site, self.clock.monotonic())

    def _note_down(self, error: StoreDown, lane: Lane) -> None:
        metrics.store_failures.labels("down").inc()
        self.memory.heads.clear()
        if self.database.dialect in IN_DOUBT_S:
            self.memory.close_folds()
        for done in self.accounts.values():
            done.is_unsure = True
        if lane is Lane.ALARM:
            doubt_s = IN_DOUBT_S.get(self.database.dialect, 0.0)
            self.memory.outcry.doubt(self.clock.monotonic() + doubt_s)
        if self.is_storing:
            self.is_storing = False
            log.error("store takes nothing", why=str(error))


def _signals(heard: Iterable[Heard]) -> int:
    return sum(one.signals for one in heard)


def _with_copies(receipt: Receipt, copies: int) -> Receipt:
    return receipt if copies == 1 else replace(receipt, copies=copies)
