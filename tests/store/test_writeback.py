"""Write-back: the log goes into the file beside the writer, and never grows without a bound."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.store import writeback
from gateway.store.database import Database, StoreBroken, Urgency, check, open_database
from gateway.store.writeback import WriteBack
from tests.harness import waiting


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dabyl.db"


@pytest.fixture
async def store(file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(writeback, "EVERY_S", 0.05)
    opened = open_database(f"sqlite:///{file}")
    await opened.write(lambda c: c.execute(text("CREATE TABLE t (b BLOB)")).close(), Urgency.STEP)
    yield opened
    await opened.close()


async def write(store: Database, count: int) -> None:
    row = text("INSERT INTO t VALUES (zeroblob(3000))")
    for _ in range(count):
        await store.write(lambda c: c.execute(row).close(), Urgency.STEP)


def in_file(file: Path) -> int:
    """How many rows the file holds without its log."""
    address = f"{file.as_uri()}?immutable=1"
    try:
        with sqlite3.connect(address, uri=True) as connection:
            (count,) = connection.execute("SELECT count(*) FROM t").fetchone()
    except sqlite3.Error:
        return -1
    connection.close()
    return int(count)


def log_bytes(file: Path) -> int:
    return Path(f"{file}-wal").stat().st_size


async def test_what_was_committed_is_in_the_file_a_moment_later(
    store: Database, file: Path
) -> None:
    await write(store, 20)
    await waiting.until(lambda: in_file(file) == 20, what="all of it is in the file")


async def test_the_log_is_used_again_and_does_not_grow(store: Database, file: Path) -> None:
    sizes = []
    for rows in range(100, 1100, 100):
        await write(store, 100)
        await waiting.until(lambda all_=rows: in_file(file) == all_, what="it is written back")  # type: ignore[misc]
        sizes.append(log_bytes(file))
    # The first may have been written back in two parts; ten that were added would be ten times it.
    assert max(sizes) < 4 * sizes[0]


async def test_a_reader_that_takes_its_time_holds_up_no_writer(store: Database, file: Path) -> None:
    with sqlite3.connect(file) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        await write(store, 50)
    reader.close()
    await write(store, 1)
    await waiting.until(lambda: in_file(file) == 51, what="all of it is in the file")


async def test_where_nobody_writes_back_in_time_the_writer_does_it_itself(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writeback, "EVERY_S", 999)
    monkeypatch.setattr(writeback, "AT_LAST_BYTES", 100_000)
    store = await _opened(file)
    await write(store, 300)
    assert in_file(file) > 200
    assert log_bytes(file) < 200_000
    await store.close()


async def test_a_log_that_nobody_else_writes_back_leaves_a_disk_of_8_mb_room_for_its_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it took all, the file could not grow, and a disk that was freed stayed full."""
    monkeypatch.setattr(writeback, "EVERY_S", 999)
    store = await _opened(file)
    much, longest = text("INSERT INTO t VALUES (zeroblob(60000))"), 0
    for _ in range(300):  # 18 MB
        await store.write(lambda c: c.execute(much).close(), Urgency.STEP)
        longest = max(longest, log_bytes(file))
    await store.close()
    assert 2_000_000 < longest < 4_500_000


async def test_a_log_that_cannot_be_looked_at_ends_no_writer(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await _opened(file)

    def refuse(_: Path) -> None:
        raise PermissionError

    with monkeypatch.context() as there:
        there.setattr(Path, "stat", refuse)
        await write(store, 2)
    await store.close()
    assert in_file(file) == 2


async def test_the_writers_own_write_back_that_fails_is_heard_of(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: WriteBack) -> bool:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error

    monkeypatch.setattr(writeback, "EVERY_S", 999)
    monkeypatch.setattr(writeback, "AT_LAST_BYTES", 30_000)
    monkeypatch.setattr(WriteBack, "_write_back", fail)
    store = await _opened(file)
    with pytest.raises(StoreBroken):
        await write(store, 50)
    with pytest.raises(StoreBroken):
        check(store)
    await store.close()


async def _opened(file: Path) -> Database:
    opened = open_database(f"sqlite:///{file}")
    await opened.write(lambda c: c.execute(text("CREATE TABLE t (b BLOB)")).close(), Urgency.STEP)
    return opened
