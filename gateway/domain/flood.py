"""Floods: one device's chatter is folded, a cry of many is not; and a rule's tally."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.signal import Lane

RATE_PER_S = 5.0
BURST = {Lane.ALARM: 10.0, Lane.EVENT: 30.0}
"""A turnstile that was away sends what it kept in one go; a person's fingers do not."""
FOLD = timedelta(seconds=10)
CALM = timedelta(seconds=60)
DEVICES_LIMIT = 20_000


class Meter:
    """A leaky bucket for each device; the least recently heard are forgotten beyond a limit."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, Lane], tuple[float, datetime]] = OrderedDict()

    def is_flooding(self, device: str, lane: Lane, at: datetime) -> bool:
        """Count one more of it; whether it is beyond what is taken singly."""
        key = (device, lane)
        level, since = self._buckets.get(key, (0.0, at))
        passed_s = max(0.0, (at - since).total_seconds())  # the wall clock may be set back
        level = max(0.0, level - passed_s * RATE_PER_S)
        over = level + 1 > BURST[lane]
        self._buckets[key] = (level if over else level + 1, at)
        self._buckets.move_to_end(key)
        if len(self._buckets) > DEVICES_LIMIT:
            self._buckets.popitem(last=False)
        return over


def tallied(
    times: Sequence[datetime], at: datetime, count: int, within: timedelta
) -> tuple[list[datetime], bool]:
    """The times with one more; whether they are so many within that time. Then it starts anew."""
    now = [*times, at][-count:]
    if len(now) == count and at - now[0] <= within:
        return [], True
    return now, False
