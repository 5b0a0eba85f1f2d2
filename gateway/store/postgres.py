"""PostgreSQL over asyncpg: alarms have a connection of their own, no passage is before them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gateway.store import copies
from gateway.store.copies import Pledge, Session
from gateway.store.errors import StoreDown, translated
from gateway.store.reach import AWAY, Reach
from gateway.store.urgency import Urgency
from gateway.store.work import Kept, Work

T = TypeVar("T")

POOLS: dict[Urgency | None, int] = {
    Urgency.ALARM: 1,
    Urgency.STEP: 2,
    Urgency.EVENT: 1,
    Urgency.BULK: 1,
    None: 4,
}
COMMAND_S: dict[Urgency | None, float] = {
    Urgency.ALARM: 5.0,
    Urgency.STEP: 5.0,
    Urgency.EVENT: 10.0,
    Urgency.BULK: 30.0,
    None: 10.0,
}
"""How long PostgreSQL may think about one statement; behind it others wait."""
IDLE_MS = {Urgency.ALARM: 3000, Urgency.STEP: 3000, Urgency.EVENT: 3000}
"""A gateway that stands still within a transaction holds locks for which all others wait."""
IDLE_LONGER_MS = 30_000
LOCK_MS = {Urgency.STEP: 2000}
"""A person is told soon that a step did not come through, and lets go of what it holds: a press of
the same alarm would wait for that."""
POOL_TIMEOUT_S = 10
_SESSION = "dabyl session"


class PostgresDatabase:
    """A pool for each urgency, on the server that may be written to."""

    dialect = "postgresql"

    def __init__(self, url: URL) -> None:
        self.reach = Reach(url)
        self.has_standbys = False
        """Set by whoever looks now and then: commits are then asked on how many machines they are,
        also on connections that knew of none."""
        self._pools = {key: self._pool(url, key, size) for key, size in POOLS.items()}

    async def write(self, work: Work[T], urgency: Urgency) -> T:
        """Run the work on the connection of that urgency; see Database."""
        return (await self.keep(work, urgency)).found

    async def keep(self, work: Work[T], urgency: Urgency) -> Kept[T]:
        """The same, and on how many machines the commit is; see Database."""
        return await translated(self._keep(work, urgency))

    async def read(self, work: Work[T]) -> T:
        """Run the work on a reader; see Database."""
        return await translated(self._read(work))

    async def close(self) -> None:
        """Let go of every connection."""
        for engine in self._pools.values():
            await engine.dispose()

    async def _keep(self, work: Work[T], urgency: Urgency) -> Kept[T]:
        async with self._pools[urgency].connect() as connection, self._given_up(connection):
            session = await _session(connection)
            if session.pledge is None:
                session.pledge = await _pledge(connection)
            async with connection.begin():
                found = await connection.run_sync(work)
                before = session.warnings
            if session.warnings != before:
                raise StoreDown("the server did not wait for a standby: whether it is kept is open")
            return Kept(found, await self._machines(connection, session))

    async def _read(self, work: Work[T]) -> T:
        async with self._pools[None].connect() as connection, self._given_up(connection):
            return await connection.run_sync(work)

    async def _machines(self, connection: AsyncConnection, session: Session) -> int:
        """On how many machines the commit is that ended just now. It is kept in any case."""
        before = session.pledge
        if before is None or (before.machines == 1 and not self.has_standbys):
            return 1
        try:
            return session.kept(await _pledge(connection))
        except AWAY as error:
            await connection.invalidate(error)
            return 1

    def _pool(self, url: URL, urgency: Urgency | None, size: int) -> AsyncEngine:
        idle_ms = IDLE_LONGER_MS if urgency is None else IDLE_MS.get(urgency, IDLE_LONGER_MS)
        settings = {"idle_in_transaction_session_timeout": str(idle_ms)}
        if urgency in LOCK_MS:
            settings["lock_timeout"] = str(LOCK_MS[urgency])
        engine = create_async_engine(
            url.set(drivername="postgresql+asyncpg", host=None, port=None, query={}),
            async_creator=partial(self.reach.connect, COMMAND_S[urgency], settings),
            pool_size=size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=False,
        )
        event.listen(engine.sync_engine, "connect", _listen)
        return engine

    @asynccontextmanager
    async def _given_up(self, connection: AsyncConnection) -> AsyncIterator[None]:
        """A connection that failed for any reason but its data is never used again.

        Statements on the driver's own cursor, and timeouts, are not told to SQLAlchemy's pool.
        """
        try:
            yield
        except (DataError, IntegrityError):
            raise
        except (DBAPIError, InvalidRequestError, OSError, TimeoutError, StoreDown) as error:
            self.reach.forget()
            await connection.invalidate(error)
            raise


def _listen(connection: Any, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
    """Hear what the server says unasked, from the first moment of a connection."""
    session = Session()
    connection.driver_connection.add_log_listener(session.hear)
    record.info[_SESSION] = session


async def _session(connection: AsyncConnection) -> Session:
    raw = await connection.get_raw_connection()
    found: Session = raw.info[_SESSION]
    return found


async def _pledge(connection: AsyncConnection) -> Pledge:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    return Pledge(*await driver.fetchrow(copies.ASK))
