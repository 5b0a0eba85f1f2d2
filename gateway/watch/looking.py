"""Looking: how each camera is, read off its fields once a second, so that a reply costs nothing."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway import metrics
from gateway.store.device_states import DeviceState
from gateway.watch.calling import Calling
from gateway.watch.held import Held

SLICE = 500
COUNTS_S = 300.0
"""So often mere counts are written: thousands of cameras may talk of what nobody knows all day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Takes in signs of life, faults, and what cannot be read."""

    calling: Calling
    wrote: Callable[[DeviceState, float], None]
    """Hands on a sign of life to be written down, if that is due."""

    async def look(self, all_held: Mapping[str, Held]) -> None:
        """Take in how each is now, and say what turned; called each second."""
        for tickets in (self.calling.fresh, self.calling.doubtful):
            tickets.expire()
        self.calling.saying.begin(all_held.values(), self.calling.clock.monotonic())
        for number, held in enumerate(list(all_held.values())):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            self._sign(held)
            _answer(held)
            self._count(held)
            self.calling.saying.look(held)
            self._look_at_firmware(held)

    def _sign(self, held: Held) -> None:
        """A reply on its event channel is its sign of life: that is all the link tells of here."""
        at = held.health.last_reply_at
        if at is None or at == held.replied_at:
            return
        held.replied_at = at
        metrics.camera_replies.inc()
        now_s = self.calling.clock.monotonic()
        device = held.device
        self.calling.presence.hear(device, at, now_s, device, registered=True)
        self.wrote(DeviceState(device=device, heard_at=at, link=device), now_s)

    def _count(self, held: Held) -> None:
        health = held.health
        topics, unreadable = health.unknown_topics.total(), health.unreadable
        if (topics, unreadable) != held.counted:
            metrics.camera_unknown_topics.inc(max(0, topics - held.counted[0]))
            metrics.camera_unreadable.inc(max(0, unreadable - held.counted[1]))
            held.counted, held.is_counted = (topics, unreadable), True
        now_s = self.calling.clock.monotonic()
        if held.is_counted and now_s - held.counted_s >= COUNTS_S:
            held.counted_s, held.is_counted, held.is_changed = now_s, False, True

        let_go = health.let_go
        if let_go != held.counted_let_go:
            for why, more in (let_go - held.counted_let_go).items():
                metrics.camera_let_go.labels(why).inc(more)
            held.counted_let_go = let_go.copy()

    def _look_at_firmware(self, held: Held) -> None:
        now, before = held.health.firmware, held.firmware
        if now == before:
            return
        if before and not self.calling.saying.firmware(held, before):
            return
        held.firmware, held.is_changed = now, True
        held.firmware_before = before or held.firmware_before


def _answer(held: Held) -> None:
    """Whoever answers at its device service is not out of reach, though its events may be dead."""
    if held.health.is_introduced and not held.answers:
        held.answers = held.is_changed = True
