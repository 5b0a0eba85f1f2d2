"""Two gateways hear the same at one database: stored once, counted once, nobody waits in a ring."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from adapters.signal import Lane, Spoken
from gateway.clock import SystemClock
from gateway.domain.kind import Priority
from gateway.store import migrate, occupancies, partitions, schema
from gateway.store.database import Urgency, open_database
from tests.domain.making import GATE, NOW, SCHOOL, later, spoken
from tests.harness.postgres import Postgres
from tests.intake import bench
from tests.intake.bench import Bench


@pytest.fixture
async def pair(tmp_path: Path, database_url: str) -> AsyncIterator[tuple[Bench, Bench]]:
    """Two intakes with connections of their own to one PostgreSQL."""
    migrate.prepare(database_url)
    async with AsyncExitStack() as stack:
        stores = [open_database(database_url) for _ in range(2)]
        await stores[0].write(_partitioned, Urgency.BULK)
        await bench.settle(stores[0], is_prepared=True)
        first, second = [
            await stack.enter_async_context(
                bench.bench(tmp_path, gateway=f"g{n}", real=store, clock=SystemClock())
            )
            for n, store in enumerate(stores, 1)
        ]
        yield first, second


ROUNDS = 12
MIDNIGHT_S = (schema.midnight(NOW) + timedelta(days=1) - NOW).total_seconds()


def _partitioned(connection: Connection) -> None:
    while partitions.make_next(connection, kept=timedelta(days=30), now=NOW):
        pass


async def both_hear(pair: tuple[Bench, Bench], *signals: Spoken) -> None:
    """At the same time, each in an order of its own."""
    orders = [random.Random(seed).sample(signals, len(signals)) for seed in (1, 2)]
    await each_hears(pair, *orders)


async def each_hears(pair: tuple[Bench, Bench], *orders: Sequence[Spoken]) -> None:
    """At the same time, each its own."""
    ways = zip(pair, orders, strict=True)
    await asyncio.gather(*(one.answered(*order) for one, order in ways))


async def test_a_press_that_two_gateways_hear_is_stored_once_and_receipted_by_both(
    pair: tuple[Bench, Bench], cluster: Postgres
) -> None:
    said = len(cluster.log())
    for r in range(ROUNDS):
        presses = [
            spoken("panic.pressed", f"button-{n}", id=f"r{r}e{n}", at=later(60 * r))
            for n in range(40)
        ]
        await both_hear(pair, *presses)
    everything = {f"r{r}e{n}" for r in range(ROUNDS) for n in range(40)}
    rows = await pair[0].rows()
    assert (len(rows), {row[0] for row in rows}) == (len(everything), everything)
    assert {(reuse, again) for _, reuse, again, _ in rows} == {(0, 1)}
    for one in pair:
        assert {receipt.id for receipt in one.receipts if receipt.stored_at} == everything
    assert await pair[0].quarantined() == []
    assert "deadlock" not in cluster.log()[said:]


async def test_presses_of_one_button_at_two_gateways_at_once_are_one_alarm(
    pair: tuple[Bench, Bench],
) -> None:
    for r in range(ROUNDS):
        first, second = (
            [spoken("panic.pressed", f"button-{r}-{n}", id=f"{by}{n}") for n in range(10)]
            for by in "ab"
        )
        await each_hears(pair, first, second)
    counts = {one.device: one.count for one in await pair[0].alarms()}
    assert len(await pair[0].alarms()) == len(counts) == 10 * ROUNDS
    assert set(counts.values()) == {2}


def passages(count: int, prefix: str = "p", at_s: float = 0) -> Sequence[Spoken]:
    return [
        spoken(
            "passage.granted",
            GATE.id if n % 2 else f"gate-{n % 7 + 2}",
            id=f"{prefix}{n}",
            lane=Lane.EVENT,
            content={"data": {"direction": "in"}},
            at=later(at_s),
        )
        for n in range(count)
    ]


async def test_passages_that_both_hear_are_stored_once_without_a_deadlock(
    pair: tuple[Bench, Bench], cluster: Postgres
) -> None:
    said = len(cluster.log())
    for r in range(ROUNDS):
        await both_hear(pair, *passages(40, f"r{r}p", 60 * r))
    rows = await pair[0].rows(Lane.EVENT)
    assert len({row[0] for row in rows}) == len(rows) == 40 * ROUNDS
    assert await pair[0].quarantined() == []
    assert "deadlock" not in cluster.log()[said:]


async def test_a_passage_that_one_hears_before_midnight_and_one_after_it_is_stored_once(
    pair: tuple[Bench, Bench],
) -> None:
    for r in range(ROUNDS):
        early = passages(1, f"r{r}early", MIDNIGHT_S - 600)
        before, after = (passages(40, f"r{r}p", MIDNIGHT_S + s) for s in (-30, 30))
        await each_hears(pair, [*early, *before], after)
    rows = await pair[0].rows(Lane.EVENT)
    assert len({row[0] for row in rows}) == len(rows) > ROUNDS


async def test_people_are_counted_exactly_by_two_gateways_at_once(
    pair: tuple[Bench, Bench],
) -> None:
    for r in range(ROUNDS):
        at_s = 60 * r
        await each_hears(pair, passages(30, f"a{r}-", at_s), passages(30, f"b{r}-", at_s))
    counts = await pair[0].database.read(lambda c: occupancies.of_sites(c, [SCHOOL.id]))
    known = sum(one.device == GATE.id for one in passages(30))
    assert counts[SCHOOL.id].inside == 2 * known * ROUNDS


async def test_a_rule_counts_what_both_gateways_heard(pair: tuple[Bench, Bench]) -> None:
    denied = [
        spoken("passage.denied", GATE.id, id=f"d{n}", lane=Lane.EVENT, at=later(n))
        for n in range(5)
    ]
    for n, one in enumerate(denied):
        await pair[n % 2].answered(one)
    (alarm,) = await pair[0].alarms()
    assert (alarm.kind, alarm.priority) == ("passage.denied", Priority.P3)


async def test_a_batch_that_is_tried_again_counts_once_for_a_rule(tmp_path: Path) -> None:
    async with bench.bench(tmp_path, clock=SystemClock()) as running:
        running.database.failing = 1
        denied = [
            spoken("passage.denied", GATE.id, id=f"d{n}", lane=Lane.EVENT, at=later(n))
            for n in range(4)
        ]
        await running.answered(*denied)
        assert (running.database.failing, await running.alarms()) == (0, [])


async def test_a_receipt_says_on_how_many_machines_its_press_is(running: Bench) -> None:
    running.database.copies = 2
    (receipt,) = await running.answered(spoken("panic.pressed"))
    assert receipt.copies == 2
