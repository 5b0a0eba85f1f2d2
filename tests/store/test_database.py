"""A write and a read: whole transactions, and errors that say what may be done about them."""

import asyncio
import sqlite3
import threading
from functools import partial

import pytest
from sqlalchemy import Connection, insert, text

from gateway.store import database, schema, versions, writeback
from gateway.store.database import (
    BadData,
    Conflict,
    Database,
    StoreBroken,
    StoreDown,
    StoreError,
    Urgency,
    WrongDatabase,
)
from tests.store.making import do


def put(connection: Connection, name: str | None, value: int) -> None:
    connection.execute(insert(schema.versions), {"name": name, "value": value})


async def test_a_transaction_that_fails_leaves_nothing(store: Database) -> None:
    def half(connection: Connection) -> None:
        put(connection, "a", 1)
        raise LookupError

    with pytest.raises(LookupError):
        await do(store, half)
    assert await do(store, versions.read) == {}


@pytest.mark.parametrize("value", [2**63, -(2**70)])
async def test_a_number_no_database_takes_is_bad_data(store: Database, value: int) -> None:
    with pytest.raises(BadData):
        await do(store, put, "a", value)
    assert await do(store, versions.read) == {}


@pytest.mark.parametrize("name", ["a\0b", "x" * 41])
async def test_a_text_that_postgresql_refuses_is_bad_data_and_not_an_outage(
    store: Database, name: str
) -> None:
    if store.dialect == "sqlite":
        await do(store, put, name, 1)  # it takes both
    else:
        with pytest.raises(BadData):
            await do(store, put, name, 1)


async def test_a_row_that_is_there_already_is_a_conflict(store: Database) -> None:
    await do(store, put, "a", 1)
    with pytest.raises(Conflict):
        await do(store, put, "a", 2)


async def test_a_statement_that_fails_otherwise_is_an_outage(store: Database) -> None:
    with pytest.raises(StoreDown):
        await do(store, lambda c: c.execute(text("SELECT * FROM nowhere")))


async def test_the_store_goes_on_after_a_failure(store: Database) -> None:
    for _ in range(3):
        with pytest.raises(StoreDown):
            await do(store, lambda c: c.execute(text("SELECT * FROM nowhere")))
    await do(store, put, "a", 1)
    assert await store.read(versions.read) == {"a": 1}


def _failed_sync(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_after_a_failed_fsync_nothing_is_written(store: Database) -> None:
    """The next attempt might be called good by a system that has forgotten the pages."""

    def fails(connection: Connection) -> None:
        put(connection, "a", 1)
        raise _failed_sync(sqlite3.SQLITE_IOERR_FSYNC)

    for work in (fails, partial(put, name="b", value=1)):
        with pytest.raises(StoreBroken):
            await store.write(work, Urgency.BULK)
    assert await store.read(versions.read) == {}
    with pytest.raises(StoreBroken, match="I/O"):
        database.check(store)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_nor_after_one_that_failed_while_the_log_was_written_back(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> bool:
        raise _failed_sync(sqlite3.SQLITE_IOERR_FSYNC)

    monkeypatch.setattr(writeback.WriteBack, "_write_back", fails)

    async def write_on() -> None:
        while True:
            await do(store, versions.read)
            await asyncio.sleep(0.05)

    database.check(store)
    with pytest.raises(StoreBroken):
        await asyncio.wait_for(write_on(), 10)
    with pytest.raises(StoreBroken):
        database.check(store)


async def test_a_store_whose_data_was_refused_is_whole(store: Database) -> None:
    for sql in ("SELECT * FROM nowhere", "INSERT INTO versions (name) VALUES (NULL)"):
        with pytest.raises(StoreError):
            await do(store, lambda c, sql=sql: c.execute(text(sql)))
    database.check(store)


async def test_a_closed_store_says_so(store: Database) -> None:
    await store.close()
    if store.dialect == "sqlite":
        with pytest.raises(StoreDown):
            await do(store, versions.read)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "oracle://h/d"])
def test_a_database_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(WrongDatabase):
        database.open_database(url)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_presses_go_before_whatever_waits(store: Database) -> None:
    begun, go_on, order = threading.Event(), threading.Event(), list[Urgency]()

    def hold(_: Connection) -> None:
        begun.set()
        assert go_on.wait(5)

    def note(urgency: Urgency, _: Connection) -> None:
        order.append(urgency)

    first = asyncio.create_task(store.write(hold, Urgency.BULK))
    await asyncio.to_thread(begun.wait, 5)
    waiting = [
        asyncio.create_task(store.write(partial(note, u), u))
        for u in (Urgency.BULK, Urgency.EVENT, Urgency.STEP, Urgency.ALARM)
    ]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, *waiting)
    assert order == sorted(Urgency)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_sqlite_is_durable_at_each_commit(store: Database) -> None:
    def pragmas(connection: Connection) -> tuple[object, object]:
        mode = connection.execute(text("PRAGMA journal_mode")).scalar()
        return mode, connection.execute(text("PRAGMA synchronous")).scalar()

    assert await do(store, pragmas) == ("wal", 2)
