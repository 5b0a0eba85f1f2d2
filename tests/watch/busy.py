"""A database that knows how many transactions are under way: something to wait for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection

from gateway.store.database import CountingDatabase, Kept, Urgency

T = TypeVar("T")


class Busy:
    """A database that knows how many transactions are under way."""

    def __init__(self, real: CountingDatabase) -> None:
        self._real, self.dialect, self.pending = real, real.dialect, 0

    async def write(self, work: Callable[[Connection], T], urgency: Urgency) -> T:
        with self._counted():
            return await self._real.write(work, urgency)

    async def keep(self, work: Callable[[Connection], T], urgency: Urgency) -> Kept[T]:
        with self._counted():
            return await self._real.keep(work, urgency)

    async def read(self, work: Callable[[Connection], T]) -> T:
        with self._counted():
            return await self._real.read(work)

    async def close(self) -> None:
        await self._real.close()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self.pending += 1
        try:
            yield
        finally:
            self.pending -= 1
