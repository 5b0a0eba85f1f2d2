"""Gateways' signs of life, by the store's own time."""

from datetime import timedelta

from sqlalchemy import update

from gateway.store import gateways, leases, schema
from gateway.store.database import Database
from gateway.store.gateways import Me
from tests.domain.making import NOW, later
from tests.store.making import do

G1 = Me(name="g1", life="a", version="1.0", keys=b"k")
SOON = timedelta(seconds=5)


async def test_a_gateway_that_beats_is_seen_with_the_age_of_its_last_beat(store: Database) -> None:
    assert await do(store, gateways.beat, G1, NOW) is None
    before = await do(store, gateways.beat, G1, later(1))
    assert before is not None
    assert timedelta(0) <= before.age < SOON
    (seen,) = await do(store, gateways.everyone, later(1))
    assert (seen.name, seen.life, seen.keys, seen.left) == ("g1", "a", b"k", None)
    assert timedelta(0) <= seen.age < SOON


async def test_a_new_life_begins_anew_and_the_same_one_goes_on(store: Database) -> None:
    await do(store, gateways.beat, G1, NOW)
    (first,) = await do(store, gateways.everyone, NOW)
    await do(store, gateways.beat, G1, later(2))
    await do(store, lambda c: c.execute(update(schema.gateways).values(started_at=NOW)))
    await do(store, gateways.beat, G1, later(3))
    (again,) = await do(store, gateways.everyone, later(3))
    assert again.started_at == NOW
    reborn = Me(name="g1", life="b", version="1.0", keys=b"k")
    await do(store, gateways.beat, reborn, later(4))
    (second,) = await do(store, gateways.everyone, later(4))
    assert (second.life, second.started_at != NOW) == ("b", True)
    assert first.life == "a"


async def test_one_that_was_stopped_has_left_until_it_beats_again(store: Database) -> None:
    await do(store, gateways.beat, G1, NOW)
    await do(store, gateways.leave, "g1", NOW)
    (seen,) = await do(store, gateways.everyone, NOW)
    assert seen.left is not None
    await do(store, gateways.beat, G1, NOW)
    (seen,) = await do(store, gateways.everyone, NOW)
    assert seen.left is None


async def test_one_that_will_not_come_back_can_be_forgotten(store: Database) -> None:
    await do(store, gateways.beat, G1, NOW)
    assert await do(store, gateways.forget, "g1")
    assert not await do(store, gateways.forget, "g1")
    assert await do(store, gateways.everyone, NOW) == []


async def test_the_one_gateway_of_sqlite_always_holds_its_leases(store: Database) -> None:
    if store.dialect == "postgresql":
        return
    for holder in ("g1", "renamed"):
        assert list(await do(store, leases.take, holder, ["upkeep"], NOW, SOON)) == ["upkeep"]
