"""Doubt: after a write of which nobody knows whether it happened, what it owed may be in no hand.

Until the store has been asked, what is owed later waits: nothing of an alarm may come before it.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.store.outbox import Delivery

FIRST = 1
"""The number of an alarm's first word; what is of no alarm has a lower one."""


@dataclass(slots=True)
class Doubt:
    """Stands from such a write until the store was asked, after it, what is ours.

    It stands at the start, for what a former life held is in nobody's hand.
    """

    _begun: int = 1
    _ended: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[int, Delivery] = field(default_factory=dict)
    _passed: set[int] = field(default_factory=set)
    """What went while it stood."""

    def __post_init__(self) -> None:
        self._wake.set()

    @property
    def stands(self) -> bool:
        """Whether there may be what nobody has in hand."""
        return self._begun != self._ended

    def begin(self) -> None:
        """A write may have happened or not."""
        self._begun += 1
        self._wake.set()

    def goes_on(self) -> bool:
        """Where it stands, something more came to be ours: another question; whether it stands."""
        if self.stands:
            self.begin()
        return self.stands

    def past(self, owed: Sequence[Delivery]) -> Sequence[Delivery]:
        """Those that may go now; while it stands only first words, which can overtake nothing."""
        if not self.stands:
            return owed
        first = tuple(one for one in owed if one.number <= FIRST)
        self._passed.update(one.id for one in first)
        self._waiting |= {one.id: one for one in owed if one.number > FIRST}
        return first

    async def began(self) -> int:
        """Wait for the next; its number."""
        await self._wake.wait()
        self._wake.clear()
        return self._begun

    def adopted(self, found: Sequence[Delivery]) -> Sequence[Delivery]:
        """Those that the store called ours and that did not go meanwhile; they wait no more."""
        for one in found:
            self._waiting.pop(one.id, None)
        return [one for one in found if one.id not in self._passed]

    def waiting(self) -> list[int]:
        """Those that wait for its end."""
        return list(self._waiting)

    def turn_away(self, number: int) -> None:
        """It did not go, for there was no room: it is to be adopted as any other."""
        self._passed.discard(number)

    def drop(self, ids: Iterable[int]) -> None:
        """Those are not ours to send any more."""
        for number in ids:
            self._waiting.pop(number, None)

    def end(self, number: int) -> Sequence[Delivery]:
        """The store was asked after that one; who waited, if none has begun since."""
        self._ended = number
        if self.stands:
            return ()
        waiting = list(self._waiting.values())
        self._waiting.clear()
        self._passed.clear()
        return waiting
