"""The bus: two bounded lanes from those who hear to the one who commits; nothing is dropped."""

import asyncio
from collections import deque
from collections.abc import Collection

import msgspec

from adapters.signal import Answer, CheckIn, Lane, Reply, Signal, Spoken
from gateway.domain import belief
from gateway.domain.event import Event

LANE_LIMIT = 20_000
"""Far above every receive window together: reached only by a door that has no window."""


class LaneFull(Exception):
    """The lane is full; who heard it must not acknowledge, so that it comes again."""


class Heard(msgspec.Struct, frozen=True):
    """A signal, or an event in the gateway's own voice, and whom to answer once it is stored."""

    said: Signal | Event
    answer: Answer
    at: float
    """Monotonic seconds, for how long it took."""
    beside: int = 0
    """So many more it stands for than what was said tells: a heap that could not be stored."""

    @property
    def signals(self) -> int:
        """How many signals it stands for: of a device that says too much, a whole heap."""
        said = self.said
        heap = said.again + said.more if isinstance(said, Spoken) else 0
        return 1 + heap + self.beside


class Bus:
    """Two lanes; whoever takes gets everything that came meanwhile, up to a limit."""

    def __init__(self, lane_limit: int = LANE_LIMIT) -> None:
        self._lanes: dict[Lane, deque[Heard]] = {lane: deque() for lane in Lane}
        self._waiters: dict[Lane, asyncio.Future[None] | None] = dict.fromkeys(Lane)
        self.limit = lane_limit
        """So many fit on each lane."""
        self.heard = dict.fromkeys(Lane, 0)
        """How many signals were ever taken, by lane."""
        self.gone = dict.fromkeys(Lane, 0)
        """How many of them were let go, because they say again what waits."""

    def put(self, heard: Heard) -> None:
        """Queue it on its lane.

        Raises:
            LaneFull: it was not taken.
        """
        lane = _lane(heard.said)
        queue = self._lanes[lane]
        if len(queue) >= self.limit:
            raise LaneFull(lane)
        queue.append(heard)
        self.heard[lane] += heard.signals
        waiter = self._waiters[lane]
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def take(self, lane: Lane, limit: int) -> list[Heard]:
        """Everything on the lane, from one to so many."""
        queue = self._lanes[lane]
        if not queue:
            waiter = self._waiters[lane] = asyncio.get_running_loop().create_future()
            await waiter
        return [queue.popleft() for _ in range(min(limit, len(queue)))]

    def waiting(self, lane: Lane) -> int:
        """How many wait on a lane."""
        return len(self._lanes[lane])

    def oldest(self, lane: Lane) -> Heard | None:
        """The one that waits longest; None: nobody waits."""
        queue = self._lanes[lane]
        return queue[0] if queue else None

    def on(self, lane: Lane) -> list[Heard]:
        """Those that wait on a lane, in order."""
        return list(self._lanes[lane])

    def let_go(self, lane: Lane, spare: Collection[int]) -> list[Heard]:
        """Take those off a lane, by what `id()` says of each; those that were there."""
        queue = self._lanes[lane]
        gone = [heard for heard in queue if id(heard) in spare]
        if gone:
            kept = [heard for heard in queue if id(heard) not in spare]
            queue.clear()
            queue.extend(kept)
            self.gone[lane] += sum(heard.signals for heard in gone)
        return gone


def _lane(said: Signal | Event) -> Lane:
    if isinstance(said, Event):
        return said.lane
    if isinstance(said, CheckIn | Reply):
        return Lane.EVENT
    return belief.lane_of(said)
