"""The time: injected everywhere, so that a story can push it forward."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for what is said, monotonic time for how long it took."""

    def now(self) -> datetime:
        """The aware UTC time."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Wait so long by this clock."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The aware UTC time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        await asyncio.sleep(seconds)
