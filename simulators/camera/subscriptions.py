"""The subscriptions of one camera: its slots, when they expire, and what waits in them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from simulators.camera import topicfilter
from simulators.camera.notification import Notification

WAITING: Final = 1000


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One slot: somebody who pulls, or a consumer who is told (`consumer` is where)."""

    number: int
    expires_s: float
    lasts_s: float
    wanted: tuple[str, ...] = ()
    consumer: str | None = None
    connection: int = 0
    waiting: deque[Notification] = field(default_factory=lambda: deque(maxlen=WAITING))
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    pulling: int = 0
    pulls: int = 0
    renews: int = 0
    overflowed: int = 0
    sought: deque[Notification] | None = None

    def tell(self, notification: Notification) -> None:
        """Let something wait here, if it is wanted; the oldest gives way where room ends."""
        if not topicfilter.matches(self.wanted, notification.topic):
            return
        self.overflowed += len(self.waiting) == WAITING
        self.waiting.append(notification)
        self.woken.set()

    def take(self, limit: int) -> list[Notification]:
        """Take what waits, first what was sought, as much as is allowed."""
        if self.sought is not None:
            taken = [self.sought.popleft() for _ in range(min(limit, len(self.sought)))]
            if not self.sought:
                self.sought = None
        else:
            taken = [self.waiting.popleft() for _ in range(min(limit, len(self.waiting)))]
        if not self.waiting and self.sought is None:
            self.woken.clear()
        return taken

    def has_something(self) -> bool:
        """Whether a pull need not wait."""
        return bool(self.waiting) or self.sought is not None

    def seek(self, found: Iterable[Notification]) -> None:
        """Begin to tell from the store; what waited is flushed."""
        self.waiting.clear()
        self.sought = deque(found)
        if not self.sought:
            self.sought = None
        self.woken.set()


class Slots:
    """The subscriptions that there are; `stuck` is how many slots hold nothing any more."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.stuck = 0
        self._living: dict[int, Subscription] = {}
        self._next = 1

    def living(self, now_s: float) -> list[Subscription]:
        """Tell those that have not expired."""
        self.expire(now_s)
        return list(self._living.values())

    def full(self, now_s: float) -> bool:
        """Tell whether there is no room."""
        self.expire(now_s)
        return len(self._living) + self.stuck >= self.count

    def find(self, number: int, now_s: float) -> Subscription | None:
        """Find a living one."""
        self.expire(now_s)
        return self._living.get(number)

    def open(self, subscription: Callable[[int], Subscription]) -> Subscription:
        """Make one under the next number."""
        made = subscription(self._next)
        self._living[made.number] = made
        self._next += 1
        return made

    def close(self, number: int) -> None:
        """End one, and wake whoever pulls from it."""
        ended = self._living.pop(number, None)
        if ended is not None:
            ended.expires_s = float("-inf")
            ended.woken.set()

    def clear(self) -> None:
        """Forget all, stuck ones too."""
        for number in list(self._living):
            self.close(number)
        self.stuck = 0

    def expire(self, now_s: float, *, stick: bool = False) -> None:
        """End what has had its time; `stick` keeps the slot."""
        for number in [n for n, one in self._living.items() if one.expires_s <= now_s]:
            self.close(number)
            self.stuck += stick

    def drop_connection(self, connection: int) -> None:
        """End what was made over a connection that closed."""
        for number in [n for n, one in self._living.items() if one.connection == connection]:
            self.close(number)


@dataclass(slots=True)
class Store:
    """The persistent notification storage, oldest first."""

    kept: deque[Notification] = field(default_factory=lambda: deque(maxlen=200))

    def find(self, since: datetime, *, reverse: bool) -> list[Notification]:
        """Tell what was said since then, or until then backwards."""
        ordered = sorted(self.kept, key=lambda one: one.at)
        if reverse:
            return [one for one in reversed(ordered) if one.at <= since]
        return [one for one in ordered if one.at >= since]

    def begins_after(self, since: datetime) -> bool:
        """Tell whether the buffer begins only after that time."""
        return not self.kept or min(one.at for one in self.kept) > since
