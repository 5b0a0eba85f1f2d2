"""Two gateways at one PostgreSQL: one does what is done alone, and the other takes over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway import company as companies
from gateway.clock import SystemClock
from gateway.company import Company, duty, words
from gateway.company.duty import Duty, Job
from gateway.company.record import Recorder
from gateway.store import schema
from gateway.store.database import Database, Urgency, WrongDatabase, open_database
from gateway.store.gateways import Me
from tests.harness import waiting

Said = list[tuple[str, str]]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    await opened.write(schema.metadata.create_all, Urgency.BULK)
    yield opened
    await opened.close()


def company(store: Database, name: str, said: Said, *, keys: bytes = b"k") -> Company:
    clock = SystemClock()
    return Company(
        me=Me(name=name, life=f"{name} {len(said)}", version="1", keys=keys),
        database=store,
        clock=clock,
        duty=Duty(clock=clock, is_alone=store.dialect == "sqlite"),
        say=lambda kind, about, _: said.append((kind, about)),
        counts=lambda _: None,
        recorder=Recorder(None),
    )


@contextlib.asynccontextmanager
async def alive(one: Company) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(one.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat each 100 ms, a lease for a second, silence after a second."""
    monkeypatch.setattr(companies, "BEAT_S", 0.1)
    monkeypatch.setattr(duty, "LASTS", timedelta(seconds=1))
    monkeypatch.setattr(words, "SILENT", timedelta(seconds=1))


async def test_a_duty_is_one_gateways_and_another_takes_it_over(store: Database) -> None:
    said: Said = []
    first, second = company(store, "g1", said), company(store, "g2", said)
    async with alive(first) as life:
        await waiting.until(lambda: first.duty.on(Job.UPKEEP), what="g1 has the duties")
        async with alive(second):
            await waiting.until(lambda: second.peers == {"g1": "here"}, what="g2 sees g1")
            assert not any(second.duty.on(job) for job in Job)
            tokens = dict(first.duty.tokens)
            life.cancel()
            await waiting.until(lambda: second.duty.on(Job.UPKEEP), what="g2 took over")
            assert not first.duty.on(Job.UPKEEP)
            assert all(second.duty.tokens[job] > tokens[job] for job in Job)
            await waiting.until(lambda: ("gateway.silent", "gateway-g1") in said, what="told")


async def test_a_gateway_that_comes_back_says_so(store: Database) -> None:
    said: Said = []
    before = company(store, "g1", said)
    async with alive(before):
        await waiting.until(lambda: before.duty.on(Job.UPKEEP), what="a first life")
    said.append(("another", "life"))
    async with alive(company(store, "g1", said)):
        await waiting.until(lambda: ("gateway.heard", "gateway-g1") in said, what="it is back")


async def test_what_a_gateway_that_stops_in_good_order_had_is_anothers_at_once(
    store: Database,
) -> None:
    said: Said = []
    first, second = company(store, "g1", said), company(store, "g2", said)
    async with alive(first):
        await waiting.until(lambda: first.duty.on(Job.UPKEEP), what="g1 has the duties")
    await first.leave()
    async with alive(second):
        await waiting.until(lambda: second.duty.on(Job.UPKEEP), within_s=0.8, what="g2 has them")
        await waiting.until(lambda: second.peers == {"g1": "left"}, what="g1 has left")
    assert said == []


async def test_a_gateway_with_other_keys_does_not_start_beside_a_living_one(
    store: Database,
) -> None:
    first = company(store, "g1", [])
    async with alive(first):
        await waiting.until(lambda: first.duty.on(Job.UPKEEP), what="g1 lives")
        with pytest.raises(WrongDatabase, match="gateway g1, which is running"):
            await company(store, "g2", [], keys=b"other").enter()
        await company(store, "g3", []).enter()


async def test_a_gateway_alone_on_sqlite_does_everything(tmp_path: object) -> None:
    alone = open_database(f"sqlite:///{tmp_path}/store.db")
    one = company(alone, "g1", [])
    await one.enter()
    assert all(one.duty.on(job) for job in Job)
    await one.leave()
    await alone.close()
