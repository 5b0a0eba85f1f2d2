"""Holding: several gateways on one PostgreSQL share the cameras, and take over a dead one's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import update

from gateway.store import leases, migrate, schema
from gateway.store.database import Database, Urgency, open_database
from gateway.watch import shares
from gateway.watch.holding import Holding
from tests.harness.clock import PushedClock

pytestmark = pytest.mark.servers
CAMERAS = [f"c{n:03}" for n in range(100)]


@dataclass
class Company:
    """The gateways that live, and the database between them."""

    database: Database
    living: list[str] = field(default_factory=list)

    def join(self, name: str) -> Holding:
        """One more."""
        self.living.append(name)
        return Holding(
            gateway=name,
            database=self.database,
            clock=PushedClock(),
            is_alone=False,
            peers=lambda: [one for one in self.living if one != name],
        )

    async def die(self, name: str) -> None:
        """It renews nothing any more, and its leases run out."""
        self.living.remove(name)
        past = update(schema.leases).where(schema.leases.c.holder == name).values(until=_PAST)
        await self.database.write(lambda c: c.execute(past).close(), Urgency.STEP)


_PAST = PushedClock().now().replace(year=2001)


@pytest.fixture
async def company(database_url: str) -> AsyncIterator[Company]:
    migrate.prepare(database_url)
    found = Company(open_database(database_url))
    yield found
    await found.database.close()


async def test_one_alone_has_them_all_and_two_have_half_each_in_small_steps(
    company: Company,
) -> None:
    first = company.join("g1")
    assert set(await first.turn(CAMERAS)) == set(CAMERAS)
    second = company.join("g2")
    assert set(await second.turn(CAMERAS)) == set()
    steps = 0
    while len(second.tokens) < 44:
        before = len(first.tokens)
        await first.turn(CAMERAS)
        assert before - len(first.tokens) <= shares.GIVE_AT_ONCE
        await second.turn(CAMERAS)
        steps += 1
        assert steps < 10
    assert not first.tokens.keys() & second.tokens.keys()
    assert first.tokens.keys() | second.tokens.keys() == set(CAMERAS)
    for _ in range(3):
        held = dict(first.tokens)
        await second.turn(CAMERAS)
        await first.turn(CAMERAS)
        assert first.tokens == held


async def test_a_dead_ones_are_taken_under_new_tokens_and_it_has_lost_them(
    company: Company,
) -> None:
    first, second = company.join("g1"), company.join("g2")
    await first.turn(CAMERAS)
    await second.turn(CAMERAS)
    theirs = dict(first.tokens)
    assert len(theirs) == 50
    await company.die("g1")
    await second.turn(CAMERAS)
    assert second.tokens.keys() == set(CAMERAS)
    assert all(second.tokens[device] == token + 1 for device, token in theirs.items())
    company.living.append("g1")
    await first.turn(CAMERAS)
    assert not first.tokens.keys() & second.tokens.keys()


async def test_what_nobody_wants_any_more_is_given_back(company: Company) -> None:
    first = company.join("g1")
    await first.turn(CAMERAS)
    assert set(await first.turn(CAMERAS[:30])) == set(CAMERAS[:30])
    now = first.clock.now()
    counts = await company.database.read(lambda c: leases.counts(c, now, leases.CAMERAS))
    assert counts == {"g1": 30}


async def test_a_new_life_holds_what_the_one_before_held(company: Company) -> None:
    first = company.join("g1")
    await first.turn(CAMERAS)
    company.living.remove("g1")
    again = company.join("g1")
    assert set(await again.turn(CAMERAS)) == set(CAMERAS)
