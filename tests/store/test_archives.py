"""Archives: on SQLite passages leave the hot file by the day, and nothing is lost on the way."""

import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.signal import Lane
from gateway.store import archives, archiving, chain, event_views, journal, schema
from gateway.store.archiving import Copied
from gateway.store.database import Database, Urgency, open_database
from gateway.store.event_views import Sought
from gateway.store.journal import Head
from gateway.store.walk import What
from tests.domain.making import NOW, event
from tests.store.making import do
from tests.store.test_chain import SIGNER, named, verified

DAY = timedelta(days=1)
KEPT = 30 * DAY
LATER = schema.midnight(NOW) + 3 * DAY + timedelta(hours=1)
"""Of the passages of five days, those of two are not hot any more."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'dabyl.db'}")
    await opened.write(schema.metadata.create_all, Urgency.BULK)
    yield opened
    await opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "dabyl.db-passages"


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def killed_while_writing(file: Path) -> None:
    """Leave it as a process that dies between two pages leaves it: with its journal beside it."""
    dying = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        " c.execute('PRAGMA cache_size = 1'); c.execute('BEGIN');"
        " c.execute('UPDATE journal_event SET body = zeroblob(99999)'); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", dying, str(file)], check=False)
    assert done.returncode == 9
    assert Path(f"{file}-journal").stat().st_size > 0


def mode(folder: Path) -> int:
    return folder.stat().st_mode & 0o777


async def passages(store: Database, *after: timedelta, gateway: str = "g1") -> Head:
    events = [
        event("passage.granted", "gate-1", id=f"{gateway}-{n}", at=NOW + one)
        for n, one in enumerate(after)
    ]
    return await do(store, journal.append, gateway, Lane.EVENT, events, Head())


async def copied(store: Database, now: datetime = LATER, limit: int = 2) -> Copied | None:
    return await store.read(lambda c: archiving.copy(c, now, limit))


async def put_away(store: Database, now: datetime = LATER) -> int:
    count = 0
    while (one := await copied(store, now)) is not None:
        count += await do(store, archiving.forget, one)
    return count


async def hot(store: Database) -> list[int]:
    asked = text("SELECT number FROM journal_event ORDER BY number")
    return await do(store, lambda c: list(c.execute(asked).scalars()))


@pytest.fixture(name="old")
async def put_away_days(store: Database) -> Head:
    """Three passages on each of five days; those of two days put away."""
    hours = [DAY * day + timedelta(minutes=minute) for day in range(5) for minute in range(3)]
    head = await passages(store, *hours)
    assert await put_away(store) == 6
    return head


async def test_the_chain_is_whole_across_its_files(store: Database, old: Head) -> None:
    assert await hot(store) == list(range(7, 16))
    faults, (walked,) = await verified(store)
    assert (faults, walked.rows, walked.head) == ([], 15, old)


async def test_each_day_has_a_file_of_its_own_that_only_we_read(
    store: Database, old: Head, folder: Path
) -> None:
    assert old.number == 15
    assert await do(store, journal.head, "g1", Lane.EVENT) == old
    assert names(folder) == ["2026-11-22.db", "2026-11-23.db"]
    assert mode(folder) == 0o700
    with sqlite3.connect(folder / "2026-11-23.db") as file:
        (count,) = file.execute("SELECT count(*) FROM journal_event").fetchone()
    file.close()
    assert count == 3


async def test_whoever_dies_between_copying_and_deleting_copies_again(store: Database) -> None:
    await passages(store, timedelta(0), timedelta(minutes=1))
    first = await copied(store)
    assert await copied(store) == first
    assert (await verified(store))[0] == []
    assert await put_away(store) == 2
    assert (await verified(store))[0] == []


async def test_an_archive_that_a_killed_gateway_left_half_written_is_read(
    store: Database, folder: Path
) -> None:
    await passages(store, *(timedelta(minutes=n) for n in range(4)))
    one = await copied(store)
    assert one is not None
    await do(store, archiving.forget, one)
    killed_while_writing(folder / "2026-11-22.db")
    assert (await verified(store))[0] == []
    assert await put_away(store) == 2
    assert (await verified(store))[0] == []


async def test_what_is_counted_on_a_row_meanwhile_is_not_lost(store: Database) -> None:
    await passages(store, timedelta(0))
    one = await copied(store)
    assert one is not None
    again = text("UPDATE journal_event SET heard_again = heard_again + 1")
    await do(store, lambda c: c.execute(again).close())
    assert await do(store, archiving.forget, one) == 0
    assert await put_away(store) == 1

    def count(connection: object) -> int:
        with archives.opened(connection, one.day) as file:  # type: ignore[arg-type]
            return int(file.execute(text("SELECT heard_again FROM journal_event")).scalar_one())

    assert await store.read(count) == 1


async def test_a_chain_goes_on_when_all_of_it_was_put_away(store: Database) -> None:
    head = await passages(store, timedelta(0))
    await put_away(store)
    assert await hot(store) == []
    assert await do(store, journal.head, "g1", Lane.EVENT) == head


async def test_a_passage_dated_ahead_goes_with_its_neighbours(store: Database) -> None:
    await passages(store, timedelta(0), 900 * DAY, timedelta(minutes=1), -9000 * DAY, 3 * DAY)
    assert await put_away(store) == 4
    assert (await verified(store))[0] == []


async def test_days_that_are_too_old_are_signed_off_and_their_files_go(
    store: Database, old: Head, folder: Path
) -> None:
    now = schema.midnight(NOW) + KEPT
    assert await do(store, archiving.drop, SIGNER, KEPT, now - timedelta(seconds=1)) is None
    assert await store.read(lambda c: archiving.sweep(c, KEPT, now)) == []
    assert await do(store, archiving.drop, SIGNER, KEPT, now) is not None
    assert await store.read(lambda c: archiving.sweep(c, KEPT, now)) == ["2026-11-22.db"]
    assert names(folder) == ["2026-11-23.db"]
    faults, (walked,) = await verified(store)
    assert (faults, walked.begins, walked.rows, walked.head) == ([], 3, 12, old)


@pytest.mark.usefixtures("old")
async def test_a_file_that_is_gone_is_named(store: Database, folder: Path) -> None:
    (folder / "2026-11-23.db").unlink()
    number, what, says = await named(store)
    assert (number, what) == (4, What.MISSING)
    assert says == "rows 4 to 6 are missing: the archive 2026-11-23.db is not there"


@pytest.mark.usefixtures("old")
async def test_a_file_that_is_none_is_named(store: Database, folder: Path) -> None:
    (folder / "2026-11-22.db").write_bytes(
        b"not a database, but long enough to be read as one" * 99
    )
    number, what, says = await named(store)
    assert (number, what) == (1, What.MISSING)
    assert "2026-11-22.db cannot be read" in says


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    ("sql", "what", "number"),
    [
        ("UPDATE journal_event SET part = 9 WHERE number = 5", What.CHANGED, 5),
        ("DELETE FROM journal_event WHERE number = 5", What.MISSING, 5),
        ("DELETE FROM journal_event WHERE number = 6", What.MISSING, 6),
    ],
)
async def test_whoever_touches_a_file_is_found(
    store: Database, folder: Path, sql: str, what: What, number: int
) -> None:
    with sqlite3.connect(folder / "2026-11-23.db") as file:
        file.execute(sql)
    file.close()
    assert (await named(store))[:2] == (number, what)


async def test_old_passages_are_still_shown_page_by_page(store: Database, old: Head) -> None:
    shown, places = list[int](), None
    while places != {}:
        page, places = await store.read(
            lambda c, at=places: event_views.events(c, Sought(lane="event"), 4, at)  # type: ignore[misc]
        )
        shown += [one.number for one in page]
    assert shown == list(range(old.number, 0, -1))


async def test_told_rows_are_found_wherever_they_lie(store: Database, old: Head) -> None:
    found = await store.read(lambda c: chain.hashes(c, "g1", Lane.EVENT, [2, 5, 15, 99]))
    assert sorted(found) == [2, 5, 15]
    assert found[15] == old.hash
