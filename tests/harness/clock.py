"""A clock that stands still until it is pushed, and one that hurries."""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta

# How often the loop turns after each wake-up, so that what was woken can do its work and sleep
# again. A turn costs about a microsecond; the longest chain of plain awaits here is shorter.
_TURNS = 50


class PushedClock:
    """The gateway's Clock (now, monotonic, sleep), moved only by `push` and `set_wall`."""

    def __init__(self, start: datetime = datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)) -> None:
        self._wall = start
        self._monotonic_s = 1_000.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def now(self) -> datetime:
        """The time of day, aware, UTC."""
        return self._wall

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return self._monotonic_s

    async def sleep(self, seconds: float) -> None:
        """Returns once the clock was pushed far enough."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = (self._monotonic_s + seconds, next(self._order), asyncio.Event())
        heapq.heappush(self._sleepers, sleeper)
        try:
            await sleeper[2].wait()
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)
                heapq.heapify(self._sleepers)

    async def push(self, by: timedelta | float) -> None:
        """Moves on, waking each sleeper at its own moment, those in their turn that it causes."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        end_s = self._monotonic_s + seconds
        await _turn()
        while self._sleepers and self._sleepers[0][0] <= end_s:
            due_s, _, woken = heapq.heappop(self._sleepers)
            self._move_to(max(due_s, self._monotonic_s))
            woken.set()
            await _turn()
        self._move_to(end_s)
        await _turn()

    def freeze(self, seconds: float) -> None:
        """Time goes on and wakes nobody, as for a stopped process; the next push wakes them."""
        self._move_to(self._monotonic_s + seconds)

    def set_wall(self, to: datetime) -> None:
        """Sets the time of day alone, as a time server does; monotonic time goes on undisturbed."""
        self._wall = to

    @property
    def sleepers(self) -> int:
        """How many wait for this clock: something to wait for before a push."""
        return len(self._sleepers)

    def _move_to(self, moment_s: float) -> None:
        self._wall += timedelta(seconds=moment_s - self._monotonic_s)
        self._monotonic_s = moment_s


class HurriedClock:
    """The machine's own time, so many times as fast: half a minute need not be waited for."""

    def __init__(self, times: float) -> None:
        self._times = times
        self._wall, self._began_s = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        """The time of day, aware, UTC."""
        return self._wall + timedelta(seconds=self.monotonic() - self._began_s)

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return self._began_s + (time.monotonic() - self._began_s) * self._times

    async def sleep(self, seconds: float) -> None:
        """Returns that much sooner."""
        await asyncio.sleep(seconds / self._times)


async def _turn() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)
