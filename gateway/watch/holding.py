"""Holding: which of the wanted cameras are ours; all of them, or a share under leases."""

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection

from gateway import metrics
from gateway.clock import Clock
from gateway.store import leases
from gateway.store.database import Database, Urgency
from gateway.store.leases import CAMERAS, Tokens
from gateway.watch import shares

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Holding:
    """The leases of this gateway; alone on SQLite it needs none."""

    gateway: str
    database: Database
    clock: Clock
    is_alone: bool
    peers: Callable[[], Collection[str]] = lambda: ()
    """The other gateways that live."""
    tokens: dict[str, int] = field(default_factory=dict)
    """By camera, the lease under which it is ours; changed in place, for intake reads it too."""
    dice: random.Random = field(default_factory=random.Random)
    _turned_s: float = -shares.TURN_S
    _free_s: dict[str, float] = field(default_factory=dict)
    """Since when each lease that is not within our share is seen to be free."""
    _keeps_until_s: float = 0.0
    """Until then nothing is given away."""

    def leases(self) -> Mapping[str, int] | None:
        """For intake: None, where there is no other gateway."""
        return None if self.is_alone else self.tokens

    def is_due(self) -> bool:
        """Whether it is time to renew them."""
        return not self.is_alone and self.clock.monotonic() - self._turned_s >= shares.TURN_S

    async def turn(self, wanted: Collection[str]) -> Collection[str]:
        """Renew, take and give back; those that are ours now.

        While the store is away this raises, and whatever was ours stays ours: others cannot take
        it either, and a cry goes out unstored.
        """
        if self.is_alone:
            return wanted
        self._turned_s = self.clock.monotonic()
        known = set(wanted)
        names = {leases.camera(device): device for device in known}
        tokens = await self.database.write(lambda c: self._turn(c, names), Urgency.STEP)
        now_ours = {names[name]: token for name, token in tokens.items() if name in names}
        lost = self.tokens.keys() - now_ours.keys()
        if lost & known:
            log.warning("camera leases lost", cameras=len(lost & known))
        for device in lost:
            del self.tokens[device]
        self.tokens.update(now_ours)
        metrics.camera_leases.set(len(self.tokens))
        return self.tokens.keys()

    def _turn(self, connection: Connection, names: Mapping[str, str]) -> Tokens:
        now = self.clock.now()
        held = leases.renew_all(connection, self.gateway, CAMERAS, now, shares.LASTS)
        unwanted = [name for name in held if name not in names]
        if unwanted:
            leases.release(connection, self.gateway, unwanted)
        ours = {name: token for name, token in held.items() if name in names}
        living = {self.gateway, *self.peers()}
        room = shares.may_take(len(ours), len(names), len(living))
        counts = leases.counts(connection, now, CAMERAS)
        if sum(counts.values()) < len(names):
            free = leases.free(connection, names, CAMERAS, now)
            some = self._taken(free, room)
            return ours | leases.take(connection, self.gateway, some, now, shares.LASTS)
        self._free_s.clear()
        is_giving = self.clock.monotonic() >= self._keeps_until_s
        if is_giving and len(ours) > shares.share(len(names), len(living)):
            self._give(connection, ours, counts, len(names), living)
        return ours

    def _taken(self, free: list[str], room: int) -> list[str]:
        """Which of the free ones to take: our share, and what nobody takes."""
        now_s = self.clock.monotonic()
        some = set(self.dice.sample(free, min(room, len(free))))
        self._free_s = {one: self._free_s.get(one, now_s) for one in free if one not in some}
        left = {one for one, since_s in self._free_s.items() if now_s - since_s >= shares.FREE_S}
        if left:
            log.warning("cameras that nobody took are taken beyond our share", cameras=len(left))
            self._keeps_until_s = now_s + shares.KEEP_S
        return sorted(some | left)

    def _give(
        self,
        connection: Connection,
        ours: Tokens,
        counts: Mapping[str, int],
        cameras: int,
        living: Collection[str],
    ) -> None:
        """Hand some to a gateway that has few; they are called by it in a moment."""
        count = shares.to_give(len(ours), cameras, counts, living)
        given = self.dice.sample(sorted(ours), count)
        if given:
            leases.release(connection, self.gateway, given)
            for name in given:
                del ours[name]
