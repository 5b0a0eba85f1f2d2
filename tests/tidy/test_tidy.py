"""Tidy: everything that is old goes, nothing that is needed, and no press waits for it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, func, select

from adapters.signal import Lane
from gateway import metrics, tidy, verify
from gateway.settings import Retention
from gateway.store import alarms, changes, journal, migrate, partitions, schema
from gateway.store.changes import What
from gateway.store.database import Database, StoreDown, open_database
from gateway.store.journal import Head
from gateway.store.signing import Signer
from gateway.tidy import Tidy
from gateway.verify import Trust, Walked
from tests.domain.making import event
from tests.harness.clock import PushedClock
from tests.store.making import an_alarm, change, do, owed
from tests.store.test_outbox import owe

DAY = timedelta(days=1)
SIGNER = Signer(Fernet.generate_key())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'dabyl.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("database_url")
    migrate.prepare(url)
    opened = open_database(url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> PushedClock:
    return PushedClock()


@pytest.fixture
def at(store: Database, clock: PushedClock, monkeypatch: pytest.MonkeyPatch) -> Tidy:
    monkeypatch.setattr(tidy, "BREATH_S", 0.0)  # the clock stands still here
    return Tidy(database=store, clock=clock, signer=SIGNER, kept=Retention())


async def heard(store: Database, lane: Lane, days_ago: list[float], clock: PushedClock) -> None:
    kind, by = (
        ("panic.pressed", "button-1") if lane is Lane.ALARM else ("passage.granted", "gate-1")
    )
    events = [
        event(kind, by, id=f"e{n}", at=clock.now() - days * DAY) for n, days in enumerate(days_ago)
    ]
    await do(store, journal.append, "g1", lane, events, Head())


async def count(store: Database, table: object) -> int:
    def work(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]

    return await store.read(work)


async def walked(store: Database) -> dict[Lane, Walked]:
    steps = [step async for step in verify.every_chain(store, Trust(keys={SIGNER.public}))]
    assert all(isinstance(step, Walked) for step in steps), steps
    return {step.lane: step for step in steps if isinstance(step, Walked)}


async def test_passages_go_by_their_age_and_the_chain_is_whole(
    store: Database, at: Tidy, clock: PushedClock
) -> None:
    await heard(store, Lane.EVENT, [40, 39, 31, 12, 3, 2, 1, 0], clock)
    await at.once()
    found = (await walked(store))[Lane.EVENT]
    assert (found.begins, found.rows) == (3, 5)


async def test_alarms_of_years_ago_go_with_all_that_belongs_to_them(
    store: Database, at: Tidy, clock: PushedClock
) -> None:
    old = clock.now() - 1200 * DAY
    await heard(store, Lane.ALARM, [1200, 1200, 3], clock)
    closed, young = an_alarm(1, raised_at=old, closed_at=old), an_alarm(2, closed_at=clock.now())
    await do(store, alarms.save, [change(one, new=True) for one in (closed, young)])
    await owe(
        store,
        owed(1, state="done", created_at=old, settled_at=old),
        owed(2, state="done", settled_at=clock.now()),
    )
    await at.once()
    assert await count(store, schema.alarms) == 1
    assert await count(store, schema.transitions) == 1
    assert (await walked(store))[Lane.ALARM].begins == 2
    assert await count(store, schema.deliveries) == 1
    assert await count(store, schema.deliveries_done) == 0


async def test_an_alarm_that_is_open_for_years_keeps_what_was_heard_of_it(
    store: Database, at: Tidy, clock: PushedClock
) -> None:
    await heard(store, Lane.ALARM, [1300, 1200, 3], clock)
    opened = an_alarm(1, raised_at=clock.now() - 1250 * DAY)
    await do(store, alarms.save, [change(opened, new=True)])
    await at.once()
    assert (await walked(store))[Lane.ALARM].begins == 1
    assert await count(store, schema.alarms) == 1


async def test_more_than_one_slice_takes_is_done_all_the_same(
    store: Database, at: Tidy, clock: PushedClock
) -> None:
    count_of = 2 * tidy.FIRST + 50
    rows = [
        {"what": What.ALARM, "key": str(n), "at": clock.now() - 9 * DAY} for n in range(count_of)
    ]
    await do(store, lambda c: c.execute(schema.changes.insert(), rows).close())
    await at.once()
    assert await count(store, schema.changes) == 1
    assert (await do(store, changes.bounds))[1] == count_of


@pytest.mark.parametrize(
    ("size", "count_done", "seconds", "then"),
    [
        (200, 200, 0.001, 250),
        (200, 120, 0.001, 200),
        (200, 200, 0.02, 100),
        (200, 200, 9.0, 50),
        (10, 10, 9.0, 10),
        (5000, 5000, 0.001, 5000),
    ],
)
def test_a_slice_that_took_long_makes_the_next_one_smaller(
    size: int, count_done: int, seconds: float, then: int
) -> None:
    assert tidy.next_size(size, count_done, seconds) == then


class Unread:
    """A database of which nothing can be read."""

    def __init__(self, real: Database) -> None:
        self.write, self.close, self.dialect = real.write, real.close, real.dialect

    async def read(self, _: object) -> None:
        raise StoreDown("told to be down")


async def test_what_cannot_be_done_now_holds_up_nothing_else(
    store: Database, at: Tidy, clock: PushedClock
) -> None:
    await heard(store, Lane.ALARM, [1200, 3], clock)
    at.database = Unread(store)  # type: ignore[assignment]
    await at.once()
    assert (await walked(store))[Lane.ALARM].begins == 1


async def test_every_slice_is_measured(store: Database, at: Tidy, clock: PushedClock) -> None:
    await heard(store, Lane.ALARM, [1200, 3], clock)
    before = _measured("journal alarm")
    await at.once()
    assert _measured("journal alarm") > before


async def test_nothing_is_deleted_for_a_day_by_a_clock_that_jumped(
    store: Database, at: Tidy, clock: PushedClock
) -> None:
    await heard(store, Lane.ALARM, [3, 2], clock)
    await at.once()
    clock.set_wall(clock.now() + 4000 * DAY)
    await at.once()
    await clock.push(tidy.DOUBTED_S - 1)
    await at.once()
    assert (await walked(store))[Lane.ALARM].rows == 2
    await clock.push(2)
    await at.once()
    assert (await walked(store))[Lane.ALARM].rows == 0


async def test_nothing_is_deleted_for_a_day_where_the_clock_is_far_from_what_was_heard(
    store: Database, at: Tidy, clock: PushedClock
) -> None:
    await heard(store, Lane.ALARM, [1300, 1200], clock)
    await at.once()
    assert (await walked(store))[Lane.ALARM].rows == 2
    await clock.push(tidy.DOUBTED_S + 1)
    await at.once()
    assert (await walked(store))[Lane.ALARM].rows == 0


async def test_passages_find_their_day_made_when_the_gateway_starts(
    store: Database, at: Tidy
) -> None:
    await at.prepare()
    if store.dialect == "postgresql":
        made = await store.read(partitions.listed)
        assert len(made) == 8


def _measured(work: str) -> float:
    """How many slices of that work were measured so far."""
    name = "dabyl_slice_seconds_count"
    return metrics.REGISTRY.get_sample_value(name, {"work": work}) or 0.0


async def test_an_alarm_that_was_open_for_years_keeps_it_as_long_as_it_is_kept_itself(
    store: Database, at: Tidy, clock: PushedClock
) -> None:
    """Else its id, said again, were taken for new, and no alarm of it could be stored."""
    await heard(store, Lane.ALARM, [1300, 1200, 3], clock)
    ended = an_alarm(1, raised_at=clock.now() - 1250 * DAY, closed_at=clock.now() - 10 * DAY)
    await do(store, alarms.save, [change(ended, new=True)])
    await at.once()
    assert (await walked(store))[Lane.ALARM].begins == 1
    assert await count(store, schema.alarms) == 1
