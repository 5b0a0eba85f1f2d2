"""Evidence: stills of the cameras near an alarm, fetched beside the alarm's way, never on it.

It lives on committed rows alone: an alarm that moved is looked at, what it asks of cameras is
written down, fetched, kept, and told. Whatever goes wrong is a line in the alarm's time line.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from gateway import metrics
from gateway.desk import Desk
from gateway.domain import stills
from gateway.domain.site import DeviceId
from gateway.domain.stills import Fate, Sights, Still, Why
from gateway.evidence import room, settling
from gateway.evidence.asking import Asker
from gateway.evidence.picture import Fetch, Picture
from gateway.evidence.queue import Job, Queue, Wanted
from gateway.evidence.ring import EVERY_S, Ring
from gateway.evidence.rolling import Roller
from gateway.evidence.room import Room
from gateway.evidence.seeing import Seer
from gateway.evidence.shelf import Shelf
from gateway.settings import Evidence as Settings
from gateway.store import evidence
from gateway.store.database import StoreError, Urgency
from gateway.store.evidence import Key, Owed
from gateway.store.wakeups import Wakeups

LOOK_AT_MOST_EVERY_S = 0.2
TURN_S = 1.0
ADOPT_EVERY_S = 3.0
"""Well within a claim's expiry."""
SOON = timedelta(seconds=10)
AGAIN_S = 2.0
OTHERS_AFTER = timedelta(seconds=3)
"""A camera whose link another gateway holds is left to it so long."""
MIB = 1024 * 1024

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Evidence:
    """The one who asks cameras when an alarm is raised."""

    desk: Desk
    wakeups: Wakeups
    shelf: Shelf
    settings: Settings
    fetch: Fetch
    holds: Callable[[DeviceId], bool] = lambda _: True
    """Whether this gateway holds that camera's link; where several do, it is asked by its own."""
    is_ours: Callable[[], bool] = lambda: True
    """Whether it is this gateway that throws away, of several."""
    queue: Queue = field(default_factory=Queue)
    ring: Ring = field(init=False)
    _asker: Asker = field(init=False)
    _seer: Seer = field(init=False)
    _room: Room = field(init=False)
    _roller: Roller = field(init=False)
    _sights: Sights = field(default_factory=Sights)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: int = 0

    def __post_init__(self) -> None:
        self.ring = Ring(self.settings.rolling_mib * MIB)
        self._room = Room(
            database=self.desk.database,
            shelf=self.shelf,
            most_bytes=self.settings.limit_mib * MIB,
            clock=self.desk.clock,
        )
        self._seer = Seer(desk=self.desk, room=self._room, fetch=self.fetch)
        self._asker = Asker(
            desk=self.desk,
            wakeups=self.wakeups,
            settings=self.settings,
            sights=self.sights,
            before=self.ring.before,
            holds=self.holds,
            take=self.take,
        )
        self._roller = Roller(
            clock=self.desk.clock,
            fetch=self.fetch,
            ring=self.ring,
            is_busy=self.queue.is_busy,
            cameras=self._rolling,
        )

    async def run(self) -> None:
        """Ask, fetch, keep, tell until cancelled; nothing that goes wrong here ends the gateway.

        Where nobody is to be asked, what was kept before goes all the same when it is old.
        """
        async with asyncio.TaskGroup() as group:
            self._begin(group, "room", self._tidy, room.EVERY_S)
            if self.settings.enabled:
                self._begin(group, "ask", self._asker.look, LOOK_AT_MOST_EVERY_S)
                self._begin(group, "adopt", self._adopt, ADOPT_EVERY_S)
                self._begin(group, "roll", self._roller.round, EVERY_S)
                group.create_task(self._dispatch(group), name="stills dispatch")

    def sights(self) -> Sights:
        """Which camera sees what, as the registry says now."""
        registry = self.desk.registry()
        if registry.version != self._sights.version:
            self._sights = Sights.of(registry)
        return self._sights

    def take(self, owed: Owed, before: Picture | None = None) -> Still | None:
        """Take it in hand; how it ended, where it cannot be. `before`: taken before the alarm."""
        still, clock = owed.still, self.desk.clock
        ahead = still.due_at - clock.now()
        if -ahead > stills.FRESH or (still.offset_s < 0 and before is None):
            return replace(still, fate=Fate.MISSED, why=Why.LATE)
        wanted = Wanted(
            still=still,
            site=owed.site,
            priority=owed.priority,
            due=clock.monotonic() + ahead.total_seconds(),
            picture=before,
        )
        if not self.queue.put(wanted):
            return replace(still, fate=Fate.SKIPPED, why=Why.TOO_MANY)
        self._changed.set()
        return None

    def _begin(
        self,
        group: asyncio.TaskGroup,
        name: str,
        turn: Callable[[], Awaitable[None]],
        every_s: float,
    ) -> None:
        group.create_task(self._for_ever(name, turn, every_s), name=f"stills {name}")

    async def _for_ever(
        self, name: str, turn: Callable[[], Awaitable[None]], every_s: float
    ) -> None:
        is_told = False
        while True:
            try:
                await turn()
                is_told = False
            except StoreError as error:
                log.debug("stills wait for the store", what=name, why=str(error))
            except Exception:
                # What ails pictures must not end what carries presses; said once, counted always.
                metrics.evidence_slips.inc()
                if not is_told:
                    log.exception("stills slipped", what=name)
                is_told = True
            await self.desk.clock.sleep(every_s)

    async def _adopt(self) -> None:
        """What is ours and in nobody's hand, or nobody's: fetched while it is fresh."""
        now, gateway = self.desk.clock.now(), self.desk.teller.gateway
        in_hand = frozenset(self.queue.keys)  # what ends meanwhile is not taken again
        found = await self.desk.database.read(
            lambda c: evidence.owed(c, gateway, now, now + SOON, self.queue.room)
        )
        metrics.evidence_waiting.set(len(found))
        wanted = {one.still.key: one for one in found if self._may_take(one)}
        if not wanted:
            return
        ours = {key for key, one in wanted.items() if one.gateway == gateway}
        free = {wanted[key].still.camera for key in wanted.keys() - ours}

        def write(connection: Connection) -> set[Key]:
            evidence.hold(connection, gateway, now)
            return evidence.claim(connection, gateway, free, now, self.queue.room)

        ours |= await self.desk.database.write(write, Urgency.EVENT) & wanted.keys()
        taken = [self.take(wanted[key]) for key in sorted(ours - in_hand - self.queue.keys)]
        await settling.end(self.desk, [one for one in taken if one is not None])

    def _may_take(self, owed: Owed) -> bool:
        """Ours, or nobody's: by the camera's own gateway at once, by others a little later."""
        if owed.gateway == self.desk.teller.gateway or self.holds(owed.still.camera):
            return True
        return self.desk.clock.now() - owed.still.due_at > OTHERS_AFTER

    async def _dispatch(self, group: asyncio.TaskGroup) -> None:
        """Ask cameras, at most so many at once, each as soon as it is due."""
        clock = self.desk.clock
        while True:
            self._changed.clear()
            now = clock.monotonic()
            while self._under_way < self.settings.at_once and (job := self.queue.next(now)):
                self._under_way += 1
                group.create_task(self._see_to(job), name=f"still of {job.camera}")
            # With every hand full nobody cares what is due: whoever is done says so.
            is_full = self._under_way >= self.settings.at_once
            due = None if is_full else self.queue.next_due()
            wait_s = TURN_S if due is None else min(TURN_S, max(0.0, due - now))
            waiter = asyncio.ensure_future(self._changed.wait())
            sleeper = asyncio.ensure_future(clock.sleep(wait_s))
            try:
                await asyncio.wait({waiter, sleeper}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiter.cancel()
                sleeper.cancel()

    async def _see_to(self, job: Job) -> None:
        is_done = True
        try:
            is_done = await self._seer.see_to(job)
        except StoreError as error:
            # They wait in the store, and are adopted again as long as they are fresh.
            log.info("stills wait for the store", camera=job.camera, why=str(error))
        except Exception:
            metrics.evidence_slips.inc()
            log.exception("stills slipped", camera=job.camera)
        finally:
            self._under_way -= 1
            self.queue.done(job)
            if not is_done:
                self._ask_again(job)
            self._changed.set()

    def _ask_again(self, job: Job) -> None:
        """Its link is being made: in a moment, as long as it is fresh."""
        due = self.desk.clock.monotonic() + AGAIN_S
        for one in job.wanted:
            if one.picture is None:
                self.queue.put(replace(one, due=due))

    async def _tidy(self) -> None:
        await self._room.look()
        if self.is_ours():
            await self._room.tidy()

    def _rolling(self) -> list[DeviceId]:
        if not self.settings.rolling:
            return []
        return [one for one in self.sights().of_buttons(self.desk.registry()) if self.holds(one)]
