"""Command: what devices are asked to do is sent, and sent again until the reply or its end."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from adapters.devices.contract import Order
from gateway.clock import Clock
from gateway.domain import telling
from gateway.store import commands
from gateway.store.commands import Command
from gateway.store.database import Database, StoreDown

REPEAT_S = 5.0
LOOK_EVERY_S = 1.0
AT_ONCE = 500
IN_HAND = 5000
"""Fresh commands sent without asking the store; what is beyond waits for the next look."""

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, kw_only=True)
class Commander:
    """Sends what waits; the rows are the memory, this only knows when each was last sent."""

    database: Database
    clock: Clock
    send: Callable[[Order], None]
    _sent_at: dict[str, float] = field(default_factory=dict)
    _fresh: deque[Command] = field(default_factory=lambda: deque(maxlen=IN_HAND))
    _has_fresh: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, orders: Sequence[Command]) -> None:
        """Commands fresh from their commit: they go at once, nobody looks for them."""
        self._fresh.extend(orders)
        self._has_fresh.set()

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send_fresh(), name="fresh commands")
            group.create_task(self._repeat(), name="repeated commands")

    async def _send_fresh(self) -> None:
        while True:
            await self._has_fresh.wait()
            self._has_fresh.clear()
            while self._fresh:
                self._send(self._fresh.popleft(), self.clock.now(), self.clock.monotonic())

    async def _repeat(self) -> None:
        while True:
            with contextlib.suppress(StoreDown):  # the next look comes soon
                await self._send_due()
            await self.clock.sleep(LOOK_EVERY_S)

    async def _send_due(self) -> None:
        wall, now = self.clock.now(), self.clock.monotonic()
        waiting = await self.database.read(lambda c: commands.waiting(c, wall, AT_ONCE))
        self._sent_at = {
            one.id: self._sent_at[one.id] for one in waiting if one.id in self._sent_at
        }
        for one in waiting:
            last = self._sent_at.get(one.id)
            if last is None or now - last >= REPEAT_S:
                self._send(one, wall, now)

    def _send(self, one: Command, wall: datetime, now: float) -> None:
        self._sent_at[one.id] = now
        self.send(Order(device=one.device, body=_body(one, wall)))


def _body(one: Command, now: datetime) -> bytes:
    return _encode(
        {
            "id": one.id,
            "command": one.command,
            "until": telling.time_text(one.until),
            "data": one.data,
            "at": telling.time_text(now),
        }
    )
