"""The reception: why somebody does not come in, and how many passwords are tried at once."""

import asyncio
import os
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from starlette.exceptions import HTTPException

from gateway import passwords
from gateway.web.throttle import Throttle

TRIES = max(1, (os.cpu_count() or 2) // 2)
"""Passwords tried at once: each takes a core and 64 MiB for a tenth of a second."""
WAITING = 64
"""So many more wait for their turn; who comes then is told to come again."""
T = TypeVar("T")


class Why(StrEnum):
    """Why somebody does not come in; the page says `signin.<why>`."""

    FAILED = "failed"
    """Name and password."""
    SPENT = "spent"
    """A token or a link that opens nothing."""
    THROTTLED = "throttled"
    BUSY = "busy"
    PLAIN = "plain"
    FOREIGN = "foreign"
    STRANGER = "stranger"
    """Known elsewhere, but nobody here."""
    ELSEWHERE = "elsewhere"
    """The other place did not vouch for anybody."""


_STATUS = {
    Why.FAILED: 401,
    Why.SPENT: 401,
    Why.THROTTLED: 429,
    Why.BUSY: 503,
    Why.PLAIN: 403,
    Why.FOREIGN: 403,
    Why.STRANGER: 403,
    Why.ELSEWHERE: 502,
}


class Refused(HTTPException):
    """They do not come in."""

    def __init__(self, why: Why, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(_STATUS[why], detail, headers)
        self.why = why
        self.name = ""
        """Whose name they said, if it is somebody's: what nobody is called may be a password."""


class Reception:
    """Counts failures, and lets no more passwords be tried at once than the machine bears."""

    def __init__(self) -> None:
        self.throttle = Throttle()
        self._tries = asyncio.Semaphore(TRIES)
        self._waiting = 0

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether that is the password of that hash; None: of nobody, which takes as long.

        Raises:
            Refused: too many are tried now.
        """
        return await self._slowly(lambda: passwords.fits(kept, password))

    async def hashed(self, password: str) -> str:
        """Its hash.

        Raises:
            Refused: too many are tried now.
        """
        return await self._slowly(lambda: passwords.hashed(password))

    async def _slowly(self, work: Callable[[], T]) -> T:
        if self._waiting >= TRIES + WAITING:
            raise Refused(Why.BUSY, "too many sign in at once", {"Retry-After": "2"})
        self._waiting += 1
        try:
            async with self._tries:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
