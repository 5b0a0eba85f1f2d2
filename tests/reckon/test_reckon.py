"""Reckon: the counts of every hop, added up from what the store really holds, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text

from adapters.signal import Lane
from gateway import metrics
from gateway.domain.counts import Heard, Hop, Reckoning, Written
from gateway.reckon import Reckon
from gateway.store import done, journal, migrate, outbox, schema
from gateway.store.database import Database, open_database
from gateway.store.journal import Head
from gateway.store.outbox import Settled, Settlement
from tests.domain.making import NOW, later
from tests.harness.clock import PushedClock
from tests.store.making import do, owed
from tests.store.test_chain import heard as presses
from tests.store.test_outbox import owe


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'dabyl.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("database_url")
    migrate.prepare(url)
    opened = open_database(url)
    yield opened
    await opened.close()


class Counted:
    """What intake says it did."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.written = Written(started_at=None, rows=0, under_way=False)

    def __call__(self, lane: Lane) -> tuple[Heard, Written]:
        if lane is Lane.ALARM:
            return self.heard, self.written
        return Heard(), Written(started_at=None, rows=0, under_way=False)


@pytest.fixture
def intake() -> Counted:
    return Counted()


@pytest.fixture
def reckon(store: Database, intake: Counted) -> Reckon:
    return Reckon(gateway="g1", database=store, clock=PushedClock(), intake=intake)


def only(found: Reckoning) -> dict[str, Any]:
    (one,) = found.owed
    names = ("owed", "settled", "waiting", "dead", "dropped", "difference")
    return {name: getattr(one, name) for name in names}


async def settled(store: Database, number: int, state: Settled) -> None:
    ended = Settlement(id=number, state=state, attempts=1)
    await do(store, outbox.settle, [ended], NOW)


async def test_every_notice_is_somewhere_at_every_time(store: Database, reckon: Reckon) -> None:
    rows = await owe(store, *(owed(n) for n in range(1, 6)))
    assert only(await reckon.look()) == {
        "owed": 5,
        "settled": 0,
        "waiting": 5,
        "dead": 0,
        "dropped": 0,
        "difference": 0,
    }
    for one in rows[:2]:
        await settled(store, one.id, Settled.DONE)
    await settled(store, rows[2].id, Settled.DEAD)
    ids = await store.read(lambda c: done.movable(c, later(1), 1))
    assert await do(store, done.move, ids) == 1
    expected = {"owed": 5, "settled": 2, "waiting": 2, "dead": 1, "dropped": 0, "difference": 0}
    assert only(await reckon.look()) == expected
    await do(store, done.forget, later(9), 9)
    await do(store, done.forget_dead, later(9), 9)
    assert only(await reckon.look()) == expected | {"dead": 0, "dropped": 1}
    assert (
        metrics.REGISTRY.get_sample_value(
            "dabyl_notices", {"receiver": "centre", "state": "settled"}
        )
        == 2
    )


async def test_a_delivery_that_somebody_deleted_is_missed(store: Database, reckon: Reckon) -> None:
    await owe(store, owed(1), owed(2))
    await do(
        store,
        lambda c: c.execute(
            delete(schema.deliveries).where(schema.deliveries.c.alarm == f"{1:032x}")
        ).close(),
    )
    found = await reckon.look()
    assert only(found)["difference"] == 1
    assert found.findings() == ["g1 to centre: of 2 notices owed 1 are unaccounted for"]
    assert _mismatch(Hop.OWED) == 1
    await do(store, lambda c: c.execute(text("UPDATE sequences SET last = 1")).close())
    assert (await reckon.look()).findings() == []
    assert _mismatch(Hop.OWED) == 0


@pytest.mark.parametrize(("rows", "differs"), [(3, 0), (4, -1), (2, 1)])
async def test_rows_that_intake_wrote_are_in_the_journal(
    store: Database, reckon: Reckon, intake: Counted, rows: int, differs: int
) -> None:
    head = await do(store, journal.append, "g1", Lane.ALARM, presses(Lane.ALARM, 5), Head())
    intake.written = Written(started_at=2, rows=rows, under_way=False)
    found = await reckon.look()
    (one,) = found.chains
    assert (one.last, one.first, one.hash) == (5, 1, head.hash.hex())
    assert one.difference == differs
    assert _mismatch(Hop.JOURNAL) == abs(differs)


async def test_a_signal_that_nobody_accounts_for_is_a_finding(
    reckon: Reckon, intake: Counted
) -> None:
    intake.heard = Heard(heard=3)
    intake.heard.results.update(["journalled", "repeat"])
    before = metrics.REGISTRY.get_sample_value("dabyl_heard_total", {"lane": "alarm"}) or 0
    found = await reckon.look()
    await reckon.look()
    assert found.mismatch(Hop.HEARD) == _mismatch(Hop.HEARD) == 1
    after = metrics.REGISTRY.get_sample_value("dabyl_heard_total", {"lane": "alarm"})
    assert after == before + 3


def _mismatch(hop: Hop) -> float | None:
    return metrics.REGISTRY.get_sample_value("dabyl_count_mismatch", {"hop": hop})
