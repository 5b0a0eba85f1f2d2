"""Brokers: which of them can be heard; the loss of one is one trouble, and nobody's silence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from gateway.domain import supervision
from gateway.domain.event import Affected
from gateway.domain.site import Sort
from gateway.domain.supervision import Finding
from gateway.supervise.post import Post

LOST_AFTER_S = 10.0
"""A broker that restarts is back in a moment."""
BACK_AFTER_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How a broker is reached now."""

    hears: bool
    """Whether the session stands over which check-ins come."""
    is_whole: bool
    """Whether both do."""
    refused: str | None = None
    """Why it does not let us in."""


@dataclass(slots=True, kw_only=True)
class Brokers:
    """Since when each line is as it is, and which are told of as lost."""

    post: Post
    lines: Callable[[], Mapping[str, Line]]
    lost: set[str] = field(default_factory=set)
    """Labels."""
    _bad_s: dict[str, float] = field(default_factory=dict)
    """Since when each was never whole for long: a line that comes and goes is none."""
    _good_s: dict[str, float] = field(default_factory=dict)

    def look(self, now_s: float) -> None:
        """Take note of what changed, and say what lasts."""
        links = self.post.presence.links
        for label, line in self.lines().items():
            if not line.hears:
                links[label] = inf
            elif links.get(label, inf) == inf:
                links[label] = now_s
            if line.is_whole:
                self._whole(label, now_s)
            else:
                self._broken(label, line, now_s)

    def take_up(self, label: str) -> None:
        """It was lost before this life."""
        self.lost.add(label)

    def _whole(self, label: str, now_s: float) -> None:
        good_s = self._good_s.setdefault(label, now_s)
        if now_s - good_s < BACK_AFTER_S:
            return
        self._bad_s.pop(label, None)
        if label in self.lost:
            self.lost.discard(label)
            about = supervision.broker_name(label)
            self.post.find(Finding(kind="broker.back", about=about, cause="connected"))

    def _broken(self, label: str, line: Line, now_s: float) -> None:
        self._good_s.pop(label, None)
        bad_s = self._bad_s.setdefault(label, now_s)
        if label in self.lost or now_s - bad_s < LOST_AFTER_S:
            return
        self.lost.add(label)
        about = supervision.broker_name(label)
        cause = "unreachable" if line.refused is None else "refused"
        affected = self._affected()
        self.post.find(Finding(kind="broker.lost", about=about, cause=cause, affected=affected))

    def _affected(self) -> Affected:
        """Whom nobody hears because of it; those with another broker are not among them."""
        registry = self.post.registry()
        of_devices = sum(one.sort is not Sort.CAMERA for one in registry.devices.values())
        return Affected(devices=self.post.presence.out_of_hearing(registry), of_devices=of_devices)
