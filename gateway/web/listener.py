"""A listener: one open stream, which may lag behind a little and is then cut off."""

import asyncio

from gateway.domain.operator import Operator

QUEUE = 256
"""Batches that a slow reader may lag behind before it is cut off; it resumes by its position."""


class Listener:
    """One open stream: a bounded queue of bytes; None in it ends the stream."""

    def __init__(self, operator: Operator, since: int, *, is_seat: bool = True) -> None:
        self.operator = operator
        self.since = since
        self.is_seat = is_seat
        """Whether a person sits there: what they hold does not lapse while it is open."""
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE)
        self._ended = False

    def hand(self, data: bytes) -> None:
        """Give it bytes; one that is too far behind is cut off."""
        if self._ended or not data:
            return
        try:
            self._queue.put_nowait(data)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Let it go."""
        self._ended = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def next(self) -> bytes | None:
        """The next bytes; None: it is over."""
        return await self._queue.get()
