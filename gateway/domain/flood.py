"""Floods: one device's chatter is folded, a cry of many is not; and a rule's tally."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.signal import Lane

RATE_PER_S = 5.0
BURST = {Lane.ALARM: 32.0, Lane.EVENT: 30.0}
"""Who was away hands in what it kept in one go: a button its last 32 alarms, a turnstile some."""
REPEATS = 1000.0
"""It says each of them every 2 s until its receipt, and the broker keeps all of that."""
FOLD = timedelta(seconds=10)
CALM = timedelta(seconds=60)
DEVICES_LIMIT = 20_000
IDS_LIMIT = 32


class _Bucket:
    """How much of late, in signals and in repeats of them, and of what."""

    __slots__ = ("at", "ids", "level", "repeats")

    def __init__(self, at: datetime) -> None:
        self.level = self.repeats = 0.0
        self.at = at
        self.ids: list[str] = []

    def leak(self, at: datetime) -> None:
        passed_s = max(0.0, (at - self.at).total_seconds())  # the wall clock may be set back
        self.level = max(0.0, self.level - passed_s * RATE_PER_S)
        self.repeats = max(0.0, self.repeats - passed_s * RATE_PER_S)
        self.at = at


class Meter:
    """A leaky bucket for each device and lane; the least recently heard are forgotten at a limit.

    Repeats have a bucket of their own: what a device says again while nobody answers must not fold
    what it says for the first time.
    """

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, Lane], _Bucket] = OrderedDict()

    def is_flooding(
        self, device: str, lane: Lane, at: datetime, event_id: str, again: int = 0
    ) -> bool:
        """Count one more of it and its repeats; whether it is beyond what is taken singly."""
        key = (device, lane)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(at)
            if len(self._buckets) > DEVICES_LIMIT:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
            bucket.leak(at)
        if event_id in bucket.ids:
            over = bucket.repeats + 1 + again > REPEATS
            bucket.repeats = min(bucket.repeats + 1 + again, REPEATS)
            return over
        if bucket.level + 1 > BURST[lane]:
            return True
        if bucket.level <= 0:
            bucket.ids.clear()  # it was calm: what it said before is answered
        bucket.level += 1
        bucket.ids = [*bucket.ids[1 - IDS_LIMIT :], event_id]
        return False


def tallied(
    times: Sequence[datetime], at: datetime, count: int, within: timedelta
) -> tuple[list[datetime], bool]:
    """The times with one more; whether they are so many within that time. Then it starts anew."""
    now = [*times, at][-count:]
    if len(now) == count and at - now[0] <= within:
        return [], True
    return now, False
