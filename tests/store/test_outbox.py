"""The outbox: what is owed, who may send it, and how it ended."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import BigInteger, Connection, cast, delete, text, update

from gateway.store import deliveries, holding, outbox, schema
from gateway.store.database import Conflict, Database
from gateway.store.outbox import Delivery, Settled, Settlement
from tests.domain.making import NOW, later
from tests.harness.changed import replace
from tests.store.making import do, owed

TO = ["centre", "duty"]
MINE: dict[str, Any] = {"claimed_by": "g1", "claimed_until": later(6)}
OTHERS: dict[str, Any] = {"claimed_by": "g2", "claimed_until": later(6)}


class Watch:
    """What time it is by the gateway's clock; a server's own cannot be set, so holds are aged."""

    def __init__(self, store: Database) -> None:
        self._store = store
        self.now = NOW

    async def passes(self, seconds: float) -> None:
        if self._store.dialect == "sqlite":
            self.now += timedelta(seconds=seconds)
            return
        rows = schema.deliveries
        aged = update(rows).values(
            claimed_until=cast(rows.c.claimed_until, BigInteger) - int(seconds * 1e6)
        )
        await do(self._store, lambda c: c.execute(aged))

    async def claimed(self, gateway: str = "g1", limit: int = 99) -> list[str]:
        found = await do(self._store, holding.claim, gateway, TO, self.now, limit)
        return [f"{int(one.alarm or '0', 16)}.{one.number}" for one in found]


@pytest.fixture
def watch(store: Database) -> Watch:
    return Watch(store)


async def owe(store: Database, *rows: Delivery) -> list[Delivery]:
    counts = Counter(one.receiver for one in rows)
    room = await do(store, outbox.make_room, "g1", counts)
    owed = [replace(one, id=number) for one, number in zip(rows, room.ids, strict=True)]
    await do(store, outbox.owe, owed)
    return owed


async def test_what_is_owed_is_read_byte_for_byte(store: Database) -> None:
    first, second = await owe(store, owed(1), owed(1, receiver="duty", sequence=7))
    assert (second.id != first.id, second.receiver, first.body) == (True, "duty", b"{}\x00\xff")
    assert await do(store, deliveries.of_alarm, str(first.alarm)) == [first, second]


async def test_the_same_key_is_never_owed_twice_to_one_receiver(store: Database) -> None:
    await owe(store, owed(1))
    with pytest.raises(Conflict):
        await owe(store, owed(1, sequence=9))


async def test_life_is_claimed_first_then_the_oldest(store: Database, watch: Watch) -> None:
    await owe(store, owed(3, priority=1), owed(1, priority=2), owed(4), owed(2))
    assert await watch.claimed(limit=3) == ["4.1", "2.1", "3.1"]
    assert await watch.claimed() == ["1.1"]
    assert await watch.claimed() == []


async def test_what_is_ours_and_in_nobodys_hand_is_adopted_and_held_anew(
    store: Database, watch: Watch
) -> None:
    rows = await owe(store, owed(1, **MINE), owed(2, **OTHERS), owed(3), owed(4, **MINE))
    await watch.passes(5)
    in_hand = {rows[3].id}
    found, more = await do(store, holding.adopt, "g1", in_hand, watch.now, holding.FIRST, 9)
    assert ([one.id for one in found], more) == ([rows[0].id], None)
    await watch.passes(2)
    assert await watch.claimed("g2") == ["2.1", "3.1", "4.1"]  # the first is held anew, to 11 s


async def test_what_comes_after_what_another_took_over_is_let_go_and_not_adopted(
    store: Database, watch: Watch
) -> None:
    long_ago = MINE | {"claimed_until": later(2)}
    rows = await owe(
        store,
        *(owed(1, 2, **long_ago), owed(1, 3, **MINE), owed(1, 3, receiver="duty", **MINE)),
        *(owed(2, 2), owed(2, 3, **MINE), owed(3, 3, **MINE)),
        *(owed(4, 1, **MINE), owed(4, 2, **MINE)),
    )
    done = Settlement(id=rows[6].id, state=Settled.DONE, attempts=1)
    await do(store, outbox.settle, [done], NOW)
    await watch.passes(3)
    assert await watch.claimed("g2") == ["1.2", "2.2"]
    found, _ = await do(store, holding.adopt, "g1", (), watch.now, holding.FIRST, 9)
    assert [one.id for one in found] == [rows[2].id, rows[5].id, rows[7].id]
    assert await watch.claimed() == []
    assert await watch.claimed("g2") == ["1.3", "2.3"]


async def test_what_comes_after_what_is_nobodys_is_let_go_and_claimed_in_order(
    store: Database, watch: Watch
) -> None:
    await owe(store, owed(1), owed(1, 2, **MINE))
    found, _ = await do(store, holding.adopt, "g1", (), watch.now, holding.FIRST, 9)
    assert found == []
    assert await watch.claimed() == ["1.1", "1.2"]


async def test_what_comes_after_a_hold_that_is_just_renewed_is_not_claimed(
    store: Database, watch: Watch
) -> None:
    if store.dialect == "sqlite":
        pytest.skip("one writes at a time")
    first, _ = await owe(store, owed(1, **MINE), owed(1, 2))
    await watch.passes(7)  # it stood still

    def renewed(connection: Connection) -> set[int]:
        kept = holding.hold(connection, "g1", [first.id], NOW)
        connection.execute(text("SELECT pg_sleep(0.5)"))
        return kept

    renewing = asyncio.create_task(do(store, renewed))
    await asyncio.sleep(0.2)
    assert await watch.claimed("g2") == []
    assert await renewing == {first.id}


async def test_a_long_backlog_of_ours_is_adopted_a_slice_at_a_time(
    store: Database, watch: Watch
) -> None:
    await owe(store, *(owed(n, priority=n % 2, **MINE) for n in range(5)))
    place: holding.Place | None = holding.FIRST
    slices: list[str] = []
    while place is not None:
        some, place = await do(store, holding.adopt, "g1", (), watch.now, place, 2)
        slices.append("".join(one.key[31] for one in some))
    assert slices == ["02", "41", "3"]


async def test_what_is_born_claimed_is_nobody_elses_until_that_runs_out(
    store: Database, watch: Watch
) -> None:
    await owe(store, owed(1, **MINE))
    await watch.passes(5)
    assert await watch.claimed("g2") == []
    await watch.passes(1.001)
    assert await watch.claimed("g2") == ["1.1"]


async def test_a_gateway_whose_clock_is_wrong_takes_nothing_before_its_time(
    store: Database, watch: Watch
) -> None:
    if store.dialect == "sqlite":
        pytest.skip("one gateway, one clock")
    await owe(store, owed(1, **OTHERS))
    watch.now = later(3600)
    assert await watch.claimed() == []


async def test_nothing_of_an_alarm_overtakes_what_another_gateway_sends(
    store: Database, watch: Watch
) -> None:
    await owe(store, owed(1, **OTHERS), owed(1, 2), owed(2))
    assert await watch.claimed() == ["2.1"]
    (first,) = [one for one in await do(store, deliveries.of_alarm, f"{1:032x}") if one.number == 1]
    await do(store, outbox.settle, [Settlement(id=first.id, state=Settled.DONE, attempts=1)], NOW)
    assert await watch.claimed() == ["1.2"]


async def test_gateways_that_claim_at_once_never_share_the_notices_of_one_alarm(
    store: Database, watch: Watch
) -> None:
    for turn in range(8):
        first = turn * 100
        keys = range(first + 1, first + 40)
        await owe(store, *(owed(key, number) for key in keys for number in (1, 2, 3)))
        found = await asyncio.gather(
            *(watch.claimed(name, limit=20) for name in ("g1", "g2", "g3", "g4"))
        )
        holders = {(one.partition(".")[0], name) for name, each in enumerate(found) for one in each}
        assert len({alarm for alarm, _ in holders}) == len(holders)
        await do(store, lambda c: c.execute(delete(schema.deliveries)))


async def test_an_alarm_held_elsewhere_is_known_by_receiver(store: Database) -> None:
    await owe(store, owed(1, **MINE), owed(2, **OTHERS), owed(3))
    keys = [f"{key:032x}" for key in (1, 2, 3)]
    found = await do(store, outbox.held_elsewhere, "g1", keys)
    assert found == {(keys[1], "centre"), (keys[2], "centre")}


async def test_a_claim_is_renewed_and_released(store: Database, watch: Watch) -> None:
    first, second = await owe(store, owed(1, **MINE), owed(2, **OTHERS))
    await watch.passes(4)
    kept = await do(store, holding.hold, "g1", [first.id, second.id], watch.now)
    await watch.passes(4)
    assert (kept, await watch.claimed("g3")) == ({first.id}, ["2.1"])
    await do(store, holding.release, "g1")
    assert await watch.claimed("g3") == ["1.1"]


async def test_what_another_took_over_is_neither_held_nor_settled_nor_let_go(
    store: Database, watch: Watch
) -> None:
    (one,) = await owe(store, owed(1, **MINE))
    await watch.passes(7)
    assert await watch.claimed("g2") == ["1.1"]
    assert await do(store, holding.hold, "g1", [one.id], watch.now) == set()
    assert await do(store, holding.ours, "g1", [one.id]) == set()
    await do(store, holding.let_go, "g1", [one.id])
    assert await do(store, holding.ours, "g2", [one.id]) == {one.id}


async def test_a_look_tells_whether_anything_is_free(store: Database, watch: Watch) -> None:
    await owe(store, owed(1, **MINE))
    assert not await store.read(holding.anything_free(TO, watch.now))
    await watch.passes(7)
    assert await store.read(holding.anything_free(TO, watch.now))


async def test_nobody_claims_for_a_receiver_it_does_not_serve(
    store: Database, watch: Watch
) -> None:
    await owe(store, owed(1, receiver="gone"))
    assert not await store.read(holding.anything_free(TO, watch.now))
    assert await watch.claimed() == []


async def test_a_settled_delivery_waits_no_more(store: Database) -> None:
    (one,) = await owe(store, owed(1, **MINE))
    ended = Settlement(id=one.id, state=Settled.DONE, attempts=3, reference="CAD-7")
    await do(store, outbox.settle, [ended], later(1))
    (found,) = await do(store, deliveries.listed, None, 9, None)
    assert (found.state, found.attempts, found.reference) == ("done", 3, "CAD-7")
    assert (found.settled_at, found.claimed_by) == (later(1), None)
    assert await do(store, deliveries.waiting) == {}


async def test_only_a_dead_letter_can_go_again(store: Database, watch: Watch) -> None:
    (one,) = await owe(store, owed(1, priority=1))
    assert not await do(store, outbox.resend, one.id)
    await do(store, outbox.settle, [Settlement(id=one.id, state=Settled.DEAD, attempts=1)], NOW)
    assert await watch.claimed() == []
    assert await do(store, outbox.resend, one.id)
    assert await watch.claimed() == ["1.1"]


async def test_what_waits_is_counted_by_priority_since_its_oldest(store: Database) -> None:
    later_one = replace(owed(2), created_at=later(5))
    await owe(store, later_one, owed(1), owed(3, priority=2))
    assert await do(store, deliveries.waiting) == {0: (2, NOW), 2: (1, NOW)}


async def test_pages_of_deliveries_go_back_in_time(store: Database) -> None:
    ids = [one.id for one in await owe(store, *(owed(key) for key in range(1, 6)))]
    page = await do(store, deliveries.listed, None, 2, None)
    rest = await do(store, deliveries.listed, "waiting", 9, page[-1].id)
    assert [one.id for one in [*page, *rest]] == ids[::-1]
    assert await do(store, deliveries.listed, "dead", 9, None) == []


async def test_a_receiver_was_told_only_what_was_owed_to_it(store: Database) -> None:
    await owe(store, owed(1))
    assert await do(store, deliveries.was_told, "centre", f"{1:032x}")
    assert not await do(store, deliveries.was_told, "duty", f"{1:032x}")


async def test_sequences_have_no_gap_whoever_counts_at_once(store: Database) -> None:
    counted: Counter[str] = Counter()
    ids: list[int] = []
    for counts in ({"a": 2, "b": 1}, {"a": 3}, {"b": 1, "a": 1}):
        room = await do(store, outbox.make_room, "g1", counts)
        assert room.before == {name: counted[name] for name in counts}
        ids += room.ids
        counted.update(counts)
    room = await do(store, outbox.make_room, "g2", {"a": 1})
    assert room.before == {"a": 0}
    assert [*ids, *room.ids] == sorted({*ids, *room.ids})
    assert len(ids) == 8
