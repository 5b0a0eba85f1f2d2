"""One database, SQLite or PostgreSQL: a write and a read, each a whole transaction.

What may go wrong is in errors.py; PostgreSQL's side is in postgres.py.
"""

import asyncio
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from gateway.store.errors import (
    BadData,
    Conflict,
    Crossed,
    NameLost,
    StoreBroken,
    StoreDown,
    StoreError,
    WrongDatabase,
    line,
    translated,
)
from gateway.store.postgres import PostgresDatabase
from gateway.store.urgency import Urgency
from gateway.store.work import Kept, Work
from gateway.store.writer import Closed, Writer

__all__ = [
    "BadData",
    "Conflict",
    "CountingDatabase",
    "Crossed",
    "Database",
    "Kept",
    "NameLost",
    "PostgresDatabase",
    "SqliteDatabase",
    "StoreBroken",
    "StoreDown",
    "StoreError",
    "Urgency",
    "Work",
    "WrongDatabase",
    "check",
    "open_database",
    "sqlite_engine",
]

T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 10.0
READERS = 4
CACHE_KIB = 4096
"""Of each connection; what it does not hold, the system's own cache does. 32 MiB for each of the
five made the process grow by half in a storm, and it was no faster."""


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


class CountingDatabase(Database, Protocol):
    """A database that says on how many machines a commit is."""

    async def keep(self, work: Work[T], urgency: Urgency) -> Kept[T]:
        """A write, and on how many machines it is by the database's own word."""


def open_database(url: str) -> CountingDatabase:
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


def check(database: Database) -> None:
    """Whether the process may go on with it.

    Raises:
        StoreBroken: the disk failed, whoever met it. A server ends itself when its own does.
    """
    if isinstance(database, SqliteDatabase):
        database.check()


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
        return await translated(asyncio.wrap_future(done))

    async def keep(self, work: Work[T], urgency: Urgency) -> Kept[T]:
        """The same: there is one machine."""
        return Kept(await self.write(work, urgency))

    async def read(self, work: Work[T]) -> T:
        """Run the work on a reader, in one hop; see Database."""
        try:
            done = self._readers.submit(_read_in_thread, self._reading, work)
        except RuntimeError:
            raise StoreDown("the store is closed") from None
        return await translated(asyncio.wrap_future(done))

    def check(self) -> None:
        """See `check`."""
        if broken := self._writer.broken:
            raise StoreBroken(line(broken)) from broken

    async def close(self) -> None:
        """Finish what is queued, then let go."""
        await asyncio.to_thread(self._writer.close, CLOSE_TIMEOUT_S)
        await asyncio.to_thread(self._readers.shutdown, cancel_futures=True)
        self._reading.dispose()
        self._engine.dispose()


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
