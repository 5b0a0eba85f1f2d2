"""A line's hold: until when all that it has in hand is surely its own to send."""

import math
from dataclasses import dataclass

DOUBT_S = 1.0
"""So long what may be another's is not sent; then it is, for the store does not say: the centre
knows it by its key, and nobody must wait for help because a store is away."""


@dataclass(slots=True)
class Hold:
    """Monotonic seconds; renewed by the forward loop as long as the line turns."""

    until: float = math.inf
    _doubtful_at: float | None = None

    def renewed(self, until: float) -> None:
        """The store says that what is in hand is ours."""
        self.until, self._doubtful_at = until, None

    def is_in_doubt(self, now: float) -> bool:
        """We stood still, or the store is away: another may be sending what we hold."""
        if now <= self.until:
            return False
        if self._doubtful_at is None:
            self._doubtful_at = now
        return now - self._doubtful_at < DOUBT_S
