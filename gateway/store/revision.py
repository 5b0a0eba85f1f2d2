"""Revision: whether a database has this version's shape, asked without what could change it.

A gateway that starts again finds it as it left it, and need not load Alembic for that: some 80 ms
of CPU before the first press can be heard.
"""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from gateway.store.errors import WrongDatabase
from gateway.store.reach import AWAY, Reach

VERSIONS = Path(__file__).parent / "migrations" / "versions"
TIMEOUT_S = 5.0
_ASKED = "SELECT version_num FROM alembic_version"


def newest() -> str:
    """The revision that this Dabyl needs: the last of its files."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def is_current(url: str) -> bool:
    """Whether it is the newest; False also where that cannot be told so simply."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            found = _of_sqlite(Path(str(parsed.database)))
        else:
            # On a thread of its own: whoever asks may have a running loop.
            with ThreadPoolExecutor(1) as thread:
                found = thread.submit(asyncio.run, _of_postgres(parsed)).result()
    except (SQLAlchemyError, sqlite3.Error, ValueError, WrongDatabase, *AWAY):
        return False
    return found == [newest()]


def _of_sqlite(file: Path) -> list[str]:
    if not file.is_file():
        return []
    address = f"{file.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=TIMEOUT_S)) as connection:
        return [str(row[0]) for row in connection.execute(_ASKED)]


async def _of_postgres(url: URL) -> list[str]:
    connection = await Reach(url).connect(TIMEOUT_S)
    try:
        return [str(row[0]) for row in await connection.fetch(_ASKED, timeout=TIMEOUT_S)]
    finally:
        connection.terminate()
