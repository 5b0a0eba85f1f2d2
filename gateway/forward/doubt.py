"""Doubt: after a write of which nobody knows whether it happened, what it owed may be in no hand.

Until the store has been asked, what is owed later waits: nothing of an alarm may come before it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.store.outbox import Delivery


@dataclass(slots=True)
class Doubt:
    """Stands from such a write until the store was asked, after it, what is ours.

    It stands at the start, for what a former life held is in nobody's hand.
    """

    _begun: int = 1
    _ended: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: list[Delivery] = field(default_factory=list)

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

    def past(self, owed: Sequence[Delivery]) -> Sequence[Delivery]:
        """Those that may go now; while it stands none, and they wait."""
        if not self.stands:
            return owed
        self._waiting += owed
        return ()

    async def began(self) -> int:
        """Wait for the next; its number."""
        await self._wake.wait()
        self._wake.clear()
        return self._begun

    def end(self, number: int) -> Sequence[Delivery]:
        """The store was asked after that one; who waited, if none has begun since."""
        self._ended = number
        if self.stands:
            return ()
        waiting, self._waiting = self._waiting, []
        return waiting
