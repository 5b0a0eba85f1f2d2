"""The servers of a database, asked one by one; and what is done to them."""

import asyncio

import pytest

from gateway.store import promotion
from gateway.store.cluster import Cluster, Member, Role
from gateway.store.database import WrongDatabase
from tests.harness import waiting
from tests.harness.trio import Trio


def by_name(members: list[Member]) -> dict[str, Member]:
    return {one.name or str(one.server.port): one for one in members}


async def test_each_server_says_what_it_is_and_has(trio: Trio) -> None:
    cluster = Cluster(trio.url("postgres"))
    found = by_name(await cluster.members())
    assert [found[name].role for name in ("pg1", "pg2", "pg3")] == [
        Role.PRIMARY,
        Role.STANDBY,
        Role.STANDBY,
    ]
    assert {one.name for one in found["pg1"].following} == {"pg2", "pg3"}
    assert found["pg2"].receives == "streaming"
    await asyncio.to_thread(trio.servers["pg3"].kill)
    away = by_name(await cluster.members())[str(trio.servers["pg3"].port)]
    assert (away.role, bool(away.why)) == (Role.AWAY, True)


async def test_a_standbys_history_is_known_right_after_a_promotion(trio: Trio) -> None:
    """Its control file still has the old timeline; so that the next promotion does not misjudge."""
    cluster = Cluster(trio.url("postgres"))
    await asyncio.to_thread(trio.servers["pg1"].kill)
    found = promotion.plan(await cluster.members(), None, "pg2")
    assert await cluster.promote(found.candidate.server, found.followers) == []

    async def follows() -> bool:
        one = by_name(await cluster.members()).get("pg3")
        return one is not None and (one.receives, one.timeline) == ("streaming", 2)

    await waiting.until(follows, within_s=20, what="pg3 follows pg2")
    await asyncio.to_thread(trio.servers["pg2"].kill)
    third = by_name(await cluster.members())["pg3"]
    assert (third.role, third.timeline) == (Role.STANDBY, 2)


async def test_who_shall_follow_finds_the_log_kept_from_the_promotion_on(trio: Trio) -> None:
    """A slot that holds nothing, or one that was spent, would let the primary recycle it."""
    cluster = Cluster(trio.url("postgres"))
    spent = "SELECT pg_create_physical_replication_slot('pg1')::text"
    await asyncio.to_thread(trio.ask, "pg2", spent)
    await asyncio.to_thread(trio.servers["pg1"].kill)
    found = promotion.plan(await cluster.members(), None, "pg2")
    assert await cluster.promote(found.candidate.server, found.followers) == []
    kept = "SELECT string_agg(slot_name, ' ' ORDER BY slot_name) FROM pg_replication_slots WHERE restart_lsn IS NOT NULL"  # noqa: E501
    assert await asyncio.to_thread(trio.ask, "pg2", kept) == "pg1 pg3"


async def test_going_alone_and_together_takes_effect_before_it_is_said(trio: Trio) -> None:
    cluster = Cluster(trio.url("postgres"))
    primary = by_name(await cluster.members())["pg1"].server
    await cluster.wait_for_nobody(primary)
    assert by_name(await cluster.members())["pg1"].names == ""
    assert await cluster.wait_again(primary, "ANY 1 (x)") == "ANY 1 (pg1, pg2, pg3)"
    assert by_name(await cluster.members())["pg1"].names == "ANY 1 (pg1, pg2, pg3)"


def test_sqlite_has_no_servers() -> None:
    with pytest.raises(WrongDatabase, match="one file"):
        Cluster("sqlite:///x.db")
