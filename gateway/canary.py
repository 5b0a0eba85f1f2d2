"""The canary: a press of our own through each broker, bus, commit and receipt; silence is proven.

Only a receipt that was heard proves the path: whatever lets the canary die lets its age grow.
"""

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import structlog

from gateway import metrics
from gateway.clock import Clock
from gateway.domain import proof, telling

EVERY_S = 30.0
UNPROVEN_S = 90.0
LOOK_S = 1.0
UNDER_WAY = 8
"""Presses of one broker that are waited for; an older one proves nothing any more."""

log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, kw_only=True)
class Path:
    """The way through one broker, and when it was last proven; monotonic seconds."""

    due_at: float = 0.0
    pressed: deque[tuple[str, float]] = field(default_factory=lambda: deque(maxlen=UNDER_WAY))
    proven_at: float | None = None
    """When the press was made that came back last."""
    is_unproven: bool = False
    """Whether it was said so, by this life or a former one."""


@dataclass(slots=True, kw_only=True)
class Canary:
    """One path for each broker; each gateway has its own proofs."""

    gateway: str
    clock: Clock
    press: Callable[[str, bytes], bool]
    """Cries as that broker's canary; False where that is not possible now."""
    voice: Callable[[str, str, str], None]
    """Says an event in the gateway's own voice: kind, device, cause."""
    paths: Mapping[str, Path]
    """By the broker's label."""
    _started_at: float = field(default=0.0)

    async def run(self) -> None:
        """Press every half minute, and look every second, until cancelled."""
        self._started_at = self.clock.monotonic()
        while True:
            for broker, path in self.paths.items():
                self._press(broker, path)
                self._look(broker, path)
            await self.clock.sleep(LOOK_S)

    def heard(self, broker: str, event: str, by: str) -> None:
        """A receipt for that broker's canary: ours, if we said both the press and the receipt."""
        path = self.paths[broker]
        found = next((at for pressed, at in path.pressed if pressed == event), None)
        if found is None or by != self.gateway:
            return
        while path.pressed and path.pressed[0][1] <= found:
            path.pressed.popleft()
        now = self.clock.monotonic()
        metrics.canary_seconds.labels(broker).observe(now - found)
        path.proven_at = found
        if now - found > EVERY_S:
            path.due_at = now  # an old press came through: how it is now must be seen
        self._look(broker, path)

    def age_s(self, broker: str) -> float | None:
        """How old the last proof is; none yet: None at first, then how long we have waited."""
        path, now = self.paths[broker], self.clock.monotonic()
        if path.proven_at is not None:
            return now - path.proven_at
        waited_s = now - self._started_at
        return waited_s if waited_s > UNPROVEN_S else None

    def ages(self) -> dict[str, float | None]:
        """Every broker's, in whole tenths of a second."""
        ages = {broker: self.age_s(broker) for broker in self.paths}
        return {broker: None if age is None else round(age, 1) for broker, age in ages.items()}

    def worst_s(self) -> float | None:
        """The oldest; None where one is not known yet, or where there is no broker."""
        ages = list(self.ages().values())
        known = [age for age in ages if age is not None]
        return max(known) if known and len(known) == len(ages) else None

    def _press(self, broker: str, path: Path) -> None:
        now = self.clock.monotonic()
        if now < path.due_at:
            return
        event = proof.event_id(self.gateway, secrets.token_hex(10))
        at = telling.time_text(self.clock.now())
        body = {"id": event, "kind": proof.KIND, "at": at, "clock": "synced", "age_ms": 0}
        if self.press(broker, _encode(body)):
            path.pressed.append((event, now))
            path.due_at = now + EVERY_S

    def _look(self, broker: str, path: Path) -> None:
        age = self.age_s(broker)
        waited = self.clock.monotonic() - self._started_at if age is None else age
        metrics.canary_age.labels(broker).set(waited)
        is_unproven = waited > UNPROVEN_S
        if is_unproven == path.is_unproven or (age is None and path.is_unproven):
            return  # what a former life called unproven is so until it is proven
        path.is_unproven = is_unproven
        if is_unproven:
            log.error("path not proven", broker=broker, age_s=round(waited))
            self.voice("path.unproven", about(self.gateway, broker), "no_receipt")
        else:
            log.info("path proven again", broker=broker)
            self.voice("path.proven", about(self.gateway, broker), "proven")


def about(gateway: str, broker: str) -> str:
    """Under which name the gateway speaks of its path: each has its own, and ends only its own."""
    return f"path-{gateway}-{broker}"
