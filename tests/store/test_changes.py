"""Changes: positions in the order of the commits, so that no page ever misses one."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import Connection, text

from gateway.store import changes, forgetting
from gateway.store.changes import What
from gateway.store.database import Database, Urgency
from tests.domain.making import NOW, later
from tests.store.making import do


async def keys_after(store: Database, position: int) -> list[str]:
    return [one.key for one in await do(store, changes.after, position, 999)]


async def test_what_moved_is_noted_once_each_and_in_order(store: Database) -> None:
    await do(store, changes.note, [(What.ALARM, "a"), (What.DEVICE, "a"), (What.ALARM, "a")], NOW)
    found = await do(store, changes.after, 0, 9)
    assert [(one.what, one.key, one.at) for one in found] == [
        (What.ALARM, "a", NOW),
        (What.DEVICE, "a", NOW),
    ]
    assert found[0].position < found[1].position
    assert await keys_after(store, found[0].position) == ["a"]


async def test_nothing_moved_is_noted_as_nothing(store: Database) -> None:
    await do(store, changes.note, [], NOW)
    assert await do(store, changes.bounds) == (1, 0)


async def test_old_positions_are_dropped_but_the_last_stays(store: Database) -> None:
    for key in ("a", "b"):
        await do(store, changes.note, [(What.ALARM, key)], NOW)
    _, last = await do(store, changes.bounds)
    await do(store, forgetting.changes, later(1), 99)
    assert await do(store, changes.bounds) == (last, last)
    await do(store, changes.note, [(What.ALARM, "c")], NOW)
    assert await do(store, changes.bounds) == (last, last + 1)


async def test_a_reader_that_follows_positions_misses_no_commit_of_many_writers(
    store: Database,
) -> None:
    is_slow = "SELECT pg_sleep(0.01)" if store.dialect == "postgresql" else "SELECT 1"

    def note(key: str, connection: Connection) -> None:
        changes.note(connection, [(What.ALARM, key)], NOW)
        connection.execute(text(is_slow))  # between its position and its commit

    urgencies = [Urgency.ALARM, Urgency.STEP, Urgency.EVENT, Urgency.BULK] * 5
    writers = asyncio.gather(
        *(store.write(partial(note, f"k{n}"), u) for n, u in enumerate(urgencies))
    )
    seen, last = list[str](), 0
    while len(seen) < len(urgencies):
        for one in await do(store, changes.after, last, 99):
            seen.append(one.key)
            last = one.position
        if writers.done() and last == (await store.read(changes.bounds))[1]:
            break
    await writers
    assert sorted(seen) == sorted(f"k{n}" for n in range(20))


@pytest.mark.parametrize("limit", [1, 2])
async def test_a_page_of_changes_is_no_longer_than_asked(store: Database, limit: int) -> None:
    await do(store, changes.note, [(What.ALARM, "a"), (What.ALARM, "b")], NOW)
    assert len(await do(store, changes.after, 0, limit)) == limit
