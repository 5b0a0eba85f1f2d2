"""Failed logins of one camera, counted over its lives: cameras lock accounts that fail too often.

Pure: times are seconds of a monotonic clock.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

LIMIT: Final = 3
WINDOW_S: Final = 15 * 60.0


@dataclass(slots=True)
class Logins:
    """After three failures in 15 minutes none is tried for 15 minutes, and then one at a time."""

    _failed_at: deque[float] = field(default_factory=lambda: deque(maxlen=LIMIT))
    _locked_until: float = 0.0
    _is_on_trial: bool = False

    def failed(self, at: float) -> None:
        """The camera refused a login for what it was."""
        self._failed_at.append(at)
        recent = [one for one in self._failed_at if one > at - WINDOW_S]
        if self._is_on_trial or len(recent) >= LIMIT:
            self._locked_until = at + WINDOW_S
            self._is_on_trial = True

    def succeeded(self) -> None:
        """It let us in: whatever failed before is forgotten."""
        self._failed_at.clear()
        self._locked_until, self._is_on_trial = 0.0, False

    def wait_s(self, at: float) -> float:
        """So long no login may be tried; 0: one may."""
        return max(0.0, self._locked_until - at)
