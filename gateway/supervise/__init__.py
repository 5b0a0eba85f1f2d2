"""Supervise: whoever should speak is expected to; silence then means calm.

What it finds goes the way of every other event, in supervision's voice, through intake.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, MutableSet, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from adapters.signal import CheckIn, Signal, Spoken
from gateway import metrics
from gateway.domain.condition import Facts
from gateway.domain.presence import Before
from gateway.domain.silence import Watch
from gateway.domain.ward import DEVICES, Cameras
from gateway.store import device_states, troubles
from gateway.store.commands import Command
from gateway.store.database import StoreDown
from gateway.store.device_states import DeviceState
from gateway.supervise.brokers import Brokers, Line
from gateway.supervise.habits import Habits
from gateway.supervise.keeping import Keeping
from gateway.supervise.missing import Missing
from gateway.supervise.own_clock import OwnClock
from gateway.supervise.post import Post
from gateway.supervise.silence import Attention, Silence

LOOK_S = 1.0
WRITE_S = 2.0
FOLLOW_S = 5.0
COMPARE_S = 60.0
RETRY_S = 1.0
START_SLICE = 1000
_HABITS = ("device.clock_off", "device.duplicated", "device.ids_reused")
_STANDING = (*_HABITS, "broker.lost", "device.stuck", "gateway.clock_off")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What intake remembers and supervision reads; changed by both."""

    unwritten: Callable[[], list[DeviceState]]
    facts: MutableMapping[str, Facts]
    reused: MutableSet[str]
    stuck: MutableMapping[str, datetime]


class Supervisor:
    """All parts of supervision, and when each of them looks."""

    def __init__(
        self,
        post: Post,
        remembered: Remembered,
        *,
        lines: Callable[[], Mapping[str, Line]],
        is_storing: Callable[[], bool],
        ordered: Callable[[Sequence[Command]], None],
        cameras: Cameras | None = None,
    ) -> None:
        self._post, self._stuck = post, remembered.stuck
        self.brokers = Brokers(post=post, lines=lines)
        self.attention = Attention(post, is_storing)
        self.silence = Silence(post, Watch(post.presence))
        linked = cameras or Cameras()
        self.cameras = Silence(
            post, Watch(post.presence, linked.ward()), members=lambda: linked.version
        )
        self.missing = Missing(post=post, ordered=ordered)
        self.habits = Habits(post=post, reused=remembered.reused)
        self.own_clock = OwnClock(post=post, clocks=self.habits.clocks, cameras=linked)
        self.keeping = Keeping(post=post, unwritten=remembered.unwritten, facts=remembered.facts)
        self._slipping: set[str] = set()
        self._was_on_duty = True
        self._version = -1
        for result in ("found", "filled", "missing"):
            metrics.gaps.labels(result)
        # Before the first look nobody can be heard, so that nobody's time begins.
        self.brokers.look(post.clock.monotonic())

    def note(self, said: Signal, s: float) -> None:
        """What a registered device said of itself, or on the alarm lane, once it is stored."""
        if isinstance(said, Spoken):
            self.missing.note(said, s)
        if isinstance(said, CheckIn | Spoken):
            self.habits.note(said, s)

    async def run(self) -> None:
        """Remember what stood, then look until cancelled."""
        while not await self._safely(self._take_up):
            await self._post.clock.sleep(RETRY_S)
        async with asyncio.TaskGroup() as group:
            for work, every_s in (
                (self._look, LOOK_S),
                (self.missing.look, LOOK_S),
                (self.keeping.write, WRITE_S),
                (self.keeping.follow, FOLLOW_S),
                (self._compare, COMPARE_S),
            ):
                group.create_task(self._again_and_again(work, every_s), name=work.__qualname__)

    async def _again_and_again(self, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            await self._post.clock.sleep(every_s)
            await self._safely(work)

    async def _safely(self, work: Callable[[], Awaitable[None]]) -> bool:
        """A slip in supervision ends no gateway, and is no excuse for not looking again."""
        name = work.__qualname__
        try:
            await work()
        except StoreDown as error:
            log.debug("supervision waits for the store", why=str(error))
            return False
        except Exception:
            metrics.supervision_slips.inc()
            if name not in self._slipping:  # once, and not each second
                self._slipping.add(name)
                log.exception("supervision slipped", at=name)
            return False
        self._slipping.discard(name)
        return True

    async def _look(self) -> None:
        now_s = self._post.clock.monotonic()
        self.brokers.look(now_s)
        self.attention.look(now_s)
        await self.silence.look(now_s)
        await self.cameras.look(now_s)
        self.habits.look(now_s)
        self._forget_strangers()
        metrics.supervision_seconds.observe(self._post.clock.monotonic() - now_s)
        await self.own_clock.look(now_s)
        is_on_duty = self._post.on_duty()
        if is_on_duty and not self._was_on_duty:
            for silence in (self.silence, self.cameras):
                silence.forget_what_was_said()
            await self._compare()
        self._was_on_duty = is_on_duty

    async def _compare(self) -> None:
        for silence in (self.silence, self.cameras):
            await silence.compare()

    def _forget_strangers(self) -> None:
        registry = self._post.registry()
        if registry.version != self._version:
            self._version = registry.version
            self.habits.forget(set(registry.devices))
            self.missing.numbers.forget(registry.devices)

    async def _take_up(self) -> None:
        """What stood before this life: who was heard when, who was silent, what is missing."""
        silent = await self._read_states()
        wards = (DEVICES, self.cameras.watch.ward)
        kinds = [kind for ward in wards for kind in (*ward.wholes, *ward.singles)]
        opened = await self._post.database.read(
            lambda c: troubles.standing(c, (*_STANDING, *kinds))
        )
        for silence in (self.silence, self.cameras):
            silence.take_up(silent, opened)
        for kind, about, _, _ in opened:
            match kind:
                case "broker.lost":
                    self.brokers.take_up(about.removeprefix("broker-"))
                case "gateway.clock_off":
                    is_ours = about == f"gateway-{self._post.gateway}"
                    self.own_clock.is_told = self.own_clock.is_told or is_ours
                case "device.stuck":
                    self._stuck.setdefault(about, self._post.clock.now())
                case _:
                    self.habits.take_up(kind, about)
        await self.missing.take_up()

    async def _read_states(self) -> list[str]:
        silent, after = [], ""
        while True:
            work = partial(device_states.before, after=after, limit=START_SLICE)
            page = await self._post.database.read(work)
            for device, heard_at, link, is_silent in page:
                self._post.presence.remember(device, Before(heard_at, link))
                if is_silent:
                    silent.append(device)
            if len(page) < START_SLICE:
                return silent
            after = page[-1][0]
            await asyncio.sleep(0)
