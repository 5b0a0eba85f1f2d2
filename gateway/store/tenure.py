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
from gateway.store.database import WrongDatabase

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
