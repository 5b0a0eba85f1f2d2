"""The primary dies, its standbys are away, it comes back: nothing receipted is lost by it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness import waiting
from tests.harness.trio import Trio
from tests.t2 import region as regions
from tests.t2.region import Region

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]


@pytest.fixture
async def region(tmp_path: Path, trio: Trio) -> AsyncIterator[Region]:
    """Two gateways that expect every press on two machines."""
    async with regions.opened(tmp_path, trio.new_database(), copies=2) as opened:
        yield opened


async def told(region: Region, *arguments: str, code: int = 0) -> str:
    """What `dabyl database` says to a person at the first gateway."""
    ended, said = await region.gateways[0].run("database", *arguments)
    assert ended == code, said
    return said


async def test_no_receipted_press_is_lost_when_the_primary_dies_and_a_standby_is_promoted(
    region: Region, trio: Trio
) -> None:
    region.start_work()
    await region.presses(60)
    assert "is a primary and answers" in await told(region, "promote", "--i-know", code=1)
    await asyncio.to_thread(trio.servers["pg1"].kill)
    said = await told(region, "promote")
    assert "is the primary now" in said
    (deed,) = await deeds(region, "store_promoted")
    assert (deed["key"].split()[0] in said, "overruled" in deed["data"]) == (True, False)
    assert deed["who"].startswith("cli:")
    await region.presses(60, within_s=40)
    await region.stop_work(within_s=60)
    figures = await region.count()
    assert figures.is_kept, figures
    assert figures.copies.get(2, 0) >= 60  # before the primary died, each
    # The old primary believes that it is one: nobody follows it there.
    await asyncio.to_thread(trio.servers["pg1"].start)
    before = len(region.ledger.promised)
    region.start_work()
    await region.presses(20)
    await region.stop_work()
    assert len(region.ledger.promised) >= before + 20
    assert "TWO primaries" in await told(region, "status")
    assert (await region.count()).is_kept


async def test_a_repeat_is_receipted_only_when_a_standby_has_it(region: Region, trio: Trio) -> None:
    region.start_work(presses_per_s=5, passages_per_s=10)
    await region.presses(10)
    for name in ("pg2", "pg3"):
        await asyncio.to_thread(trio.servers[name].kill)
    promised = await settled(region)
    await waiting.until(
        lambda: region.ledger.waiting > 40, within_s=20, what="many wait, and are said again"
    )
    assert set(region.ledger.promised) == promised
    await asyncio.to_thread(trio.servers["pg2"].start)
    await region.presses(30, within_s=60)
    await asyncio.to_thread(trio.servers["pg1"].kill)
    sure = dict(region.ledger.promised)
    await asyncio.to_thread(trio.servers["pg3"].start)
    await told(region, "promote", "pg2")
    await region.stop_work(within_s=90)
    figures = await region.count()
    assert figures.is_kept, figures
    assert sure.keys() <= figures.told.keys()


async def test_a_promotion_that_no_standby_can_confirm_is_in_the_audit_once_and_overruled(
    region: Region, trio: Trio
) -> None:
    for name in ("pg1", "pg3"):
        await asyncio.to_thread(trio.servers[name].kill)
    assert "--i-know" in await told(region, "promote", code=1)
    assert "pg2" in await told(region, "promote", "--i-know")
    await told(region, "alone")
    (promoted,) = await deeds(region, "store_promoted")
    (alone,) = await deeds(region, "store_alone")
    assert promoted["data"]["overruled"]
    assert promoted["data"]["done_at"] < alone["data"]["done_at"]
    assert "overruled" not in alone["data"]
    assert (await region.gateways[0].run("audit", "verify"))[0] == 0


async def deeds(region: Region, what: str) -> list[dict[str, Any]]:
    """What the audit says that somebody did to the servers."""
    ended, said = await region.gateways[0].run("audit", "list", "--json", "--what", what)
    assert ended == 0, said
    found: list[dict[str, Any]] = json.loads(said)
    return found


async def settled(region: Region) -> set[tuple[str, str]]:
    """The presses with a receipt, once no more come: what was under way has arrived."""
    last = set[tuple[str, str]]()
    while last != set(region.ledger.promised):
        last = set(region.ledger.promised)
        await asyncio.sleep(1)
    return last


async def test_without_standbys_nothing_is_receipted_until_it_goes_on_alone_by_command(
    region: Region, trio: Trio
) -> None:
    assert (await region.ready(0))["standbys"] == {"pg2": "confirms", "pg3": "confirms"}
    region.start_work(presses_per_s=5, passages_per_s=10)
    await region.presses(10)
    assert "no need" in await told(region, "alone", code=1)
    for name in ("pg2", "pg3"):
        await asyncio.to_thread(trio.servers[name].kill)
    promised = await settled(region)
    assert "no commit ends" in await told(region, "status")
    await told(region, "alone")
    (deed,) = await deeds(region, "store_alone")
    assert deed["data"]["waited_for"].startswith("ANY 1")
    await region.presses(20, within_s=30)
    late = [one for key, one in region.ledger.promised.items() if key not in promised]
    assert {one.copies for one in late} <= {0, 1}
    await region.alarm("store.alone", state="UNACKNOWLEDGED")
    assert (await region.ready(1))["copies"] == 1
    assert await region.metric(1, "dabyl_copies") == 1
    assert "nobody follows" in await told(region, "together", code=1)
    for name in ("pg2", "pg3"):
        await asyncio.to_thread(trio.servers[name].start)
    await asyncio.to_thread(follows, trio)
    assert "2 machines" in await told(region, "together")
    assert len(await deeds(region, "store_together")) == 1
    await region.alarm("store.alone", state="RETURNED")
    await region.stop_work()
    assert (await region.count()).is_kept


def follows(trio: Trio) -> None:
    """Returns when somebody follows the first primary."""
    sql = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
    for _ in range(200):
        if trio.ask("pg1", sql) == 2:
            return
    raise AssertionError("nobody follows pg1")
