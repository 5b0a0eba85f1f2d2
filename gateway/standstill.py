"""Standstill: whether this process itself stood still: stopped, or its machine paused or asleep.

Whoever gave no sign meanwhile gave one that nobody heard: they have the time of a start again.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.clock import Clock

STILL_S = 5.0
"""Between two looks that are half a second apart. A claim and a console bear a longer one."""


@dataclass(slots=True, kw_only=True)
class Standstill:
    """Looked at each round; what a store held up for so long is one, too."""

    clock: Clock
    _last: tuple[datetime, float] | None = None

    def is_over(self) -> bool:
        """Whether there was one since the last look."""
        now, now_s = self.clock.now(), self.clock.monotonic()
        last, self._last = self._last, (now, now_s)
        if last is None:
            return False
        # A machine that sleeps may stop its monotonic time, and claims end by the time of day.
        gone_s = max((now - last[0]).total_seconds(), now_s - last[1])
        return gone_s >= STILL_S
