"""Keeping: signs of life are written down in one go; those that other gateways wrote are read."""

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from gateway.domain.condition import Facts
from gateway.store import device_states
from gateway.store.database import Urgency
from gateway.store.device_states import DeviceState, Elsewhere
from gateway.supervise.post import Post

SLICE = 500
"""Rows in one transaction: a press beside it does not wait."""
OVERLAP = timedelta(seconds=10)
"""What was committed late, or by a clock a little behind ours, is still seen."""


@dataclass(slots=True, kw_only=True)
class Keeping:
    """What is written of us, and read of others."""

    post: Post
    unwritten: Callable[[], list[DeviceState]]
    facts: MutableMapping[str, Facts]
    """What intake remembers of check-ins; what another gateway has seen otherwise is forgotten."""
    _seen: dict[str, datetime] = field(default_factory=dict)

    async def write(self) -> None:
        """Write down who was heard since the last time; what fails comes with the next check-in."""
        states, now = self.unwritten(), self.post.clock.now()
        for first in range(0, len(states), SLICE):
            work = partial(
                device_states.touch,
                states=states[first : first + SLICE],
                gateway=self.post.gateway,
                at=now,
            )
            await self.post.database.write(work, Urgency.BULK)

    async def follow(self) -> None:
        """Take in whom other gateways have heard: each hears only a part of the check-ins."""
        now = self.post.clock.now()
        after = (now - OVERLAP, "")
        self._seen = {one: at for one, at in self._seen.items() if at >= after[0]}
        while True:
            work = partial(
                device_states.elsewhere, gateway=self.post.gateway, after=after, limit=SLICE
            )
            page = await self.post.database.read(work)
            for one in page:
                if self._seen.get(one.device) != one.written_at:
                    self._seen[one.device] = one.written_at
                    self._take(one)
            if len(page) < SLICE:
                return
            after = (page[-1].written_at, page[-1].device)
            await asyncio.sleep(0)

    def _take(self, one: Elsewhere) -> None:
        if one.device not in self.post.registry().devices:
            return
        presence, now, now_s = (
            self.post.presence,
            self.post.clock.now(),
            self.post.clock.monotonic(),
        )
        if one.online and one.heard_at is not None:
            s = now_s - max(0.0, (now - one.heard_at).total_seconds())
            presence.hear(one.device, one.heard_at, s, one.link, registered=True)
        elif not one.online:
            s = now_s - max(0.0, (now - one.written_at).total_seconds())
            presence.fall(one.device, s, one.link)
        known = self.facts.get(one.device)
        if known is not None and known != one.facts:
            del self.facts[one.device]
