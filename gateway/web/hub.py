"""The hub: reads what moved once, renders it once, and hands the bytes to every stream."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress

from gateway.domain.alarm import Alarm
from gateway.domain.operator import Operator
from gateway.store import changes, views
from gateway.store.database import StoreError
from gateway.store.views import News, Pulse
from gateway.web import beat, frames, shown
from gateway.web.frames import Frame
from gateway.web.house import House
from gateway.web.listener import Listener

BEAT_S = 1.0
ALIVE_S = 2.0
ALIVE = b"event: alive\ndata: {}\n\n"
"""No heartbeat: it says nothing of the alarms, only that this line is not cut."""
UNHEARD_S = 0.05
BATCH = 500
BACKLOG = 5000
"""A page that missed more than this starts anew; reading its screen again is cheaper."""
LISTENERS = 2000
SHOUTED = 500
READ_WITHIN_S = 5.0
RETRY_S = 0.5


class Full(Exception):
    """More streams than this process can feed."""


class Hub:
    """Reads the changes once and feeds every stream."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._listeners: set[Listener] = set()
        self._left: set[str] = set()
        self._position = 0
        self._started = asyncio.Event()
        self._somebody = asyncio.Event()
        self._pulse: Pulse | None = None
        self._beside: dict[str, object] = {}
        """What its heartbeat says to everybody alike."""
        self._beat_due = 0.0
        self._is_behind = False
        self._unstored: OrderedDict[str, tuple[str | None, bytes]] = OrderedDict()
        """What was shouted and is not stored yet, each with its district: for who comes later."""

    @property
    def watching(self) -> frozenset[str]:
        """The names of those who sit before an open stream."""
        return frozenset(one.operator.name for one in self._listeners if one.is_seat)

    def take_left(self) -> frozenset[str]:
        """Whose last stream has ended since this was asked last."""
        left, self._left = frozenset(self._left), set()
        return left - self.watching

    async def is_started(self) -> bool:
        """Whether it knows the present position; waits a while for it."""
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                await self._started.wait()
                if not self._listeners:  # it has looked less often while nobody listened
                    _, self._position = await self._house.database.read(changes.bounds)
        except (StoreError, TimeoutError):
            return False
        return True

    async def run(self) -> None:
        """Feed the streams until cancelled; a store that is away is asked again, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._breathe())
            group.create_task(self._feed_for_ever())

    async def _breathe(self) -> None:
        """While the store is away no heartbeat goes out; but the line must stay open for a cry."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(ALIVE_S)
            if loop.time() - self._beat_due > ALIVE_S:
                for listener in tuple(self._listeners):
                    listener.hand(ALIVE)

    async def _feed_for_ever(self) -> None:
        seen = self._house.wakeups.count
        while True:
            try:
                seen = await self._turn(seen)
            except (StoreError, TimeoutError):
                # No heartbeat goes out meanwhile, and that is what tells the pages.
                await asyncio.sleep(RETRY_S)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        for listener in self._listeners:
            listener.end()

    def shout(self, alarm: Alarm) -> None:
        """Show an alarm that the store could not take, at once and marked; it gets no position."""
        view = shown.alarm(alarm, self._house.registry(), stored=False)
        data = b"event: alarm\ndata: " + shown.encoded(view) + b"\n\n"
        self._unstored[alarm.id] = (alarm.district, data)
        if len(self._unstored) > SHOUTED:
            self._unstored.popitem(last=False)
        for listener in self._listeners:
            if listener.operator.sees(alarm.district):
                listener.hand(data)

    @contextmanager
    def listen(
        self, operator: Operator, since: int | None, *, is_seat: bool = True
    ) -> Iterator[tuple[Listener, int]]:
        """An open stream, and the position from which it is fed live.

        Raises:
            Full: there are too many.
        """
        if len(self._listeners) >= LISTENERS:
            raise Full
        position = self._position
        begun = position if since is None else max(since, position)
        listener = Listener(operator, begun, is_seat=is_seat)
        self._listeners.add(listener)
        self._somebody.set()
        try:
            yield listener, position
        finally:
            self._listeners.discard(listener)
            if listener.is_seat:
                self._left.add(operator.name)

    async def missed(
        self, listener: Listener, since: int | None, position: int
    ) -> AsyncIterator[bytes]:
        """What a stream begins with: all after its last position, or `reset` where that is gone."""
        yield b"retry: 1000\n\n"
        if since is not None and since != position:
            first, last = await self._house.database.read(changes.bounds)
            if since < first - 1 or since > last or position - since > BACKLOG:
                listener.since = position
                yield frames.single("reset", position, {"position": position})
                since = position
            while since < position:
                news = await self._read(since)
                found = [one for one in self._frames_of(news) if one.position <= position]
                yield frames.joined(found, listener.operator)
                since = news.moved[-1].position if news.moved else position
        for alarm, (district, data) in list(self._unstored.items()):
            if not self._house.is_unstored(alarm):
                self._unstored.pop(alarm, None)
            elif listener.operator.sees(district):
                yield data
        if self._pulse is not None:
            yield self._beat(self._pulse, listener.operator, position)

    async def _turn(self, seen: int) -> int:
        loop = asyncio.get_running_loop()
        if not self._is_behind:
            wait_s = max(0.0, self._beat_due - loop.time())
            seen = await self._wait(seen, wait_s)
        async with asyncio.timeout(READ_WITHIN_S):
            if not self._started.is_set():
                _, self._position = await self._house.database.read(changes.bounds)
                self._started.set()
            await self._follow()
            if loop.time() >= self._beat_due:
                now = self._house.clock.now()
                self._pulse = await self._house.database.read(lambda c: views.pulse(c, now))
                self._beside = beat.of_pulse(self._house, self._pulse)
                self._beat_due = loop.time() + BEAT_S
                self._feed_beat(self._pulse, self._position)
        return seen

    async def _follow(self) -> None:
        """What moved, to everybody who listens; while nobody does, only where it stands."""
        if not self._listeners:
            _, self._position = await self._house.database.read(changes.bounds)
            return
        news = await self._read(self._position)
        if news.moved:
            self._position = news.moved[-1].position
            self._feed(self._frames_of(news))
        self._is_behind = len(news.moved) == BATCH

    async def _wait(self, seen: int, within_s: float) -> int:
        """For news; while nobody listens a little longer: a press need not pay for a page."""
        count = await self._house.wakeups.wait(seen, within_s)
        if not self._listeners and count != seen:
            self._somebody.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(UNHEARD_S):
                    await self._somebody.wait()
        return count

    async def _read(self, position: int) -> News:
        return await self._house.database.read(lambda c: views.news(c, position, BATCH))

    def _feed(self, fed: Sequence[Frame]) -> None:
        """Join the batch once for each set of districts, not once for each stream."""
        joined: dict[frozenset[str], bytes] = {}
        for listener in tuple(self._listeners):
            if fed and listener.since >= fed[0].position:
                later = [frame for frame in fed if frame.position > listener.since]
                listener.hand(frames.joined(later, listener.operator))
                continue
            key = listener.operator.districts
            if key not in joined:
                joined[key] = frames.joined(fed, listener.operator)
            listener.hand(joined[key])

    def _feed_beat(self, pulse: Pulse, position: int) -> None:
        beats: dict[frozenset[str], bytes] = {}
        for listener in tuple(self._listeners):
            if listener.operator.name not in pulse.tokens:
                listener.end()
                continue
            key = listener.operator.districts
            if key not in beats:
                beats[key] = self._beat(pulse, listener.operator, position)
            listener.hand(beats[key])

    def _beat(self, pulse: Pulse, operator: Operator, position: int) -> bytes:
        counts = {"P0": 0, "P1": 0}
        for (district, priority), count in pulse.open.items():
            key = f"P{priority}"
            if key in counts and operator.sees(district):
                counts[key] += count
        said = {
            "at": self._house.clock.now(),
            "open": counts,
            "canary_age_s": self._house.canary_age_s(),
            "position": position,
            **self._beside,
        }
        return frames.single("heartbeat", position, said)

    def _frames_of(self, news: News) -> list[Frame]:
        for alarm in news.alarms:
            self._unstored.pop(alarm, None)
        return frames.of_news(self._house, news)
