"""The clocks of a simulation: the true one, a fast one for schedules, one that tests push."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Protocol

ALMATY = timezone(timedelta(hours=5))  # UTC+5 all the year, since 2024-03-01
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of a clock: the time of day, and seconds that never jump."""

    now: datetime
    monotonic: float


class Clock(Protocol):
    """What a simulation knows of time."""

    def now(self) -> datetime:
        """Tell the time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Tell seconds since some fixed point; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds of this clock have passed."""
        ...


def read(clock: Clock) -> Moment:
    """Read both hands of a clock at once."""
    return Moment(clock.now(), clock.monotonic())


class TrueClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Tell the time of day."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Tell the seconds of the machine's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(max(0.0, seconds))


class FastClock:
    """A clock `speed` times as fast as another: for schedules, never for a device's own words."""

    def __init__(self, clock: Clock, speed: float, starts_at: datetime | None = None) -> None:
        self._clock = clock
        self._speed = speed
        self._began = read(clock)
        self._starts_at = starts_at or self._began.now

    def now(self) -> datetime:
        """Tell the time of day of the schedule."""
        return self._starts_at + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Tell the seconds of the schedule since it began."""
        return (self._clock.monotonic() - self._began.monotonic) * self._speed

    async def sleep(self, seconds: float) -> None:
        """Sleep so many seconds of the schedule."""
        await self._clock.sleep(seconds / self._speed)


class PushedClock:
    """A clock that stands still until it is pushed."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)) -> None:
        self._began = now
        self._passed_s = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Tell where the clock was pushed to."""
        return self._began + timedelta(seconds=self._passed_s)

    def monotonic(self) -> float:
        """Tell how far the clock was pushed."""
        return self._passed_s

    async def sleep(self, seconds: float) -> None:
        """Return when the clock has been pushed so far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._passed_s + seconds, waker))
        await waker

    def push(self, seconds: float) -> Moment:
        """Let seconds pass, wake who slept so long, and tell the new moment."""
        self._passed_s += seconds
        for due, waker in self._sleepers:
            if due <= self._passed_s and not waker.done():
                waker.set_result(None)
        self._sleepers = [(due, waker) for due, waker in self._sleepers if not waker.done()]
        return read(self)


class ClockQuality(StrEnum):
    """What a device says of its own clock."""

    SYNCED = "synced"
    FREE = "free"
    UNSET = "unset"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceClock:
    """The clock inside a device, which may lie: an offset, a drift, or never set at all."""

    quality: ClockQuality = ClockQuality.SYNCED
    offset_s: float = 0.0
    drift_ppm: float = 0.0
    began: Moment = field(default=Moment(EPOCH, 0.0))

    def started(self, moment: Moment) -> "DeviceClock":
        """Tell the same clock, powered on at this moment."""
        return replace(self, began=moment)

    def says(self, moment: Moment) -> datetime:
        """Tell the time that the device believes, in the region's offset."""
        uptime_s = moment.monotonic - self.began.monotonic
        match self.quality:
            case ClockQuality.UNSET:
                return (EPOCH + timedelta(seconds=uptime_s)).astimezone(ALMATY)
            case ClockQuality.FREE | ClockQuality.SYNCED:
                wrong_s = self.offset_s + uptime_s * self.drift_ppm / 1e6
                return (moment.now + timedelta(seconds=wrong_s)).astimezone(ALMATY)
