"""Heeded: a database whose lost answers are told to whoever must know."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.store.database import CountingDatabase, StoreDown, Urgency, Work
from gateway.store.work import Kept

T = TypeVar("T")


@dataclass(slots=True)
class Heeded:
    """For those who owe notices: a write that failed, or was given up, may have happened."""

    real: CountingDatabase
    doubted: Callable[[], None]
    dialect: str = field(init=False)

    def __post_init__(self) -> None:
        self.dialect = self.real.dialect

    async def write(self, work: Work[T], urgency: Urgency) -> T:
        """See Database."""
        with self._told():
            return await self.real.write(work, urgency)

    async def keep(self, work: Work[T], urgency: Urgency) -> Kept[T]:
        """See CountingDatabase."""
        with self._told():
            return await self.real.keep(work, urgency)

    async def read(self, work: Work[T]) -> T:
        """See Database."""
        return await self.real.read(work)

    async def close(self) -> None:
        """See Database."""
        await self.real.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (StoreDown, asyncio.CancelledError):
            self.doubted()
            raise
