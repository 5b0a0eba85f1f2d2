"""The journal: append-only, found again, counted, and chained so that nobody can touch it."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from adapters.signal import Lane
from gateway.domain.event import Event
from gateway.store import journal
from gateway.store.database import Database
from gateway.store.journal import Head
from gateway.store.prepared import ask
from tests.domain.making import NOW, event
from tests.harness.changed import replace
from tests.store.making import do


def presses(count: int) -> list[Event]:
    return [event("panic.pressed", id=f"e{n}", content={"n": n}) for n in range(count)]


async def written(store: Database, count: int, gateway: str = "g1") -> Head:
    return await do(store, journal.append, gateway, Lane.ALARM, presses(count), Head())


async def test_what_is_appended_is_found_with_its_number(store: Database) -> None:
    head = await written(store, 3)
    found = await do(
        store, ask, journal.finding(Lane.ALARM, [("button-1", "e1"), ("button-1", "gone")], NOW)
    )
    (known,) = found["button-1", "e1"]
    assert (head.number, known.number, known.gateway, known.reuse) == (3, 2, "g1", 0)
    assert (known.digest, known.received_at) == (presses(2)[1].digest, NOW)
    assert list(found) == [("button-1", "e1")]


async def test_odd_letters_in_ids_find_their_own_row(store: Database) -> None:
    ids = ['a"b', "a'b", "a\\b", "ә,{}", "NULL", "🚨"]
    rows = [event("panic.pressed", id=one) for one in ids]
    await do(store, journal.append, "g1", Lane.ALARM, rows, Head())
    found = await do(
        store, ask, journal.finding(Lane.ALARM, [("button-1", one) for one in ids], NOW)
    )
    assert {key[1] for key in found} == set(ids)


async def test_a_reused_id_is_known_by_both_its_rows_the_oldest_first(store: Database) -> None:
    first = event("panic.pressed")
    rows = [first, replace(first, reuse=1, received_at=NOW + timedelta(days=2))]
    await do(store, journal.append, "g1", Lane.ALARM, rows, Head())
    found = await do(store, ask, journal.finding(Lane.ALARM, [("button-1", "e1")], NOW))
    assert [known.reuse for known in found["button-1", "e1"]] == [0, 1]


@pytest.mark.parametrize("lane", list(Lane))
async def test_of_an_id_that_is_used_without_end_the_last_uses_are_known(
    store: Database, lane: Lane
) -> None:
    one = event("panic.pressed")
    rows = [replace(one, reuse=n) for n in range(200)]
    await do(store, journal.append, "g1", lane, [*rows, *presses(1)], Head())
    keys = [("button-1", "e1"), ("button-1", "e0")]
    found = await do(store, ask, journal.finding(lane, keys, NOW))
    known = [one.reuse for one in found["button-1", "e1"]]
    assert known == list(range(200 - journal.USES, 200))
    assert len(found["button-1", "e0"]) == 1


async def test_the_lanes_have_journals_of_their_own(store: Database) -> None:
    await written(store, 1)
    assert await do(store, ask, journal.finding(Lane.EVENT, [("button-1", "e0")], NOW)) == {}
    assert await do(store, journal.head, "g1", Lane.EVENT) == Head()


async def test_repeats_and_folds_are_counted_beside_the_chain(store: Database) -> None:
    await written(store, 2)
    key = ("button-1", "e0")
    (known,) = (await do(store, ask, journal.finding(Lane.ALARM, [key], NOW)))[key]
    await do(store, journal.hear_again, Lane.ALARM, [(known, 2)])
    await do(store, journal.hear_again, Lane.ALARM, [(known, 1)])
    await do(store, journal.fold, Lane.ALARM, [("g1", 2, 40)])

    def counts(connection: Connection) -> list[tuple[int, int]]:
        rows = connection.execute(
            text("SELECT heard_again, folded FROM journal_alarm ORDER BY number")
        )
        return [(again, folded) for again, folded in rows]

    assert await do(store, counts) == [(3, 1), (0, 41)]


async def test_the_head_is_found_again_after_a_restart(store: Database) -> None:
    head = await written(store, 3)
    assert await do(store, journal.head, "g1", Lane.ALARM) == head
    assert await do(store, journal.head, "g2", Lane.ALARM) == Head()


async def test_devices_are_held_in_order_without_harm(store: Database) -> None:
    await do(store, journal.lock, ["b", "a", "b"])
