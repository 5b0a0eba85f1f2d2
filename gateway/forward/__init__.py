"""Forward: what is owed is claimed, sent, settled; nothing stands between commit and POST."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from gateway import metrics
from gateway.clock import Clock
from gateway.domain.kind import Priority
from gateway.forward.doubt import Doubt
from gateway.forward.line import Line
from gateway.store import changes, commands, deliveries, holding, outbox
from gateway.store.changes import What
from gateway.store.commands import Command
from gateway.store.database import Database, StoreDown, Urgency
from gateway.store.holding import HELD, Place
from gateway.store.outbox import Delivery, Settled, Settlement
from gateway.store.wakeups import Wakeups

T = TypeVar("T")
OfAlarm = tuple[str, str | None]
"""A receiver, and the alarm that it is told of."""
POLL_S = 2.0
"""A slow look behind every wakeup; also how often claims are renewed, well within their expiry."""
LOOK_AT_MOST_EVERY_S = 0.2
LET_GO_AT_MOST_EVERY_S = 0.1
CLAIM_AT_ONCE = 500
STANDS_STILL_S = 3.0
"""A line whose loop has not turned for so long holds nothing on."""
RETRY_S = 0.25
GAUGES_S = 5.0

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Forward:
    """All lines, the claiming of what waits, and the settling of what was answered."""

    database: Database
    clock: Clock
    gateway: str
    lines: Mapping[str, Line]
    wakeups: Wakeups
    confirm: Callable[[Connection, Sequence[Delivery]], list[Command]]
    """The commands that show it on the devices, where the receiver's word counts."""
    ordered: Callable[[Sequence[Command]], None]
    """Told after the commit which commands are to be sent to devices."""
    committed: Callable[[], None]
    _settlements: list[tuple[Delivery, Settlement]] = field(default_factory=list)
    _being_settled: Sequence[tuple[Delivery, Settlement]] = ()
    _to_settle: asyncio.Event = field(default_factory=asyncio.Event)
    _doubt: Doubt = field(default_factory=Doubt)
    _is_full: asyncio.Event = field(default_factory=asyncio.Event)
    """There may be something to let go of for which its line had no room."""

    def doubt(self) -> None:
        """A write may have happened or not: there may be deliveries of ours that nobody has."""
        self._doubt.begin()

    def take(self, owed: Sequence[Delivery]) -> None:
        """Deliveries born claimed by us, fresh from their commit."""
        for delivery in self._doubt.past(owed):
            line = self.lines.get(delivery.receiver)
            if line is not None and not line.take(delivery):
                self._doubt.turn_away(delivery.id)
                self._is_full.set()

    def settled(self, delivery: Delivery, settlement: Settlement) -> None:
        """A line's word on how a delivery ended."""
        self._settlements.append((delivery, settlement))
        self._to_settle.set()

    async def run(self) -> None:
        """Claim, send, settle until cancelled."""
        async with asyncio.TaskGroup() as group:
            for line in self.lines.values():
                group.create_task(line.run(), name=f"line {line.name}")
            group.create_task(self._claim_for_ever(), name="claim")
            group.create_task(self._adopt_for_ever(), name="adopt")
            group.create_task(self._hold_for_ever(), name="hold")
            group.create_task(self._let_go_for_ever(), name="let go")
            group.create_task(self._settle_for_ever(), name="settle")
            group.create_task(self._gauge_for_ever(), name="outbox gauges")

    def states(self) -> dict[str, str]:
        """Each receiver's state."""
        return {name: line.state for name, line in self.lines.items()}

    async def _claim_for_ever(self) -> None:
        seen = -1
        while True:
            taken = await self._patiently(self._claim)
            if taken < CLAIM_AT_ONCE:
                seen = await self.wakeups.wait(seen, POLL_S)
                # What we write ourselves is in hand already: only others' need a look.
                await self.clock.sleep(LOOK_AT_MOST_EVERY_S)

    async def _claim(self) -> int:
        if self._doubt.stands:
            return 0
        # A receiver whose line is full of what it does not take must not hold up the others.
        rooms = {name: line.room - len(line.queue) for name, line in self.lines.items()}
        names = [name for name, room in rooms.items() if room > 0]
        room = min((rooms[name] for name in names), default=0)
        now = self.clock.now()
        if room <= 0 or not await self.database.read(holding.anything_free(names, now)):
            return 0
        limit, asked_at = min(room, CLAIM_AT_ONCE), self.clock.monotonic()
        try:
            found = await self.database.write(
                lambda c: holding.claim(c, self.gateway, names, now, limit), Urgency.STEP
            )
        except StoreDown:
            self._doubt.begin()  # they may be ours all the same
            raise
        if self._doubt.goes_on():
            return 0  # they are ours: adopted, in their order
        await self._let_go(self._take_claimed(found, set(), asked_at))
        return len(found)

    def _take_claimed(
        self, found: Sequence[Delivery], behind: set[OfAlarm], asked_at: float
    ) -> list[int]:
        """Take them in hand; the ids of those for which there is no room.

        What comes later of the same alarm has room only behind these: `behind` gathers them.
        `asked_at` is when they were asked for, monotonic.
        """
        no_room: list[int] = []
        for delivery in found:
            line, of_it = self.lines.get(delivery.receiver), (delivery.receiver, delivery.alarm)
            if line is None or delivery.id in line.queue.by_id:
                continue
            if of_it in behind or not line.take(
                delivery, attempts=delivery.attempts, claimed_at=asked_at
            ):
                no_room.append(delivery.id)
                behind.add(of_it)
        return no_room

    async def _let_go_for_ever(self) -> None:
        while True:
            await self._is_full.wait()
            await self.clock.sleep(LET_GO_AT_MOST_EVERY_S)
            self._is_full.clear()
            await self._patiently(self._let_go_of_what_had_no_room)

    async def _let_go_of_what_had_no_room(self) -> None:
        await self._let_go(
            sorted(one for line in self.lines.values() for one in line.order.to_let_go())
        )

    async def _let_go(self, ids: Sequence[int]) -> None:
        """Give them back at once: held and in nobody's hand, what comes after could overtake."""
        if not ids:
            return
        try:
            await self.database.write(lambda c: holding.let_go(c, self.gateway, ids), Urgency.STEP)
        except StoreDown:
            self._doubt.begin()
            self._is_full.set()
            raise
        for line in self.lines.values():
            line.order.let_go(ids, self.clock.monotonic())

    async def _adopt_for_ever(self) -> None:
        while True:
            doubts = await self._doubt.began()
            await self._patiently(self._adopt)
            self.take(self._doubt.end(doubts))

    async def _adopt(self) -> None:
        """Nothing of an alarm may overtake what a lost answer was about."""
        place: Place | None = holding.FIRST
        behind: set[OfAlarm] = set()
        while place is not None:
            asked_at = self.clock.monotonic()
            found, place = await self._adopt_slice(place)
            adopted = self._doubt.adopted(found)
            await self._let_go(self._take_claimed(adopted, behind, asked_at))
        unseen = self._doubt.waiting()  # they or what comes before them may be another's by now
        if unseen:
            ours = await self.database.write(
                lambda c: holding.ours_in_order(c, self.gateway, unseen), Urgency.STEP
            )
            self._doubt.drop([one for one in unseen if one not in ours])

    async def _adopt_slice(self, place: Place) -> tuple[list[Delivery], Place | None]:
        """Some of what is ours, behind that place; and where the next begin."""
        in_hand = {one.id for one, _ in (*self._settlements, *self._being_settled)}
        in_hand.update(*(line.queue.by_id for line in self.lines.values()))
        now = self.clock.now()
        return await self.database.write(
            lambda c: holding.adopt(c, self.gateway, in_hand, now, place, CLAIM_AT_ONCE),
            Urgency.STEP,
        )

    async def _hold_for_ever(self) -> None:
        while True:
            await self.clock.sleep(POLL_S)
            await self._patiently(self._hold)

    async def _hold(self) -> None:
        """Renew what is in hand; what another took over meanwhile is dropped here."""
        started, now = self.clock.monotonic(), self.clock.now()
        turning = [
            (line, list(line.queue.by_id))
            for line in self.lines.values()
            if started - line.turned_at <= STANDS_STILL_S
        ]
        ids = sorted(number for _, numbers in turning for number in numbers)
        kept = set[int]()
        if ids:
            kept = await self.database.write(
                lambda c: holding.hold(c, self.gateway, ids, now), Urgency.STEP
            )
        behind: list[int] = []
        for line, numbers in turning:
            # What was settled meanwhile is in hand no more.
            lost = [one for one in numbers if one not in kept and one in line.queue.by_id]
            metrics.claims_lost.inc(len(lost))
            behind += line.lose(lost)
            line.held(started + HELD.total_seconds())
        await self._let_go(behind)

    async def _settle_for_ever(self) -> None:
        while True:
            await self._to_settle.wait()
            self._to_settle.clear()
            batch, self._settlements = self._settlements, []
            self._being_settled = batch
            orders = await self._patiently(partial(self._settle, batch))
            self._being_settled = ()
            if orders:
                self.ordered(orders)
            self.committed()

    async def _settle(self, batch: Sequence[tuple[Delivery, Settlement]]) -> list[Command]:
        """Write down how they ended; what is to be told to devices."""
        now = self.clock.now()

        def transact(connection: Connection) -> list[Command]:
            # Only what is still ours: another may have taken it, while we stood still.
            asked = sorted(settlement.id for _, settlement in batch)
            ours = holding.ours(connection, self.gateway, asked)
            mine = [pair for pair in batch if pair[1].id in ours]
            outbox.settle(connection, [settlement for _, settlement in mine], now)
            arrived = [
                delivery
                for delivery, settlement in mine
                if settlement.state is Settled.DONE and delivery.is_raised
            ]
            orders = self.confirm(connection, arrived)
            if orders:
                commands.order(connection, orders)
            moved = [(What.DELIVERY, str(delivery.id)) for delivery, _ in mine]
            changes.note(connection, moved, now)
            return orders

        return await self.database.write(transact, Urgency.STEP)

    async def _gauge_for_ever(self) -> None:
        while True:
            waiting = await self._patiently(lambda: self.database.read(deliveries.waiting))
            now = self.clock.now()
            metrics.outbox_rows.labels("waiting").set(sum(n for n, _ in waiting.values()))
            for priority in Priority:
                _, since = waiting.get(int(priority), (0, now))
                age = max(0.0, (now - since).total_seconds())
                metrics.outbox_oldest.labels(priority.name).set(age)
            await self.clock.sleep(GAUGES_S)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        is_told = False
        while True:
            try:
                return await work()
            except StoreDown as error:
                metrics.store_failures.labels("down").inc()
                if not is_told:
                    is_told = True
                    log.warning("forward waits for the store", why=str(error))
                await self.clock.sleep(RETRY_S)
