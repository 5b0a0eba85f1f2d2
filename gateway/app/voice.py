"""The gateway's own voice: what it has to say about itself goes the way of every other event."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from adapters.signal import Receipt
from gateway.bus import Bus, Heard, LaneFull
from gateway.clock import Clock
from gateway.domain import belief
from gateway.domain.kind import KINDS
from gateway.domain.site import Registry
from gateway.domain.supervision import Finding
from gateway.forward.line import Trouble

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Voice:
    """Puts events of the gateway's own on the bus."""

    bus: Bus
    clock: Clock
    registry: Callable[[], Registry] = field(default=Registry)

    def say(self, kind: str, device: str, cause: str) -> None:
        """Say that kind of event, about a device or a receiver."""
        event_id = f"g-{secrets.token_hex(12)}"
        event = belief.voiced(
            KINDS[kind], device, event_id, cause[:40], self.clock.now(), self.registry()
        )
        try:
            self.bus.put(Heard(event, _silent, self.clock.monotonic()))
        except LaneFull:
            log.warning("no room to say it", kind=kind, device=device, cause=cause)

    def find(self, finding: Finding) -> bool:
        """Say what supervision found; False: there is no room for it now."""
        try:
            event = belief.found(finding, self.clock.now(), self.registry())
            self.bus.put(Heard(event, _silent, self.clock.monotonic()))
        except LaneFull:
            # It stands in the memory of whoever found it, who says it again.
            log.warning("no room to say it", kind=finding.kind, device=finding.about)
            return False
        return True

    def trouble(self, kind: str, about: str, cause: str) -> None:
        """Say a condition, or its end; beside an open alarm of it there is no second."""
        self.find(Finding(kind=kind, about=about, cause=cause))

    def of_receiver(self, receiver: str, trouble: Trouble, cause: str) -> None:
        """Say what is wrong with a receiver, or that it is well again."""
        self.say(trouble.value, f"receiver-{receiver}", cause)


def _silent(_: Receipt) -> None:
    """Nobody waits for a receipt of the gateway's own words."""
