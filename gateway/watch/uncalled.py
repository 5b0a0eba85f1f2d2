"""Uncalled: cameras that are to be called and that nobody calls; their silence counts in time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from gateway.domain.presence import Presence

PATIENCE_S = 120.0
"""All of a large gateway's cameras have had their turn by then, after any start."""


@dataclass(slots=True)
class Uncalled:
    """Since when nobody calls each of them; by whichever gateway."""

    presence: Presence
    _since_s: dict[str, float] = field(default_factory=dict)

    def look(self, wanted: Iterable[str], now_s: float) -> None:
        """Whoever waited for so long for its turn is expected as if it had come."""
        called_s, silent = self.presence.called_s, self.presence.silent
        waiting = {
            device for device in wanted if called_s.get(device, inf) == inf and device not in silent
        }
        for device in self._since_s.keys() - waiting:
            del self._since_s[device]
        for device in waiting:
            if now_s - self._since_s.setdefault(device, now_s) >= PATIENCE_S:
                called_s[device] = now_s
