"""What a verb works with: its settings, and the database for as long as it needs one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import click

from gateway import settings as configuration
from gateway.cli import late
from gateway.settings import Settings
from gateway.store import database as databases
from gateway.store import revision
from gateway.store.database import Database

T = TypeVar("T")


def settings() -> Settings:
    """The settings that the command line names."""
    return configuration.load(_named())


def beside_settings(path: Path) -> Path:
    """Where that path leads if the settings name it."""
    return configuration.placed(_named(), path)


def _named() -> Path | None:
    path: Path | None = click.get_current_context().find_root().obj
    return path


def prepare(found: Settings) -> None:
    """Set up an empty database; refuse one that this version cannot use."""
    url = found.database.address()
    if not revision.is_current(url):
        late.load("gateway.store.migrate").prepare(url)


def run(found: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do that work with the database open; an empty one is set up first."""
    prepare(found)

    async def working() -> T:
        async with database(found) as opened:
            return await work(opened)

    return asyncio.run(working())


@asynccontextmanager
async def database(found: Settings) -> AsyncIterator[Database]:
    """The database, let go of at the end."""
    opened = databases.open_database(found.database.address())
    try:
        yield opened
    finally:
        await opened.close()
