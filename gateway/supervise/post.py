"""The post: what every part of supervision stands on."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.domain.presence import Presence
from gateway.domain.site import Registry
from gateway.domain.supervision import Finding
from gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What every part of supervision needs."""

    gateway: str
    database: Database
    clock: Clock
    presence: Presence
    registry: Callable[[], Registry]
    find: Callable[[Finding], object]
    """Says what was found, in supervision's voice."""
    on_duty: Callable[[], bool] = lambda: True
    """Whether this gateway is the one that speaks of silence and of gaps; of what only it can know
    each speaks."""

    def say(self, finding: Finding) -> None:
        """Say it, if it is this gateway's turn to."""
        if self.on_duty():
            self.find(finding)
