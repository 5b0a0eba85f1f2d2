"""Rolling: cameras that look at panic buttons are asked every few seconds, for what was before."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway import metrics
from gateway.clock import Clock
from gateway.domain.site import DeviceId
from gateway.evidence import picture
from gateway.evidence.picture import Fetch, NoPicture, NotYet
from gateway.evidence.ring import Ring

AT_ONCE = 8
AGAIN_AFTER_S = 60.0
"""A camera that gave nothing is left alone so long; an alarm asks it all the same."""


@dataclass(slots=True, kw_only=True)
class Roller:
    """Keeps the ring turning."""

    clock: Clock
    fetch: Fetch
    ring: Ring
    is_busy: Callable[[DeviceId], bool]
    """Whether an alarm asks that camera just now: that goes first."""
    cameras: Callable[[], Iterable[DeviceId]]
    _not_before: dict[DeviceId, float] = field(default_factory=dict)
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def round(self) -> None:
        """Ask each of them once."""
        cameras = set(self.cameras())
        self.ring.keep_only(cameras)
        self._not_before = {key: at for key, at in self._not_before.items() if key in cameras}
        begun = self.clock.monotonic()
        async with asyncio.TaskGroup() as group:
            for camera in sorted(cameras):
                if self._not_before.get(camera, 0.0) <= begun:
                    group.create_task(self._roll(camera), name=f"rolling {camera}")
        metrics.rolling_bytes.set(self.ring.size_bytes)
        metrics.rolling_lag.set(self.clock.monotonic() - begun)

    async def _roll(self, camera: DeviceId) -> None:
        async with self._at_once:
            if self.is_busy(camera):
                return
            try:
                found = await picture.take(self.fetch, camera, self.clock)
            except NotYet:
                return
            except NoPicture:
                self._not_before[camera] = self.clock.monotonic() + AGAIN_AFTER_S
            else:
                self.ring.put(camera, found)
