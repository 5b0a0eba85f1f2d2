"""Leases: one holder, a growing token, and the store's own time."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from gateway.store import leases, schema
from gateway.store.database import Database
from gateway.store.leases import Fenced
from tests.domain.making import NOW
from tests.store.making import do

LASTS = timedelta(seconds=10)
pytestmark = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


async def take(store: Database, holder: str, *names: str) -> dict[str, int]:
    return await do(store, leases.take, holder, names, NOW, LASTS)


async def run_out(store: Database) -> None:
    """Time passes on a clock that no test may set."""
    await do(store, lambda c: c.execute(update(schema.leases).values(until=NOW)))


async def test_a_lease_has_one_holder_until_it_runs_out(store: Database) -> None:
    assert await take(store, "g1", "upkeep", "camera-1") == {"upkeep": 1, "camera-1": 1}
    assert await take(store, "g2", "upkeep", "camera-2") == {"camera-2": 1}
    await run_out(store)
    assert await take(store, "g2", "upkeep") == {"upkeep": 2}
    assert await take(store, "g1", "upkeep") == {}


async def test_a_new_life_takes_its_own_lease_at_once_under_a_new_token(store: Database) -> None:
    await take(store, "g1", "upkeep")
    assert await take(store, "g1", "upkeep") == {"upkeep": 2}


async def test_what_is_renewed_stays_and_what_another_took_is_lost(store: Database) -> None:
    tokens = await take(store, "g1", "upkeep", "camera-1")
    await run_out(store)
    assert await do(store, leases.renew, "g1", tokens, NOW, LASTS) == tokens
    assert await take(store, "g2", "upkeep") == {}
    await run_out(store)
    assert await take(store, "g2", "upkeep") == {"upkeep": 2}
    assert await do(store, leases.renew, "g1", tokens, NOW, LASTS) == {"camera-1": 1}


async def test_what_is_given_back_is_anybodys_at_once(store: Database) -> None:
    await take(store, "g1", "upkeep", "camera-1")
    await do(store, leases.release, "g1", ["upkeep"])
    assert await take(store, "g2", "upkeep", "camera-1") == {"upkeep": 2}
    await do(store, leases.release, "g1")
    assert await take(store, "g2", "camera-1") == {"camera-1": 2}


async def test_work_under_an_old_token_is_refused(store: Database) -> None:
    await take(store, "g1", "upkeep")
    await do(store, leases.check, "upkeep", 1)
    await run_out(store)
    await take(store, "g2", "upkeep")
    with pytest.raises(Fenced, match="token 1"):
        await do(store, leases.check, "upkeep", 1)
    with pytest.raises(Fenced):
        await do(store, leases.check, "never", 1)


async def test_who_holds_how_many_is_known_for_sharing_them_out(store: Database) -> None:
    await take(store, "g1", "camera-1", "camera-2", "upkeep")
    await take(store, "g2", "camera-3")
    assert await do(store, leases.counts, NOW, "camera-") == {"g1": 2, "g2": 1}
    await run_out(store)
    assert await do(store, leases.counts, NOW, "camera-") == {}
    await do(store, leases.forget, ["camera-1"])
    assert await take(store, "g2", "camera-1") == {"camera-1": 1}
