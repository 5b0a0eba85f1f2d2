"""Pictures: a slow round of stills: is what each camera shows still fresh and changing?"""

import asyncio
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from PIL import Image

from gateway import metrics
from gateway.clock import Clock
from gateway.domain import picture
from gateway.domain.camera import LinkState
from gateway.watch.held import Held

WITHIN_S = 20.0
PIXELS = 64_000_000
"""No camera has more; a picture that unfolds to more is no picture."""

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Pictures:
    """When each was looked at, and who is due."""

    clock: Clock
    every_s: float
    """0: nobody's picture is looked at."""
    at_once: int
    _looked_s: dict[str, float] = field(default_factory=dict)

    async def look(self, held: Mapping[str, Held]) -> None:
        """Look at those that are due, a few at once; called each second."""
        if not self.every_s:
            return
        due = self._due(held)
        for first in range(0, len(due), self.at_once):
            some = due[first : first + self.at_once]
            await asyncio.gather(*(self._look(one) for one in some))

    def _due(self, held: Mapping[str, Held]) -> list[Held]:
        """Spread evenly: of many only so many a second, those that waited longest first."""
        now_s = self.clock.monotonic()
        for gone in self._looked_s.keys() - held.keys():
            del self._looked_s[gone]
        for number, device in enumerate(held.keys() - self._looked_s.keys()):
            # The first look of each at its own second of the round, not all at the start's.
            share = (number % 997) / 997
            self._looked_s[device] = now_s - self.every_s * share
        waiting = [
            (looked_s, device)
            for device, looked_s in self._looked_s.items()
            if now_s - looked_s >= self.every_s and held[device].state is LinkState.HEARD
        ]
        room = max(self.at_once, len(held) // max(1, int(self.every_s)) + 1)
        return [held[device] for _, device in sorted(waiting)[:room]]

    async def _look(self, held: Held) -> None:
        self._looked_s[held.device] = self.clock.monotonic()
        thumbnail = await self._thumbnail(held)
        before = held.seen
        if thumbnail is None and before.at is None:
            metrics.camera_stills.labels("none").inc()
            return
        held.seen = picture.look(before, thumbnail, self.clock.now())
        metrics.camera_stills.labels(held.seen.picture).inc()
        if held.seen.picture is not before.picture:
            held.is_changed = True

    async def _thumbnail(self, held: Held) -> bytes | None:
        life = held.life
        if life is None:
            return None
        try:
            async with asyncio.timeout(WITHIN_S):
                still = await life.picture()
                return await asyncio.to_thread(thumbnail, still.body)
        except Exception as error:  # noqa: BLE001 - a camera's picture may be anything
            log.debug("no picture", device=held.device, why=str(error)[:200])
            return None


def thumbnail(still: bytes) -> bytes:
    """A JPEG as so many grey bytes.

    Raises:
        OSError, ValueError: it is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(still), formats=("JPEG",))
        if image.width * image.height > PIXELS:
            raise ValueError(f"{image.width} x {image.height} pixels")
        image.draft("L", (picture.WIDTH, picture.HEIGHT))
        grey = image.convert("L").resize((picture.WIDTH, picture.HEIGHT), Image.Resampling.NEAREST)
    return grey.tobytes()
