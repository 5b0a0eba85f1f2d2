"""Migrations: a new database is made whole, an old one is only ever changed by `dabyl migrate`."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.store.database import WrongDatabase, sqlite_engine
from gateway.store.reach import Reach

STATEMENT_S = 3600.0
SCRIPTS = Path(__file__).parent / "migrations"
T = TypeVar("T")


def prepare(url: str) -> None:
    """Make an empty database whole; refuse one that is not ours, too old or too new.

    Raises:
        WrongDatabase: one line that says which, and what to do.
    """
    _run(url, _prepare)


def migrate(url: str, to: str = "head") -> tuple[str | None, str]:
    """Bring a database to this version's shape, or to a revision: the one before, and after.

    Raises:
        WrongDatabase: it is not ours, or newer than this Dabyl.
    """

    def work(connection: Connection) -> tuple[str | None, str]:
        before = _known_revision(connection)
        _upgrade(connection, to)
        return before, _head() if to == "head" else to

    return _run(url, work)


def revision(url: str) -> str | None:
    """The revision a database stands at; None: it is empty."""
    return _run(url, _known_revision)


def head() -> str:
    """The revision that this Dabyl needs."""
    return _head()


def _prepare(connection: Connection) -> None:
    before = _known_revision(connection)
    if before is None:
        _upgrade(connection)
    elif before != _head():
        raise WrongDatabase(
            f"the database is at revision {before}, this Dabyl needs {_head()};"
            " back it up and run `dabyl migrate`"
        )


def _known_revision(connection: Connection) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        tables = inspect(connection).get_table_names()
        if tables:
            raise WrongDatabase(
                f"the database holds tables that are not Dabyl's ({', '.join(sorted(tables)[:3])});"
                " name an empty one in [database] url"
            )
        return None
    known = {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}
    if found not in known:
        raise WrongDatabase(
            f"the database is at revision {found}, which this Dabyl does not know;"
            " it was made by a newer one: update Dabyl"
        )
    return found


def _upgrade(connection: Connection, to: str = "head") -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _head() -> str:
    found = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if found is None:
        raise WrongDatabase("this Dabyl came without its migrations; install it anew")
    return found


def _run(url: str, work: Callable[[Connection], T]) -> T:
    """In a thread of its own: it must work with and without a running event loop."""
    result: list[T] = []
    failure: list[Exception] = []

    def run() -> None:
        try:
            result.append(_transact(url, work))
        except WrongDatabase as error:
            failure.append(error)
        except (SQLAlchemyError, CommandError, OSError, TimeoutError) as error:
            why = str(getattr(error, "orig", None) or error).splitlines()[0]
            failure.append(WrongDatabase(f"the database cannot be used: {why}"))
        except Exception as error:  # noqa: BLE001 - drivers raise classes of their own
            failure.append(WrongDatabase(f"the database cannot be used: {error}"))

    thread = threading.Thread(target=run, name="dabyl-migrate")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return result[0]


def _transact(url: str, work: Callable[[Connection], T]) -> T:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        folder = Path(str(parsed.database)).parent
        if not folder.is_dir():
            raise WrongDatabase(f"the folder {folder} is not there; make it, or name another")
        _look_first(Path(str(parsed.database)))
        engine = sqlite_engine(parsed)
        try:
            with engine.begin() as connection:
                return work(connection)
        finally:
            engine.dispose()
    return asyncio.run(_transact_postgres(url, work))


def _look_first(file: Path) -> None:
    """Opening a file as ours turns its journal mode; somebody else's must stay as it is."""
    if not file.is_file() or file.stat().st_size == 0:
        return
    address = f"{file.resolve().as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with engine.connect() as connection:
            _known_revision(connection)
    finally:
        engine.dispose()


async def _transact_postgres(url: str, work: Callable[[Connection], T]) -> T:
    parsed = make_url(url)
    # Not a primary that others follow no more; and a long migration is no failure.
    engine = create_async_engine(
        parsed.set(drivername="postgresql+asyncpg", host=None, port=None, query={}),
        async_creator=partial(Reach(parsed).connect, STATEMENT_S),
    )
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
