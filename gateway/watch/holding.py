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
        if room and len(ours) < len(names):
            free = leases.free(connection, names, CAMERAS, now)
            some = self.dice.sample(free, min(room, len(free)))
            return ours | leases.take(connection, self.gateway, some, now, shares.LASTS)
        if len(ours) > shares.share(len(names), len(living)):
            self._give(connection, ours, len(names), living)
        return ours

    def _give(
        self, connection: Connection, ours: Tokens, cameras: int, living: Collection[str]
    ) -> None:
        """Hand some to a gateway that has few; they are called by it in a moment."""
        counts = leases.counts(connection, self.clock.now(), CAMERAS)
        count = shares.to_give(len(ours), cameras, counts, living)
        given = self.dice.sample(sorted(ours), count)
        if given:
            leases.release(connection, self.gateway, given)
            for name in given:
                del ours[name]
