"""How many machines a commit is on, by PostgreSQL's own word; what did not wait is unknown."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection

from gateway.store import copies, postgres, versions
from gateway.store.copies import Pledge, Session
from gateway.store.database import CountingDatabase, StoreDown, Urgency, open_database
from tests.harness import waiting
from tests.harness.trio import Trio

LOADED = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("names", "level", "machines"),
    [
        ("", "on", 1),
        ("ANY 1 (pg1, pg2)", "on", 2),
        ("any 2 (pg1, pg2, pg3)", "remote_apply", 3),
        ("FIRST 2 (pg1, pg2)", "on", 3),
        ("2 (pg1, pg2)", "on", 3),
        ("pg1, pg2", "on", 2),
        ("*", "on", 2),
        ("ANY 1 (pg1, pg2)", "remote_write", 1),
        ("ANY 1 (pg1, pg2)", "local", 1),
        ("ANY 1 (pg1, pg2)", "off", 1),
    ],
)
def test_a_server_pledges_as_many_machines_as_it_waits_for(
    names: str, level: str, machines: int
) -> None:
    assert Pledge(names, level, LOADED).machines == machines


def test_what_may_have_changed_meanwhile_counts_as_one_machine() -> None:
    before = Pledge("ANY 1 (pg2)", "on", LOADED)
    reloaded = Pledge("ANY 1 (pg2)", "on", LOADED + timedelta(seconds=1))
    session = Session(pledge=before)
    assert [session.kept(one) for one in (before, reloaded, reloaded)] == [2, 1, 2]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("", ()),
        ("*", ()),
        ("ANY 1 (pg1, pg2)", ("pg1", "pg2")),
        ('FIRST 1 ("pg-1",*)', ("pg-1",)),
        ("pg1, pg2", ("pg1", "pg2")),
    ],
)
def test_the_named_standbys_are_read(names: str, found: tuple[str, ...]) -> None:
    assert copies.named(names) == found


def test_places_in_the_log_are_ordered_as_numbers() -> None:
    assert copies.place("0/FF") < copies.place("1/0") < copies.place("1/B374D848")


async def test_one_machine_is_one_copy(store: CountingDatabase) -> None:
    kept = await store.keep(lambda c: versions.move(c, "x"), Urgency.ALARM)
    assert kept.copies == 1


async def written(store: CountingDatabase) -> int:
    return (await store.keep(lambda c: versions.move(c, "x"), Urgency.ALARM)).copies


async def opened(trio: Trio) -> CountingDatabase:
    url = trio.new_database()
    found = open_database(url)
    await found.write(database_tables, Urgency.BULK)
    return found


async def waits_for_a_standby(administrator: Any) -> Any:  # noqa: ANN401 - asyncpg has no types
    """The server process whose commit nobody confirms."""
    sql = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    return await waiting.until(
        lambda: administrator.fetchval(sql), within_s=4, what="a commit waits"
    )


def database_tables(connection: Connection) -> None:
    versions._rows.create(connection)  # noqa: SLF001 - one table is enough here


async def test_a_commit_that_a_standby_confirmed_is_on_two_machines(trio: Trio) -> None:
    store = await opened(trio)
    trio.servers["pg2"].kill()
    assert [await written(store), await written(store)] == [2, 2]
    await store.close()


async def test_a_commit_that_no_standby_confirms_is_unknown_and_not_receipted(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres.COMMAND_S, Urgency.ALARM, 0.5)
    store = await opened(trio)
    trio.servers["pg2"].kill()
    trio.servers["pg3"].kill()
    with pytest.raises(StoreDown):
        await written(store)
    await store.close()


async def test_a_commit_whose_wait_somebody_cancels_is_unknown_though_the_server_says_done(
    trio: Trio,
) -> None:
    store = await opened(trio)
    await written(store)
    trio.servers["pg2"].kill()
    trio.servers["pg3"].kill()
    writing = asyncio.create_task(written(store))
    administrator = await asyncpg.connect(trio.one("pg1"))
    pid = await waits_for_a_standby(administrator)
    await administrator.execute("SELECT pg_cancel_backend($1)", pid)
    with pytest.raises(StoreDown, match="did not wait"):
        await writing
    await administrator.close()
    await store.close()


async def test_commits_that_are_let_go_without_a_standby_say_one_copy(trio: Trio) -> None:
    store = await opened(trio)
    assert await written(store) == 2
    trio.servers["pg2"].kill()
    trio.servers["pg3"].kill()
    writing = asyncio.create_task(written(store))
    administrator = await asyncpg.connect(trio.one("pg1"))
    await waits_for_a_standby(administrator)
    await administrator.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
    await administrator.execute("SELECT pg_reload_conf()")
    assert await writing == 1
    await administrator.close()
    await store.close()
