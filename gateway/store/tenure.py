"""Tenure: a gateway's name has one live holder; at its death system or server ends it."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from gateway.clock import Clock
from gateway.store.database import StoreDown, WrongDatabase

PATIENCE_S = 5.0
"""A server needs a moment to notice that a killed holder is gone."""
ASK_EVERY_S = 0.2
CONNECT_TIMEOUT_S = 5.0


@contextlib.asynccontextmanager
async def hold(url: str, name: str, clock: Clock) -> AsyncIterator[None]:
    """Hold that name while the block runs.

    Raises:
        WrongDatabase: another live gateway holds it.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with _file_lock(Path(f"{parsed.database}.{name}.lock"), name):
            yield
    else:
        connection = await _server_lock(parsed, name, clock)
        try:
            yield
        finally:
            await _let_go(connection)


async def is_held(url: str, name: str) -> bool:
    """Whether a gateway of that name runs on this database now; it is not disturbed.

    Raises:
        StoreDown: the database does not answer.
    """
    parsed = make_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            return _is_file_locked(Path(f"{parsed.database}.{name}.lock"))
        dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S)
        try:
            return bool(await connection.fetchval(_HELD, f"dabyl gateway {name}"))
        finally:
            await _let_go(connection)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreDown(str(error)) from None


_HELD = """
SELECT EXISTS (
  SELECT FROM pg_locks
  WHERE locktype = 'advisory' AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0)
)
"""
"""A look at the locks, and none taken: a gateway that starts meanwhile is not refused."""


def _is_file_locked(file: Path) -> bool:
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # Shared, and for an instant: a gateway that starts in it is refused, and starts again.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def _file_lock(file: Path, name: str) -> Iterator[None]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _taken(name) from None
        yield
    finally:
        os.close(descriptor)


async def _server_lock(url: URL, name: str, clock: Clock) -> "asyncpg.Connection[asyncpg.Record]":
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S)
    deadline = clock.monotonic() + PATIENCE_S
    while not await connection.fetchval(
        "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", f"dabyl gateway {name}"
    ):
        if clock.monotonic() > deadline:
            await _let_go(connection)
            raise _taken(name)
        await clock.sleep(ASK_EVERY_S)
    return connection


async def _let_go(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
        async with asyncio.timeout(1):
            await connection.close()


def _taken(name: str) -> WrongDatabase:
    return WrongDatabase(
        f"another gateway named {name!r} is running on this database;"
        " stop it, or give this one its own [gateway] name"
    )
