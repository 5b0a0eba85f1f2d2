"""Drift: devices' clocks against ours. Where most of them are off alike, it is ours."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.signal import ClockQuality

LIMITS_S = {ClockQuality.SYNCED: 5.0, ClockQuality.FREE: 60.0}
"""`unset` promises nothing."""
OFF_AFTER = 3
"""So many observations in a row, for a message may have waited somewhere …"""
APART_S = 5.0
"""… each so long after the one before: what comes in one go waited in one place."""
STEADY_S = 2.0
"""A clock that is off stays off by as much; what waited at a broker comes with less and less."""
RIGHT_AFTER = 2
RIGHT_WITHIN = 0.5
"""It is right again only well within the limit."""
WITNESSES = 3
"""Fewer devices say nothing about our own clock …"""
WITNESS_AFTER = 2
"""… and each only when it was off twice: before any of them is blamed itself."""


@dataclass(slots=True)
class _Observed:
    seen_s: float
    ahead_s: float
    side: int
    """-1: behind, 1: ahead, 0: right."""
    times: int
    is_off: bool


class Clocks:
    """How each device's clock stood at its last check-ins; bounded by the registry."""

    def __init__(self) -> None:
        self._observed: dict[str, _Observed] = {}
        self._synced: dict[str, int] = {}
        self._sides: Counter[int] = Counter()
        self.is_ours_trusted = True
        """False while our own clock is in doubt: nobody's is judged by it."""

    def remember(self, device: str) -> None:
        """It was off before this life."""
        self._observed[device] = _Observed(
            seen_s=-APART_S, ahead_s=0.0, side=1, times=0, is_off=True
        )

    def observe(self, device: str, quality: ClockQuality, ahead_s: float, s: float) -> bool | None:
        """One more observation: True, it is off from now on; False, right again; None, no news."""
        limit_s = LIMITS_S.get(quality)
        if limit_s is None:
            return None
        side = _side(ahead_s, limit_s)
        before = self._observed.get(device)
        if before is None:
            before = self._observed[device] = _Observed(s, ahead_s, side, 0, is_off=False)
        elif s - before.seen_s < APART_S:
            return None
        if before.is_off and side == 0 and abs(ahead_s) > limit_s * RIGHT_WITHIN:
            side = before.side  # between the two limits nothing is certain
        is_steady = side == 0 or abs(ahead_s - before.ahead_s) <= STEADY_S
        before.times = before.times + 1 if side == before.side and is_steady else 1
        before.seen_s, before.ahead_s, before.side = s, ahead_s, side
        if quality is ClockQuality.SYNCED:
            self._witness(device, side if before.times >= WITNESS_AFTER else 0)
        if not self.is_ours_trusted:
            before.times = min(before.times, WITNESS_AFTER)
            return None
        return _turned(before)

    @property
    def ours_is_off(self) -> int:
        """Which way most devices with a good clock are off alike: ours is off the other way."""
        ahead, behind, right = self._sides[1], self._sides[-1], self._sides[0]
        most, other = (1, behind) if ahead > behind else (-1, ahead)
        count = max(ahead, behind)
        return most if count >= WITNESSES and count > right + other else 0

    def forget(self, known: set[str]) -> None:
        """Only these are registered now."""
        for device in [one for one in self._observed if one not in known]:
            del self._observed[device]
        for device in [one for one in self._synced if one not in known]:
            self._sides[self._synced.pop(device)] -= 1

    def _witness(self, device: str, side: int) -> None:
        before = self._synced.get(device)
        if before is not None:
            self._sides[before] -= 1
        self._synced[device] = side
        self._sides[side] += 1


def ahead_s(said_at: datetime, received_at: datetime, age_ms: int | None) -> float:
    """How far a device's clock is before ours, by what it said and how old it said that was."""
    age = timedelta(milliseconds=min(age_ms or 0, 86_400_000))
    return (said_at + age - received_at).total_seconds()


def _turned(now: _Observed) -> bool | None:
    if not now.is_off and now.side != 0 and now.times >= OFF_AFTER:
        now.is_off = True
        return True
    if now.is_off and now.side == 0 and now.times >= RIGHT_AFTER:
        now.is_off = False
        return False
    return None


def _side(ahead_s: float, limit_s: float) -> int:
    if abs(ahead_s) <= limit_s:
        return 0
    return 1 if ahead_s > 0 else -1
