"""A store in memory that answers late, not at all, or without saying whether it has committed."""

import asyncio
import random
import sqlite3
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from gateway.store import schema
from gateway.store.database import StoreDown, Urgency, Work
from gateway.store.work import Kept
from tests.simulation.life import Life, Point

T = TypeVar("T")


def _empty() -> bytes:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver.serialize()


_EMPTY = _empty()
_FILE: list[sqlite3.Connection] = []
_ENGINE = create_engine("sqlite://", creator=lambda: _FILE[0], poolclass=StaticPool)
"""One for all worlds of a process, one after the other: what it compiled once serves them all."""


@dataclass(slots=True)
class Moods:
    """How the store behaves just now."""

    down: bool = False
    doubtful: float = 0.0
    """How often a commit is done, or not done, and nobody is told which."""
    slow_s: float = 0.002


@dataclass(slots=True)
class Disk:
    """What outlives every gateway: one database, and how it behaves."""

    dice: random.Random
    moods: Moods = field(default_factory=Moods)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    commits: int = 0
    _line: Connection = field(init=False)

    def __post_init__(self) -> None:
        file = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, cached_statements=1000
        )
        file.deserialize(_EMPTY)
        _ENGINE.dispose()
        _FILE[:] = [file]
        self._line = _ENGINE.connect()  # one for all: nothing that runs on it waits in its midst

    def look(self, work: Work[T]) -> T:
        """Read what is there now, as whoever checks."""
        try:
            return work(self._line)
        finally:
            self._line.rollback()

    def change(self, work: Work[T]) -> T:
        """Do it in one transaction."""
        with self._line.begin():
            self._line.exec_driver_sql("BEGIN")
            return work(self._line)

    def close(self) -> None:
        """Let go of it."""
        self._line.close()
        _ENGINE.dispose()


class Store:
    """The Database of one life of a gateway."""

    dialect = "sqlite"

    def __init__(self, disk: Disk, life: Life) -> None:
        self._disk, self._life = disk, life

    async def write(self, work: Work[T], urgency: Urgency) -> T:  # noqa: ARG002 - who comes first is written first here
        """Run it in one transaction; see Database."""
        disk, dice = self._disk, self._disk.dice
        async with disk.writing:
            await asyncio.sleep(dice.expovariate(1 / disk.moods.slow_s))
            await self._life.step(Point.COMMITTING)
            if disk.moods.down:
                raise StoreDown("pretended to be away")
            is_doubtful = dice.random() < disk.moods.doubtful
            if is_doubtful and dice.random() < 0.5:
                raise StoreDown("pretended not to know, and did nothing")
            found = disk.change(work)
            disk.commits += 1
            if is_doubtful:
                raise StoreDown("pretended not to know, and had done it")
        await self._life.step(Point.COMMITTED)
        await asyncio.sleep(0)
        return found

    async def keep(self, work: Work[T], urgency: Urgency) -> Kept[T]:
        """A write, on this one disk."""
        return Kept(await self.write(work, urgency))

    async def write_and_forget(self, work: Work[T], urgency: Urgency) -> T:  # noqa: ARG002 - as write
        """Say that it is done, and roll it back: what no store may do, so that it is found out."""

        def undone(connection: Connection) -> T:
            connection.exec_driver_sql("BEGIN")
            return work(connection)

        return self._disk.look(undone)

    async def read(self, work: Work[T]) -> T:
        """Run it in one read-only transaction."""
        await asyncio.sleep(0)
        if self._life.is_over:
            await asyncio.Event().wait()
        if self._disk.moods.down:
            raise StoreDown("pretended to be away")
        return self._disk.look(work)

    async def close(self) -> None:
        """Nothing is held."""


def rows(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    """What a checker asks for."""
    return [tuple(row) for row in connection.exec_driver_sql(sql)]


def journalled(connection: Connection, device: str, event_id: str) -> bool:
    """Whether that event has a row."""
    of_it = f"WHERE device = '{device}' AND event_id = '{event_id}'"
    return any(
        rows(connection, f"SELECT 1 FROM journal_{lane} {of_it}")  # noqa: S608 - our own ids
        for lane in ("alarm", "event")
    )
