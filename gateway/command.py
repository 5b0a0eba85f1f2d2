"""Command: what devices are asked to do is sent, and sent again until the reply or its end."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from adapters.devices.contract import Order
from gateway.clock import Clock
from gateway.domain import telling
from gateway.store import commands
from gateway.store.commands import Command
from gateway.store.database import Database, StoreDown
from gateway.store.wakeups import Wakeups

REPEAT_S = 5.0
LOOK_EVERY_S = 1.0
AT_ONCE = 500

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, kw_only=True)
class Commander:
    """Sends what waits; the rows are the memory, this only knows when each was last sent."""

    database: Database
    clock: Clock
    send: Callable[[Order], None]
    orders: Wakeups
    _sent_at: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Send until cancelled."""
        seen = -1
        while True:
            with contextlib.suppress(StoreDown):  # the next look comes soon
                await self._send_due()
            seen = await self.orders.wait(seen, LOOK_EVERY_S)

    async def _send_due(self) -> None:
        wall, now = self.clock.now(), self.clock.monotonic()
        waiting = await self.database.read(lambda c: commands.waiting(c, wall, AT_ONCE))
        self._sent_at = {one.id: self._sent_at.get(one.id, -REPEAT_S) for one in waiting}
        for one in waiting:
            if now - self._sent_at[one.id] >= REPEAT_S or self._sent_at[one.id] < 0:
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
