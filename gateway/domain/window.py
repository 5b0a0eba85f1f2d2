"""Test windows: when and for which devices an alarm is a test, by a person's word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.kind import Kind

LONGEST = timedelta(minutes=60)
EXPECTED = 3
COMMANDED = timedelta(seconds=30)
"""How long after our own command `test` a device's press is that test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Named devices, each with the presses expected of it, for a bounded time."""

    id: str
    expected: Mapping[str, int]
    heard: Mapping[str, int]
    opened_at: datetime
    until: datetime
    closed_at: datetime | None = None
    by: str
    reason: str = ""

    def takes(self, device: str, kind: Kind, at: datetime) -> bool:
        """Whether this press of that device belongs to the test; what goes beyond is real."""
        return (
            not kind.never_test
            and self.closed_at is None
            and self.opened_at <= at < self.until
            and self.heard.get(device, 0) < self.expected.get(device, 0)
        )
