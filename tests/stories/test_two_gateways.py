"""Two gateways on one PostgreSQL and two brokers: heard by both, stored and told once."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.harness import waiting
from tests.t2 import region as regions
from tests.t2.region import Region

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


async def held_by(region: Region, gateway: str) -> int:
    """How many deliveries wait that this gateway is to send."""
    sql = f"SELECT 1 FROM deliveries WHERE state = 'waiting' AND claimed_by = '{gateway}'"  # noqa: S608
    return len(await region.rows(sql))


async def test_every_press_is_heard_by_both_and_stored_and_told_once(
    tmp_path: Path, database_url: str
) -> None:
    async with regions.opened(tmp_path, database_url) as region:
        region.start_work(presses_per_s=20, passages_per_s=100)
        await region.presses(150)
        await region.stop_work()
        figures = await region.count()
        assert figures.is_kept, figures
        assert figures.presses >= 150
        assert set(figures.copies) <= {0, 1}
        heard_twice = await region.rows(
            "SELECT device, event_id FROM journal_alarm WHERE heard_again > 0"
        )
        assert len(heard_twice) >= figures.presses
        writers = await region.rows("SELECT DISTINCT gateway FROM journal_event")
        assert {row.gateway for row in writers} == {"g1", "g2"}
        for number in (0, 1):
            assert (await region.gateways[number].run("journal", "verify"))[0] == 0
            assert (await region.ready(number))["gateways"] == {f"g{2 - number}": "here"}


async def test_a_dead_gateways_deliveries_are_taken_over_and_its_silence_is_told(
    tmp_path: Path, database_url: str
) -> None:
    async with regions.opened(tmp_path, database_url) as region:
        await region.centre.mode("refuse")
        region.start_work()
        await region.presses(40)
        await region.stop_work()
        assert await held_by(region, "g1")
        await region.gateways[0].kill()
        killed_at = time.monotonic()
        await region.centre.mode("ok")
        figures = await region.count(within_s=10 - (time.monotonic() - killed_at))
        assert figures.is_kept, figures
        assert (await region.alarm("gateway.silent")).device == "gateway-g1"
        assert time.monotonic() - killed_at < 30
        await region.gateways[0].start()
        await region.alarm("gateway.silent", state="RETURNED")


async def test_a_frozen_gateway_loses_what_it_held_and_settles_nothing_of_it_when_it_thaws(
    tmp_path: Path, database_url: str
) -> None:
    async with regions.opened(tmp_path, database_url) as region:
        region.start_work()
        await region.presses(30)
        await region.centre.mode("refuse")
        await region.presses(40)
        assert await held_by(region, "g1")
        os.kill(region.gateways[0].pid, signal.SIGSTOP)
        frozen_at = time.monotonic()
        await region.centre.mode("ok")

        async def nothing_waits_for_it() -> bool:
            return await held_by(region, "g1") == 0

        await waiting.until(nothing_waits_for_it, within_s=10, what="all is taken over")
        assert time.monotonic() - frozen_at < 10
        settled = await region.rows(
            "SELECT id, settled_at, attempts FROM deliveries WHERE state = 'done' ORDER BY id"
        )
        os.kill(region.gateways[0].pid, signal.SIGCONT)
        await region.stop_work()
        figures = await region.count()
        assert figures.is_kept, figures
        again = {row.id: row for row in await region.rows("SELECT * FROM deliveries")}
        for row in settled:
            assert (again[row.id].settled_at, again[row.id].attempts) == row[1:]


async def test_brokers_that_die_one_after_the_other_cost_nothing(
    tmp_path: Path, database_url: str
) -> None:
    async with regions.opened(tmp_path, database_url) as region:
        region.start_work()
        for broker in region.brokers:
            await region.presses(20)
            await broker.kill()
            await region.presses(20)
            await broker.start()
        await region.stop_work(within_s=60)
        figures = await region.count()
        assert figures.is_kept, figures


async def test_a_gateway_with_another_card_key_does_not_start_beside_the_first(
    tmp_path: Path, database_url: str
) -> None:
    async with regions.opened(tmp_path, database_url, gateways=["g1"]) as region:

        async def beats() -> bool:
            return bool(await region.rows("SELECT name FROM gateways"))

        await waiting.until(beats, within_s=10, what="g1 gave a sign of life")
        code, said = await region.new_gateway("g2", "other").run("run")
        assert code == 1
        assert "gateway g1, which is running" in said
