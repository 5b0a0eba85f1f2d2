"""A loop whose time is pretended: when nothing can be done now, the next timer's time has come.

One thread, no sockets, nothing of the machine's own pace: what runs on it runs the same again.
"""

import asyncio
import selectors
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

BEGINS = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class StandsStill(AssertionError):
    """Nobody can do anything, and no timer will change that."""


class PretendedLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own, seconds since it began."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        super().__init__(_Nothing(self))

    def time(self) -> float:
        """The pretended time."""
        return self.passed_s

    def _make_self_pipe(self) -> None:
        """Nobody calls from another thread."""

    def _close_self_pipe(self) -> None:
        """Likewise."""


class PretendedClock:
    """That loop's time as the gateway's clock, and as the devices'."""

    def __init__(self, loop: PretendedLoop, *, ahead_s: float = 0.0) -> None:
        """A clock whose time of day is wrong by so much."""
        self._loop = loop
        self._ahead_s = ahead_s

    def now(self) -> datetime:
        """The time of day."""
        return BEGINS + timedelta(seconds=self._loop.passed_s + self._ahead_s)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._loop.passed_s + 1000.0

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        await asyncio.sleep(seconds)


class _Nothing(selectors.BaseSelector):
    """No file is ever ready; waiting only moves the time."""

    def __init__(self, loop: PretendedLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise StandsStill
        self._loop.passed_s += max(0.0, timeout)
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> Any:  # noqa: ANN401 - as the base class has it
        raise NotImplementedError  # no world has sockets: whoever opens one is found out

    def unregister(self, fileobj: Any) -> Any:  # noqa: ANN401 - likewise
        raise NotImplementedError  # likewise

    def get_map(self) -> Mapping[Any, Any]:
        return {}
