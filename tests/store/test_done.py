"""What is done goes out of the way, and everybody still finds it; what is old is forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from gateway.domain.alarm import State
from gateway.domain.window import Window
from gateway.store import (
    alarms,
    commands,
    counting,
    deliveries,
    done,
    forgetting,
    operators,
    outbox,
    schema,
    views,
    windows,
)
from gateway.store.database import Database
from gateway.store.outbox import Settled, Settlement
from tests.domain.making import NOW, later
from tests.store.making import an_alarm, change, do, owed
from tests.store.test_outbox import owe

FIRST = f"{1:032x}"
DONE: dict[str, Any] = {"state": "done", "settled_at": NOW}


async def moved(store: Database, at: float = 1) -> int:
    ids = await store.read(lambda c: done.movable(c, later(at), 99))
    return await do(store, done.move, ids)


async def lying(store: Database) -> tuple[int, int]:
    """How many among those that wait, and how many moved."""
    hot, kept = (select(func.count()).select_from(rows) for rows in done.TABLES)
    return await do(store, lambda c: (c.execute(hot).scalar_one(), c.execute(kept).scalar_one()))


async def totals(store: Database) -> dict[str, tuple[int, int]]:
    rows = schema.delivery_totals
    found = await do(store, lambda c: c.execute(select(rows)).all())
    return {f"{row.gateway} {row.receiver}": (row.done, row.dropped) for row in found}


async def test_only_what_is_done_goes_and_is_counted(store: Database) -> None:
    await owe(
        store,
        owed(1, **DONE),
        owed(2),
        owed(3, state="dead", settled_at=NOW),
        owed(4, receiver="duty", **DONE),
        owed(5, **DONE),
        owed(6),
    )
    before = await do(store, counting.owed)
    assert [(one.receiver, one.owed, one.settled, one.waiting, one.dead) for one in before] == [
        ("centre", 5, 2, 2, 1),
        ("duty", 1, 1, 0, 0),
    ]
    assert await moved(store, at=0) == 0
    assert await moved(store) == 3
    assert await do(store, counting.owed) == before
    assert await lying(store) == (3, 3)
    assert await totals(store) == {"g1 centre": (2, 0), "g1 duty": (1, 0)}
    assert await moved(store) == 0


async def test_no_number_is_given_twice_when_all_were_moved(store: Database) -> None:
    before = await owe(store, owed(1, **DONE), owed(2, **DONE))
    assert await moved(store) == 2
    (new,) = await owe(store, owed(3))
    assert new.id not in {one.id for one in before}


async def test_whoever_asks_finds_what_was_moved(store: Database) -> None:
    await do(store, alarms.save, [change(an_alarm(1, district="medeu"), new=True)])
    first, second, third = await owe(
        store, owed(1, **DONE), owed(1, 2, **DONE), owed(2, receiver="duty")
    )
    assert await moved(store) == 2
    ids = [first.id, second.id]
    assert await do(store, deliveries.was_told, "centre", FIRST)
    assert not await do(store, deliveries.was_told, "duty", FIRST)
    assert [one.id for one in await do(store, deliveries.of_alarm, FIRST)] == ids
    assert [one.id for one in await do(store, views.deliveries_of, FIRST)] == ids
    assert [one.id for one in (await do(store, views.first_deliveries, [FIRST]))[FIRST]] == ids[:1]
    seen = await do(store, views.delivery, first.id, frozenset({"medeu"}))
    assert seen is not None
    assert await do(store, views.delivery, first.id, frozenset({"auezov"})) is None
    assert (seen.id, seen.state) == (first.id, "done")
    for state, found in (
        (None, [third.id, *ids[::-1]]),
        ("done", ids[::-1]),
        ("waiting", [third.id]),
    ):
        assert [one.id for one in await do(store, deliveries.listed, state, 9, None)] == found
        page = await do(store, views.deliveries, state, frozenset[str](), 9, None)
        assert [one.id for one in page] == found
    assert not await do(store, outbox.resend, first.id)


async def test_pages_go_on_from_one_table_into_the_other(store: Database) -> None:
    ids = [one.id for one in await owe(store, *(owed(n, **DONE) for n in range(1, 6)), owed(9))]
    await moved(store)
    shown: list[int] = []
    while page := await do(store, deliveries.listed, None, 2, shown[-1] if shown else None):
        shown += [one.id for one in page]
    assert shown == ids[::-1]


async def test_deliveries_of_long_ago_are_forgotten_and_dead_letters_are_counted(
    store: Database,
) -> None:
    old: dict[str, Any] = {"settled_at": NOW}
    new: dict[str, Any] = {"settled_at": later(9)}
    await owe(
        store,
        owed(1, state="done", **old),
        owed(2, state="done", **new),
        owed(3, state="dead", **old),
        owed(4, state="dead", **new),
        owed(5),
    )
    await moved(store, at=99)
    assert await do(store, done.forget, later(5), 9) == 1
    assert await do(store, done.forget_dead, later(5), 9) == 1
    assert await lying(store) == (2, 1)
    assert await totals(store) == {"g1 centre": (2, 1)}


async def test_of_what_ended_just_now_nothing_is_forgotten_for_it_may_be_reopened(
    store: Database,
) -> None:
    ended = an_alarm(1, state=State.NORMAL, closed_at=later(50))
    await do(store, alarms.save, [change(ended, new=True)])
    await owe(store, owed(1, state="done", settled_at=NOW))
    await moved(store, at=99)
    assert await do(store, done.forget, later(60), 9, later(49)) == 0
    assert await do(store, done.forget, later(60), 9, later(50)) == 1


async def test_a_settlement_in_between_is_found_where_it_lies(store: Database) -> None:
    (one, _) = await owe(store, owed(1), owed(2))
    ended = Settlement(id=one.id, state=Settled.DONE, attempts=1)
    await do(store, outbox.settle, [ended], NOW)
    assert await moved(store) == 1
    (found,) = await do(store, deliveries.of_alarm, FIRST)
    assert (found.state, found.attempts) == ("done", 1)


async def test_a_closed_alarm_goes_with_its_time_line_an_open_one_never(store: Database) -> None:
    ended = {"closed_at": later(60)}
    made = [an_alarm(1, **ended), an_alarm(2), an_alarm(3, **ended), an_alarm(9, **ended)]
    await do(store, alarms.save, [change(one, new=True) for one in made])
    await owe(store, owed(3))
    assert await do(store, forgetting.alarms, later(60), 99) == 0
    assert await do(store, forgetting.alarms, later(61), 99) == 4
    left = await do(store, alarms.listed, alarms.Filter(), 9, None)
    assert {int(one.id, 16) for one in left} == {2, 3}
    assert await do(store, alarms.time_line, FIRST) == []
    assert len(await do(store, alarms.time_line, made[1].id)) == 1


async def test_an_alarm_with_a_long_time_line_fills_a_slice(store: Database) -> None:
    made = [an_alarm(n, closed_at=later(60)) for n in (1, 2)]
    await do(store, alarms.save, [change(one, new=True) for one in made])
    await do(store, alarms.save, [change(made[0], "note") for _ in range(5)])
    assert await do(store, forgetting.alarms, later(99), 4) == 7
    assert await do(store, forgetting.alarms, later(99), 4) == 2


@pytest.mark.parametrize("limit", [1, 9])
async def test_what_ran_out_is_forgotten_slice_by_slice(store: Database, limit: int) -> None:
    for n in range(3):
        until = later(n)
        one = commands.new("b", "confirm", {}, NOW, timedelta(seconds=n))
        window = Window(
            id=f"w{n}",
            expected={},
            heard={},
            opened_at=NOW,
            until=until,
            closed_at=None if n == 0 else until,
            by="a",
            reason="r",
        )
        await do(store, commands.order, [one])
        await do(store, windows.open_window, window)
        await do(store, operators.keep_response, "centre", f"r{n}", FIRST, until, "closed")
        await do(store, operators.open_sign_in, f"s{n}", "t", until, once=False)
    for forget, old in (
        (forgetting.commands, 2),
        (forgetting.responses, 2),
        (forgetting.sign_ins, 2),
        (forgetting.windows, 1),
    ):
        gone = [await do(store, forget, later(2), limit) for _ in range(3)]
        assert (sum(gone), max(gone)) == (old, min(old, limit))


async def test_the_table_of_the_moved_has_every_column_of_the_other(store: Database) -> None:
    hot, kept = done.TABLES
    assert [column.name for column in hot.columns] == [column.name for column in kept.columns]
    one = owed(1, id=7)
    row = {column.name: getattr(one, column.name) for column in hot.columns}
    await do(store, lambda c: c.execute(insert(kept), row).close())
    assert await do(store, deliveries.listed, None, 9, None) == [one]


async def test_what_was_told_of_an_open_alarm_is_kept_for_its_answer(store: Database) -> None:
    opened, closed = an_alarm(1), an_alarm(2, closed_at=NOW)
    await do(store, alarms.save, [change(one, new=True) for one in (opened, closed)])
    await owe(store, owed(1, **DONE), owed(2, **DONE))
    assert await moved(store) == 2
    assert await do(store, done.forget, later(5), 1) == 1
    assert await do(store, done.forget, later(5), 1) == 0
    assert await do(store, deliveries.was_told, "centre", opened.id)
    assert not await do(store, deliveries.was_told, "centre", closed.id)
