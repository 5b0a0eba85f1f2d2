"""Keeping: how each camera is, written down in slices when it changes, and followed from others."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf

import structlog

from gateway import metrics
from gateway.clock import Clock
from gateway.domain.camera import Facts, LinkState
from gateway.domain.presence import Presence, Why
from gateway.store import camera_states
from gateway.store.camera_states import CameraState
from gateway.store.database import Database, Urgency
from gateway.watch.held import Held

SLICE = 500
OVERLAP = timedelta(seconds=10)
"""What was committed late, or by a clock a little behind ours, is still seen."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Keeping:
    """What is known of all cameras: of ours by ourselves, of the others by what is written."""

    gateway: str
    database: Database
    clock: Clock
    presence: Presence
    is_held: Callable[[str], bool]
    known: dict[str, Facts] = field(default_factory=dict)
    _ours: set[str] = field(default_factory=set)
    """Those of which the last word written is ours, as far as we know."""
    _holders: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, datetime] = field(default_factory=dict)
    _is_unreadable_told: bool = False

    async def read(self) -> None:
        """What was known before this life of ours."""
        async for one in self._pages(BEGINNING):
            self.known[one.device] = one.facts

    async def follow(self) -> None:
        """Take in what other gateways wrote since."""
        since = self.clock.now() - OVERLAP
        self._seen = {one: at for one, at in self._seen.items() if at >= since}
        async for one in self._pages(since):
            if one.gateway != self.gateway and self._seen.get(one.device) != one.written_at:
                self._seen[one.device] = one.written_at
                if not self.is_held(one.device):
                    self._take(one)

    async def write(self, all_held: Iterable[Held]) -> None:
        """Write what has changed of ours."""
        changed = {one.device: one for one in all_held if one.is_changed}
        devices = sorted(changed)
        for first in range(0, len(devices), SLICE):
            some = devices[first : first + SLICE]
            facts: dict[str, Facts] = {}
            for device in some:
                changed[device].is_changed = False
                found = changed[device].facts()
                if device not in self._ours or found != self.known.get(device):
                    facts[device] = found
            try:
                await self._write(facts)
            except BaseException:
                for device in some:
                    changed[device].is_changed = True
                raise

    def let_go(self, device: str) -> None:
        """Another gateway may hold it from now on."""
        self._ours.discard(device)
        self._holders.pop(device, None)

    def forget(self, known: Iterable[str]) -> None:
        """Only these are registered now."""
        kept = set(known)
        self._ours &= kept
        for one in (self.known, self._holders, self._seen):
            for device in one.keys() - kept:
                one.pop(device)

    async def _write(self, facts: dict[str, Facts]) -> None:
        if facts:
            now = self.clock.now()
            work = partial(camera_states.save, facts=facts, gateway=self.gateway, at=now)
            await self.database.write(work, Urgency.BULK)
            self.known.update(facts)
            self._ours.update(facts)

    def _take(self, one: CameraState) -> None:
        self.known[one.device] = one.facts
        silent = self.presence.silent
        if self._holders.get(one.device) != one.gateway:
            # Another calls it from now on: its silence counts anew.
            self._holders[one.device] = one.gateway
            self.presence.called_s[one.device] = inf
        # What cannot be read was written by one who holds it.
        is_called = one.facts.state not in {LinkState.WAITING, LinkState.UNLINKED}
        is_called = is_called or not one.is_readable
        if is_called and self.presence.called_s.get(one.device, inf) == inf:
            self.presence.called_s[one.device] = self.clock.monotonic()
        if one.facts.state is LinkState.REFUSED:
            silent.setdefault(one.device, Why.REFUSED)

    def _tell_of_unreadable(self, one: CameraState) -> None:
        """Once: a gateway of a newer version may write thousands."""
        if not self._is_unreadable_told:
            self._is_unreadable_told = True
            metrics.supervision_slips.inc()
            log.warning("a camera's row cannot be read", device=one.device, by=one.gateway)

    async def _pages(self, since: datetime) -> AsyncIterator[CameraState]:
        after = (since, "")
        while True:
            page = await self.database.read(
                partial(camera_states.after, since=after[0], device=after[1], limit=SLICE)
            )
            for one in page:
                if not one.is_readable:
                    self._tell_of_unreadable(one)
                yield one
            if len(page) < SLICE:
                return
            after = (page[-1].written_at, page[-1].device)
            await asyncio.sleep(0)
