"""The journal: append-only, found again, counted, and chained so that nobody can touch it."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, text, update

from adapters.signal import Lane
from gateway.domain.event import Event
from gateway.store import journal
from gateway.store.database import Database
from gateway.store.journal import Fault, Head
from gateway.store.prepared import ask
from tests.domain.making import NOW, event
from tests.harness.changed import replace
from tests.store.making import do

ROWS = journal.table(Lane.ALARM)


def presses(count: int) -> list[Event]:
    return [event("panic.pressed", id=f"e{n}", content={"n": n}) for n in range(count)]


async def written(store: Database, count: int, gateway: str = "g1") -> Head:
    return await do(store, journal.append, gateway, Lane.ALARM, presses(count), Head())


async def verified(store: Database, gateway: str = "g1") -> Fault | Head:
    found = await do(store, lambda c: list(journal.verify(c, gateway, Lane.ALARM)))
    return found[-1]


async def test_what_is_appended_is_found_with_its_number(store: Database) -> None:
    head = await written(store, 3)
    found = await do(
        store, ask, journal.finding(Lane.ALARM, [("button-1", "e1"), ("button-1", "gone")])
    )
    (known,) = found["button-1", "e1"]
    assert (head.number, known.number, known.gateway, known.reuse) == (3, 2, "g1", 0)
    assert (known.digest, known.received_at) == (presses(2)[1].digest, NOW)
    assert list(found) == [("button-1", "e1")]


async def test_odd_letters_in_ids_find_their_own_row(store: Database) -> None:
    ids = ['a"b', "a'b", "a\\b", "ә,{}", "NULL", "🚨"]
    rows = [event("panic.pressed", id=one) for one in ids]
    await do(store, journal.append, "g1", Lane.ALARM, rows, Head())
    found = await do(store, ask, journal.finding(Lane.ALARM, [("button-1", one) for one in ids]))
    assert {key[1] for key in found} == set(ids)


async def test_a_reused_id_is_known_by_both_its_rows_the_oldest_first(store: Database) -> None:
    first = event("panic.pressed")
    rows = [first, replace(first, reuse=1, received_at=NOW + timedelta(days=2))]
    await do(store, journal.append, "g1", Lane.ALARM, rows, Head())
    found = await do(store, ask, journal.finding(Lane.ALARM, [("button-1", "e1")]))
    assert [known.reuse for known in found["button-1", "e1"]] == [0, 1]


async def test_the_lanes_have_journals_of_their_own(store: Database) -> None:
    await written(store, 1)
    assert await do(store, ask, journal.finding(Lane.EVENT, [("button-1", "e0")])) == {}
    assert await do(store, journal.head, "g1", Lane.EVENT) == Head()


async def test_repeats_and_folds_are_counted_beside_the_chain(store: Database) -> None:
    await written(store, 2)
    key = ("button-1", "e0")
    (known,) = (await do(store, ask, journal.finding(Lane.ALARM, [key])))[key]
    await do(store, journal.hear_again, Lane.ALARM, [(known, 2)])
    await do(store, journal.hear_again, Lane.ALARM, [(known, 1)])
    await do(store, journal.fold, Lane.ALARM, [("g1", 2, 40)])

    def counts(connection: Connection) -> list[tuple[int, int]]:
        rows = connection.execute(
            text("SELECT heard_again, folded FROM journal_alarm ORDER BY number")
        )
        return [(again, folded) for again, folded in rows]

    assert await do(store, counts) == [(3, 1), (0, 41)]
    assert isinstance(await verified(store), Head)


async def test_the_head_is_found_again_after_a_restart(store: Database) -> None:
    head = await written(store, 3)
    assert await do(store, journal.head, "g1", Lane.ALARM) == head
    assert await do(store, journal.head, "g2", Lane.ALARM) == Head()


async def test_a_whole_chain_is_verified_page_by_page(store: Database) -> None:
    head = await written(store, 1001)
    found = await do(store, lambda c: list(journal.verify(c, "g1", Lane.ALARM)))
    assert [one.number for one in found] == [1000, 1001, 1001]
    assert found[-1] == head


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "panic.fire"},
        {"body": b'{"id": "e1"}'},
        {"device": "other"},
        {"site": None},
        {"received_at": NOW + timedelta(microseconds=1)},
        {"marks": "said_test"},
        {"part": 2},
        {"hash": bytes(32)},
    ],
    ids=lambda values: next(iter(values)),
)
async def test_a_row_that_was_changed_is_named(store: Database, values: dict[str, object]) -> None:
    await written(store, 4)
    await do(store, lambda c: c.execute(update(ROWS).where(ROWS.c.number == 2).values(values)))
    fault = await verified(store)
    assert isinstance(fault, Fault)
    assert (fault.number, fault.gateway, fault.what[:7]) == (2, "g1", "changed")


async def test_a_row_that_is_missing_is_named(store: Database) -> None:
    await written(store, 4)
    await do(store, lambda c: c.execute(delete(ROWS).where(ROWS.c.number == 3)))
    fault = await verified(store)
    assert isinstance(fault, Fault)
    assert (fault.number, fault.what) == (3, "missing: the next row is 4")


async def test_rows_that_were_swapped_are_named(store: Database) -> None:
    await written(store, 4)

    def swap(connection: Connection) -> None:
        for before, after in ((2, 99), (3, 2), (99, 3)):
            moved = update(ROWS).where(ROWS.c.number == before).values(number=after)
            connection.execute(moved)

    await do(store, swap)
    fault = await verified(store)
    assert isinstance(fault, Fault)
    assert fault.number == 2


async def test_every_gateway_has_a_chain_of_its_own(store: Database) -> None:
    await written(store, 2)
    other = [event("panic.pressed", "gate-1", id="x")]
    await do(store, journal.append, "g2", Lane.ALARM, other, Head())
    assert await do(store, journal.gateways, Lane.ALARM) == ["g1", "g2"]
    assert isinstance(await verified(store, "g2"), Head)


async def test_devices_are_held_in_order_without_harm(store: Database) -> None:
    await do(store, journal.lock, ["b", "a", "b"])
