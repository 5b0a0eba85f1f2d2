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
    _given: set[str] = field(default_factory=set)
    """What the last turn handed to another gateway."""
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
        held, known = dict(self.tokens), set(wanted)
        now_ours = await self.database.write(
            lambda c: self._turn(c, dict(held), known), Urgency.STEP
        )
        lost = [device for device in held if device not in now_ours]
        if lost_by_force := known.intersection(lost) - self._given:
            log.warning("camera leases lost", cameras=len(lost_by_force))
        for device in lost:
            del self.tokens[device]
        self.tokens.update(now_ours)
        metrics.camera_leases.set(len(self.tokens))
        return self.tokens.keys()

    def _turn(self, connection: Connection, ours: Tokens, wanted: set[str]) -> Tokens:
        """By camera, the tokens of those that are ours at the end."""
        now, us = self.clock.now(), self.gateway
        self._given = set()
        kept = leases.renew_all(connection, us, CAMERAS, now, shares.LASTS)
        if kept != (len(ours), sum(ours.values())):
            found = leases.of_holder(connection, us, CAMERAS)
            ours = {name.removeprefix(CAMERAS): token for name, token in found.items()}
        self._release(connection, ours, ours.keys() - wanted)
        living = {us, *self.peers()}
        counts = leases.counts(connection, now, CAMERAS)
        room = shares.may_take(len(ours), len(wanted), len(living))
        if sum(counts.values()) < len(wanted):
            names = [leases.camera(device) for device in wanted - ours.keys()]
            some = self._taken(leases.free(connection, names, CAMERAS, now), room)
            taken = leases.take(connection, us, some, now, shares.LASTS)
            return ours | {name.removeprefix(CAMERAS): token for name, token in taken.items()}
        self._free_s.clear()
        if self.clock.monotonic() < self._keeps_until_s:
            return ours
        if (count := shares.to_give(len(ours), len(wanted), counts, living)) > 0:
            self._given = set(self.dice.sample(sorted(ours), count))
            self._release(connection, ours, self._given)
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

    def _release(self, connection: Connection, ours: Tokens, devices: Collection[str]) -> None:
        """Anybody's at once: nobody wants them any more, or another has far fewer."""
        given = sorted(devices)
        if given:
            leases.release(connection, self.gateway, [leases.camera(one) for one in given])
            for device in given:
                del ours[device]
