"""Tickets: so many links begin in a second, and so many are at their handshake at once."""

import asyncio
from dataclasses import dataclass

from gateway.clock import Clock


@dataclass(slots=True)
class Ticket:
    """The right to be at a handshake; given back once, however often that is said."""

    room: asyncio.Semaphore
    is_back: bool = False

    def give_back(self) -> None:
        """Let the next one begin."""
        if not self.is_back:
            self.is_back = True
            self.room.release()


class Tickets:
    """Given out in the order in which they were asked for."""

    def __init__(self, clock: Clock, per_s: float, at_once: int) -> None:
        self._clock, self._every_s = clock, 1.0 / per_s
        self._room = asyncio.Semaphore(at_once)
        self._next_s = 0.0

    async def take(self) -> Ticket:
        """The next one."""
        await self._room.acquire()
        ticket = Ticket(self._room)
        try:
            now_s = self._clock.monotonic()
            begins_s = max(self._next_s, now_s)
            self._next_s = begins_s + self._every_s
            if begins_s > now_s:
                await self._clock.sleep(begins_s - now_s)
        except BaseException:
            ticket.give_back()
            raise
        return ticket
