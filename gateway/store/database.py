"""One database, SQLite or PostgreSQL: a write and a read, each a whole transaction.

StoreError
├── WrongDatabase    it is not ours, too old, too new, or not there
├── BadData          this batch can never be stored as it is
├── StoreBroken      a write to the disk itself failed: the process must stop
└── StoreDown        not now: full, locked, gone; whether it was stored is unknown
    └── Conflict     another wrote the same first; asked again, it will be seen
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InvalidRequestError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gateway.store.writer import Closed, Writer

T = TypeVar("T")
Work = Callable[[Connection], T]

BUSY_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 10.0
READERS = 4
CACHE_KIB = 4096
"""Of each connection; what it does not hold, the system's own cache does. 32 MiB for each of the
five made the process grow by half in a storm, and it was no faster."""


class StoreError(Exception):
    """The store could not do it."""


class WrongDatabase(StoreError):
    """It is not ours, too old, too new, or not there."""


class BadData(StoreError):
    """This batch can never be stored as it is; its parts may be."""


class StoreBroken(StoreError):
    """A write to the disk itself failed: nothing it says can be trusted, the process must stop."""


class StoreDown(StoreError):
    """Not now; whether anything was stored is unknown."""


class Conflict(StoreDown):
    """Another wrote the same first; asked again, it will be seen."""


class Urgency(IntEnum):
    """Who goes first where writes must queue."""

    ALARM = 0
    STEP = 1
    """A person's step, a settled delivery."""
    EVENT = 2
    BULK = 3


COMMAND_S: dict[Urgency | None, float] = {Urgency.ALARM: 5.0}
"""How long PostgreSQL may think about one statement; behind it other presses wait."""


class Database(Protocol):
    """What the rest of the gateway needs of a database."""

    dialect: str

    async def write(self, work: Work[T], urgency: Urgency) -> T:
        """Run the work in one transaction and commit it durably.

        Raises:
            BadData: the work's data was refused; nothing of it is stored.
            StoreDown: anything else; whether it was committed is unknown.
        """

    async def read(self, work: Work[T]) -> T:
        """Run the work in one read-only transaction."""

    async def close(self) -> None:
        """Let go of every connection."""


def open_database(url: str) -> Database:
    """The database of a settings URL (`sqlite:///…` or `postgresql://…`).

    Raises:
        WrongDatabase: an URL of another kind.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise WrongDatabase(f"the database url cannot be read: {error}") from None
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed)
    if parsed.get_backend_name() == "postgresql":
        return PostgresDatabase(parsed)
    raise WrongDatabase(
        f"unknown database {parsed.get_backend_name()!r}; use sqlite:///FILE or postgresql://…"
    )


class SqliteDatabase:
    """SQLite: one writer thread that takes the most urgent transaction next, and pooled readers."""

    dialect = "sqlite"

    def __init__(self, url: URL) -> None:
        self._engine = sqlite_engine(url)
        self._reading = create_engine(
            url.set(drivername="sqlite+pysqlite"), pool_size=READERS, max_overflow=0
        )
        event.listen(self._reading, "connect", _prepare_sqlite)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="dabyl-reader")
        self._writer = Writer(self._engine)

    async def write(self, work: Work[T], urgency: Urgency) -> T:
        """Queue the work for the writer thread; see Database."""
        try:
            done: Future[T] = self._writer.put(work, urgency)
        except Closed:
            raise StoreDown("the store is closed") from None
        # A commit under way goes on even when whoever asked stops waiting.
        return await _translated(asyncio.wrap_future(done))

    async def read(self, work: Work[T]) -> T:
        """Run the work on a reader, in one hop; see Database."""
        try:
            done = self._readers.submit(_read_in_thread, self._reading, work)
        except RuntimeError:
            raise StoreDown("the store is closed") from None
        return await _translated(asyncio.wrap_future(done))

    async def close(self) -> None:
        """Finish what is queued, then let go."""
        await asyncio.to_thread(self._writer.close, CLOSE_TIMEOUT_S)
        await asyncio.to_thread(self._readers.shutdown, cancel_futures=True)
        self._reading.dispose()
        self._engine.dispose()


class PostgresDatabase:
    """PostgreSQL over asyncpg: alarms have a connection of their own, no passage is before them."""

    dialect = "postgresql"

    def __init__(self, url: URL) -> None:
        async_url = url.set(drivername="postgresql+asyncpg")
        self._pools: dict[Urgency | None, AsyncEngine] = {
            key: create_async_engine(
                async_url,
                pool_size=size,
                max_overflow=0,
                pool_timeout=10,
                connect_args={"timeout": 5, "command_timeout": COMMAND_S.get(key, 30)},
                pool_pre_ping=False,
            )
            for key, size in (
                (Urgency.ALARM, 1),
                (Urgency.STEP, 2),
                (Urgency.EVENT, 1),
                (Urgency.BULK, 1),
                (None, 4),
            )
        }

    async def write(self, work: Work[T], urgency: Urgency) -> T:
        """Run the work on the connection of that urgency; see Database."""
        return await _translated(self._write(work, urgency))

    async def _write(self, work: Work[T], urgency: Urgency) -> T:
        async with (
            self._pools[urgency].connect() as connection,
            _given_up_when_broken(connection),
            connection.begin(),
        ):
            return await connection.run_sync(work)

    async def read(self, work: Work[T]) -> T:
        """Run the work on a reader; see Database."""
        return await _read(self._pools[None], work)

    async def close(self) -> None:
        """Let go of every connection."""
        for engine in self._pools.values():
            await engine.dispose()


def sqlite_engine(url: URL) -> Engine:
    """A synchronous engine whose transactions begin IMMEDIATE and are durable when committed."""
    engine = create_engine(url.set(drivername="sqlite+pysqlite"))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:  # noqa: ANN401, ARG001
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        f"busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}",
        "foreign_keys = ON",
        f"cache_size = -{CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # On the driver's own connection: SQLAlchemy takes 45 us for each statement that it runs.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - it is a SQLite engine
    driver.execute("BEGIN IMMEDIATE")


def _read_in_thread(engine: Engine, work: Work[T]) -> T:
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        return work(connection)


async def _read(engine: AsyncEngine, work: Work[T]) -> T:
    async def run() -> T:
        async with engine.connect() as connection, _given_up_when_broken(connection):
            return await connection.run_sync(work)

    return await _translated(run())


@asynccontextmanager
async def _given_up_when_broken(connection: AsyncConnection) -> AsyncIterator[None]:
    """A connection that failed for any reason but its data is never used again.

    Statements on the driver's own cursor, and timeouts, are not told to SQLAlchemy's pool.
    """
    try:
        yield
    except (DataError, IntegrityError):
        raise
    except (DBAPIError, InvalidRequestError, OSError, TimeoutError) as error:
        await connection.invalidate(error)
        raise


async def _translated(awaited: Awaitable[T]) -> T:
    try:
        return await awaited
    except IntegrityError as error:
        raise Conflict(_line(error)) from error
    except (DataError, OverflowError, UnicodeEncodeError) as error:
        raise BadData(_line(error)) from error
    except StatementError as error:
        if isinstance(error, DBAPIError):
            if _is_bad_data(error.orig):
                raise BadData(_line(error)) from error
            raise _away(error, error.orig) from error
        raise BadData(_line(error)) from error
    except (SQLAlchemyError, sqlite3.Error, OSError, TimeoutError) as error:
        raise _away(error, error) from error


def _away(error: BaseException, cause: BaseException | None) -> StoreError:
    """Down, or broken where the disk itself has failed."""
    kind = StoreBroken if _fsync_failed(cause) else StoreDown
    return kind(_line(error))


def _is_bad_data(error: BaseException | None) -> bool:
    """PostgreSQL's classes 22 (data) and 23 (integrity); asyncpg's driver folds 22 into others."""
    return str(getattr(error, "sqlstate", None) or "")[:2] in {"22", "23"}


def _fsync_failed(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code in {sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC}


def _line(error: BaseException) -> str:
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    return said.splitlines()[0][:300]
