"""The breaker: a silent receiver is asked gently, and gets everything when it is back."""

from dataclasses import dataclass, field
from datetime import timedelta

from gateway.domain.kind import Priority

OPENS_AFTER = 3
"""So many different deliveries in a row that did not get through."""
PROBE_EVERY_S = 0.5
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
REFUSED_P0_WAIT_S = 30.0
ASKED_WAIT_CAP = {Priority.P0: timedelta(seconds=2)}
ASKED_WAIT_CAP_OTHER = timedelta(seconds=60)


@dataclass(slots=True, kw_only=True)
class Breaker:
    """Counts what did not get through; a mutable part of one receiver's line."""

    failed: list[int] = field(default_factory=list)
    """The different deliveries that failed in a row."""
    last_failed: int | None = None
    is_open: bool = False
    next_probe_at: float = 0.0

    def failure(self, delivery: int, now: float) -> bool:
        """One more did not get through; whether that opened it."""
        self.last_failed = delivery
        self.next_probe_at = now + PROBE_EVERY_S
        if delivery not in self.failed:
            self.failed.append(delivery)
            del self.failed[:-OPENS_AFTER]
        opened = not self.is_open and len(self.failed) >= OPENS_AFTER
        self.is_open = self.is_open or opened
        return opened

    def success(self) -> bool:
        """One got an answer; whether that closed it."""
        closed = self.is_open
        self.failed.clear()
        self.last_failed = None
        self.is_open = False
        return closed


def wait_s(attempts: int, jitter: float) -> float:
    """How long a delivery waits after so many attempts: doubling, times a jitter around 1."""
    longest = min(FIRST_WAIT_S * 2.0 ** min(attempts - 1, 10), LONGEST_WAIT_S)
    return longest * jitter


def capped(asked: timedelta, priority: Priority) -> float:
    """How much of the receiver's own wish is granted, in seconds: a P0 does not wait a minute."""
    cap = ASKED_WAIT_CAP.get(priority, ASKED_WAIT_CAP_OTHER)
    return max(0.0, min(asked, cap).total_seconds())
