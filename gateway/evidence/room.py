"""Room for stills: bounded in bytes; the oldest of closed alarms go first."""

from dataclasses import dataclass

import structlog

from gateway import metrics
from gateway.clock import Clock
from gateway.evidence.shelf import NoRoom, Shelf
from gateway.store import keeping
from gateway.store.database import Database, Urgency

EVERY_S = 30.0
FULL = 0.95
"""Beyond this the oldest go, so that the next one finds room."""
AT_ONCE = 50
SWEEP_EVERY_S = 86_400.0
BREATH_S = 0.05

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Room:
    """The shelf, and how much may lie on it."""

    database: Database
    shelf: Shelf
    most_bytes: int
    clock: Clock
    size_bytes: int | None = None
    """As it was last looked up, with what came since; None: not looked up yet."""
    _sweep_due: float = 0.0

    async def keep(self, body: bytes) -> str:
        """Its SHA-256, once it is on stable storage.

        Raises:
            NoRoom, NotKept: it is not.
        """
        if self.size_bytes is None:
            await self.look()
        if (self.size_bytes or 0) + len(body) > self.most_bytes:
            raise NoRoom("the stills of open alarms take all the room there is (limit_mib)")
        digest = await self.shelf.keep(body)
        self.size_bytes = (self.size_bytes or 0) + len(body)
        return digest

    async def look(self) -> None:
        """How much there is now."""
        self.size_bytes = await self.database.read(keeping.size_bytes)
        metrics.evidence_bytes.set(self.size_bytes)

    async def tidy(self) -> None:
        """Make room, and throw away what is to go."""
        while (self.size_bytes or 0) > self.most_bytes * FULL:
            gone = await self.database.write(
                lambda c: keeping.drop_oldest(c, AT_ONCE), Urgency.BULK
            )
            await self.look()
            if not gone:
                break
            log.info("stills make room for newer ones", stills=gone)
            await self.clock.sleep(BREATH_S)
        for digest in await self.database.read(lambda c: keeping.dropping(c, AT_ONCE * 4)):
            await self._drop(digest)
        if self.clock.monotonic() >= self._sweep_due:
            self._sweep_due = self.clock.monotonic() + SWEEP_EVERY_S
            gone = await self.shelf.sweep()
            log.info("stills that belonged to nothing are swept", stills=gone)

    async def _drop(self, digest: str) -> None:
        """Its bytes, unless another alarm keeps the same picture."""
        is_kept = await self.database.read(lambda c: keeping.is_kept(c, digest))
        if is_kept or await self.shelf.drop(digest):
            await self.database.write(lambda c: keeping.dropped(c, digest), Urgency.BULK)
        await self.clock.sleep(BREATH_S)
