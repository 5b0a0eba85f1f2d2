"""One receiver's queue: in order per alarm, P0 first, first words first, fair by device."""

import heapq
import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.kind import Priority
from gateway.store.outbox import Delivery

DEVICES_LIMIT = 20_000
PICTURES = 1000
"""In hand: as many words as these have room beside them."""
PICTURES_AT_ONCE = 8
"""Under way to one receiver: one that hangs on pictures must have room for words."""
BEHIND_ALL = 4
"""The place of pictures among priorities."""
PICTURE_TRIES = 3
"""Then pictures give way to what is said of their alarm after them."""
Rank = tuple[int, bool, int, int]


@dataclass(slots=True, kw_only=True)
class Pending:
    """A delivery in hand, and how often it was tried."""

    delivery: Delivery
    rank: Rank
    attempts: int = 0
    due_at: float = 0.0
    is_flying: bool = False
    is_refused: bool = False
    is_lost: bool = False
    """Under way while another gateway took it over: how it ends is not ours to say."""

    @property
    def priority(self) -> Priority:
        """Its alarm's; but what brings pictures is never a cry."""
        return Priority.P3 if self.is_picture else Priority(self.delivery.priority)

    @property
    def is_picture(self) -> bool:
        """Whether it brings pictures, and no word about the alarm itself."""
        return self.delivery.is_picture

    @property
    def is_first_cry(self) -> bool:
        """A P0's first word, never tried yet: it goes at once, whatever else is known."""
        is_p0 = self.priority is Priority.P0
        return is_p0 and self.delivery.is_raised and self.attempts == 0


@dataclass(slots=True)
class Queue:
    """What is in hand; only the first of each alarm may go."""

    by_alarm: dict[str, deque[Pending]] = field(default_factory=dict)
    by_id: dict[int, Pending] = field(default_factory=dict)
    pictures: int = 0
    """So many in hand bring pictures …"""
    pictures_flying: int = 0
    """… of which so many are under way."""
    _cries: list[tuple[Rank, int, Pending]] = field(default_factory=list)
    """Beside the ready: those that were tried must not stand before one that was not."""
    _ready: list[tuple[Rank, int, Pending]] = field(default_factory=list)
    _later: list[tuple[float, int, Pending]] = field(default_factory=list)
    _turns: dict[str, int] = field(default_factory=dict)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    def __len__(self) -> int:
        return len(self.by_id)

    def put(self, delivery: Delivery, *, attempts: int = 0) -> None:
        """Take one in hand, once; behind what is in hand of its alarm."""
        if delivery.id in self.by_id:
            return
        if len(self._turns) > DEVICES_LIMIT:
            self._turns.clear()
        turn = self._turns.get(delivery.device, 0) + 1
        self._turns[delivery.device] = turn
        rank = (delivery.priority, not delivery.is_raised, turn, delivery.id)
        pending = Pending(delivery=delivery, rank=rank, attempts=attempts)
        if pending.is_picture:
            pending.rank = (BEHIND_ALL, *rank[1:])
            self.pictures += 1
        self.by_id[delivery.id] = pending
        if pending.is_first_cry:
            heapq.heappush(self._cries, (rank, next(self._order), pending))
        line = self.by_alarm.setdefault(delivery.alarm or delivery.key, deque())
        line.append(pending)
        if len(line) > 1 and line[-2].delivery.number > delivery.number:
            self._sort(line)
        if line[0] is pending:
            self._offer(pending)
        elif pending.rank < line[0].rank:
            self._hasten(line[0], pending.rank)

    def next(self, now: float) -> Pending | None:
        """The one to send now, if any; it flies until it is settled or put off."""
        self._ripen(now)
        while self._ready:
            entry = heapq.heappop(self._ready)
            pending = entry[2]
            if not self._may_go(pending):
                continue
            if pending.rank[0] == BEHIND_ALL and self.pictures_flying >= PICTURES_AT_ONCE:
                heapq.heappush(self._ready, entry)  # and all that comes after it is pictures too
                return None
            return self._fly(pending)
        return None

    def first_cry(self) -> Pending | None:
        """The next P0's first word that was never tried."""
        while self._cries:
            _, _, pending = heapq.heappop(self._cries)
            if pending.is_first_cry and self._may_go(pending):
                return self._fly(pending)
        return None

    def probe(self, but: int | None) -> Pending | None:
        """One to ask a silent receiver with: the most urgent, but not the one that failed last."""
        self._ripen(float("inf"))
        kept, found = [], None
        while self._ready and found is None:
            entry = heapq.heappop(self._ready)
            if not self._may_go(entry[2]):
                continue
            if entry[2].delivery.id == but and len(self.by_alarm) > 1:
                kept.append(entry)
            else:
                found = entry[2]
        if found is None and kept:
            found = kept.pop()[2]
        for entry in kept:
            heapq.heappush(self._ready, entry)
        return None if found is None else self._fly(found)

    def put_off(self, pending: Pending, due_at: float) -> None:
        """It did not get through: again, not before then."""
        self._land(pending)
        pending.due_at = due_at
        if not pending.is_lost:
            self._offer(pending)

    def lose(self, ids: Iterable[int]) -> list[Pending]:
        """Drop those, and what comes after each of them of its alarm, which must wait for it."""
        dropped: list[Pending] = []
        for number in ids:
            pending = self.by_id.get(number)
            if pending is None:
                continue
            key = pending.delivery.alarm or pending.delivery.key
            line = self.by_alarm[key]
            while line and line[-1] is not pending:
                dropped.append(line.pop())
            dropped.append(line.pop())
            if not line:
                del self.by_alarm[key]
            for one in dropped:
                one.is_lost = True
                if self.by_id.pop(one.delivery.id, None) is not None:
                    self.pictures -= one.is_picture
        return dropped

    def settle(self, pending: Pending) -> None:
        """It is settled: the next of its alarm may go."""
        self._land(pending)
        if pending.is_lost:
            return
        delivery = pending.delivery
        if self.by_id.pop(delivery.id, None) is not None:
            self.pictures -= pending.is_picture
        key = delivery.alarm or delivery.key
        line = self.by_alarm[key]
        line.remove(pending)
        if line:
            self._offer(line[0])
        else:
            del self.by_alarm[key]
        if not self.by_id:
            self._turns.clear()

    def is_in_the_way(self, pending: Pending) -> bool:
        """Whether words about an alarm wait behind pictures that its receiver does not take."""
        if not pending.is_picture or pending.attempts < PICTURE_TRIES:
            return False
        line = self.by_alarm.get(pending.delivery.alarm or pending.delivery.key, ())
        return any(not one.is_picture for one in line)

    def waits_since(self) -> datetime | None:
        """Since when the first word about an alarm waits; that a picture waits is not late."""
        words = (one for one in self.by_id.values() if not one.is_picture)
        oldest = next(words, None)
        return None if oldest is None else oldest.delivery.created_at

    def all_now(self) -> None:
        """The receiver is back: nobody waits any longer."""
        self._ripen(float("inf"))

    def next_due(self) -> float | None:
        """When the next one ripens; None: nothing waits for its time."""
        return self._later[0][0] if self._later else None

    def _fly(self, pending: Pending) -> Pending:
        pending.is_flying = True
        self.pictures_flying += pending.is_picture
        return pending

    def _land(self, pending: Pending) -> None:
        self.pictures_flying -= pending.is_flying and pending.is_picture
        pending.is_flying = False

    def _hasten(self, first: Pending, rank: Rank) -> None:
        """Something more urgent waits behind it: a picture before a word about the same alarm."""
        first.rank = rank
        if not first.is_flying and first.due_at <= 0:
            self._offer(first)

    def _offer(self, pending: Pending) -> None:
        if pending.due_at > 0:
            heapq.heappush(self._later, (pending.due_at, next(self._order), pending))
        else:
            heapq.heappush(self._ready, (pending.rank, next(self._order), pending))

    def _ripen(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            _, _, pending = heapq.heappop(self._later)
            pending.due_at = 0.0
            heapq.heappush(self._ready, (pending.rank, next(self._order), pending))

    def _may_go(self, pending: Pending) -> bool:
        line = self.by_alarm.get(pending.delivery.alarm or pending.delivery.key)
        is_free = not pending.is_flying and pending.due_at <= 0
        return is_free and line is not None and line[0] is pending

    def _sort(self, line: deque[Pending]) -> None:
        """Something came in late: order by number, but never before what is flying."""
        flying = [line.popleft()] if line[0].is_flying else []
        rest = sorted(line, key=lambda pending: pending.delivery.number)
        line.clear()
        line.extend([*flying, *rest])
        if not line[0].is_flying:
            self._offer(line[0])
