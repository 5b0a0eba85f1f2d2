"""Tickets: so many links begin in a second, and so many are at their handshake at once."""

import asyncio
from collections import deque
from dataclasses import dataclass

from gateway.clock import Clock

SLOW_S = 2.0
"""Whoever is still at it after so long waits for the camera, and keeps nobody's core busy: the
place is free. A hundred cameras that hang would otherwise hold all places for ten seconds each."""


@dataclass(slots=True)
class Ticket:
    """The right to be at a handshake; given back once, however often that is said."""

    room: asyncio.Semaphore
    taken_s: float = 0.0
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
        self._out: deque[Ticket] = deque()
        """Those that were given out, the oldest first; some of them are back."""

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
        ticket.taken_s = self._clock.monotonic()
        self._out.append(ticket)
        return ticket

    def expire(self) -> None:
        """Take back those of whoever is slow; to be called now and then."""
        late_s = self._clock.monotonic() - SLOW_S
        while self._out and (self._out[0].is_back or self._out[0].taken_s <= late_s):
            self._out.popleft().give_back()
