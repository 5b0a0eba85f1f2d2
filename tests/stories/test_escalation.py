"""Nobody acts: it climbs, through kills; a claim whose page is gone sounds elsewhere in time."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.harness import waiting
from tests.stories import town as towns
from tests.stories.town import Body, Town
from tests.t2 import region as regions
from tests.t2.region import Region

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
LADDER = """
[escalation]
supervisor_s = 5
everyone_s = 6
receiver_s = 7
response_s = 5
receiver = "duty"
[[route]]
receiver = "centre"
"""
CALLED = """
[escalation]
receiver = "duty"
[[route]]
receiver = "centre"
"""
ARMED = {"armed": True, "sound": True}


@pytest.fixture
async def quick(tmp_path: Path, database: str) -> AsyncIterator[Town]:
    """A town whose ladder is quick and ends at the one on duty."""
    async with towns.opened(
        tmp_path, database=database, receivers=("centre", "duty"), more=LADDER
    ) as opened:
        yield opened


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Town]:
    """The same with the ladder's own times."""
    async with towns.opened(tmp_path, receivers=("centre", "duty"), more=CALLED) as opened:
        yield opened


async def _arm(town: Town) -> None:
    await town.post("/consoles/console-of-the-story", ARMED)


async def _climbed(town: Town, device: str, rung: int) -> Body:
    return await town.alarm(device, escalation=rung, within_s=20)


async def test_what_nobody_claims_climbs_to_the_one_on_duty_once_though_the_gateway_is_killed(
    quick: Town,
) -> None:
    await _arm(quick)
    await quick.devices.press("button-1")
    alarm = await _climbed(quick, "button-1", 1)
    await quick.dabyl.kill()
    await asyncio.sleep(3)
    await quick.dabyl.start()
    await _climbed(quick, "button-1", 3)
    (told,) = await towns.told(quick.duty, "button-1", "escalated")
    assert told["data"]["alarm"]["id"] == alarm["id"]
    await quick.post(f"/alarms/{alarm['id']}/claim", {})
    await towns.told(quick.duty, "button-1", "acknowledged")
    kinds = [one["type"].rpartition(".")[2] for one in await towns.notices(quick.duty)]
    assert kinds == ["escalated", "acknowledged"]
    summary = await quick.duty.get("/summary")
    assert (summary["signature_failures"], summary["schema_failures"]) == (0, 0)
    told_centre = [one["type"].rpartition(".")[2] for one in await towns.notices(quick.centre)]
    assert told_centre == ["raised", "acknowledged"]


async def test_a_press_that_was_only_acknowledged_calls_the_supervisor_through_a_kill(
    quick: Town,
) -> None:
    await _arm(quick)
    await quick.devices.press("button-1")
    alarm = await quick.alarm("button-1")
    seen = await quick.post(f"/alarms/{alarm['id']}/acknowledge", {"version": alarm["version"]})
    await quick.dabyl.kill()
    await quick.dabyl.start()
    assert (await quick.alarm("button-1"))["state"] == "ACKNOWLEDGED"
    await _climbed(quick, "button-1", 1)
    assert await quick.metric("dabyl_escalations_total", reason="seen_only") == 1
    await quick.post(
        f"/alarms/{alarm['id']}/respond",
        {"id": "r1", "state": "dispatched", "version": seen["version"]},
    )
    assert (await quick.alarm("button-1"))["escalation"] == 0
    await quick.devices.press("button-1")  # a new cry: what was said does not answer it
    again = await quick.alarm("button-1", state="UNACKNOWLEDGED")
    await quick.post(f"/alarms/{alarm['id']}/acknowledge", {"version": again["version"]})
    await _climbed(quick, "button-1", 1)
    assert await quick.metric("dabyl_escalations_total", reason="seen_only") == 2


async def test_where_nobody_has_armed_a_console_a_press_is_at_the_top_at_once(
    patient: Town,
) -> None:
    await patient.devices.press("button-1")  # the first waits until consoles had time to speak
    await patient.alarm("button-1", escalation=3, within_s=30)
    pressed_at = time.monotonic()
    await patient.devices.press("button-2")
    await towns.told(patient.duty, "button-2", "escalated")
    assert time.monotonic() - pressed_at < 5
    assert await patient.metric("dabyl_escalations_total", reason="nobody_armed") == 2
    await _arm(patient)
    await patient.devices.press("button-3")
    await asyncio.sleep(2)
    assert (await patient.alarm("button-3"))["escalation"] == 0


async def test_of_two_gateways_one_calls_and_when_it_is_killed_the_other_goes_on(
    tmp_path: Path, database_url: str
) -> None:
    async with regions.opened(tmp_path, database_url, gateways=()) as region:
        for name in ("g1", "g2"):
            gateway = region.new_gateway(name, "keys")
            with gateway.settings.open("a") as settings:
                settings.write(LADDER.replace("duty", "centre"))
            await region.stack.enter_async_context(gateway)
            region.gateways.append(gateway)
        region.start_work(presses_per_s=20, passages_per_s=0)
        await region.presses(40)
        await region.stop_work()
        await _all_climbed(region, 1)
        duty = (await region.rows("SELECT holder FROM leases WHERE name = 'upkeep'"))[0].holder
        await region.gateways[0 if duty == "g1" else 1].kill()
        await _all_climbed(region, 3, within_s=40)
        alarms = await region.rows("SELECT id FROM alarms WHERE kind LIKE 'panic.%'")
        calls = await region.rows(
            "SELECT alarm, count(*) AS n FROM deliveries WHERE type = 'dabyl.alarm.escalated'"
            " GROUP BY alarm"
        )
        assert {one.n for one in calls} == {1}
        assert {one.alarm for one in calls} >= {one.id for one in alarms}


async def _all_climbed(region: Region, rung: int, within_s: float = 20) -> None:
    async def are_there() -> bool:
        sql = f"SELECT 1 FROM alarms WHERE kind LIKE 'panic.%' AND escalation < {rung}"  # noqa: S608
        return not await region.rows(sql)

    await waiting.until(are_there, within_s=within_s, what=f"every press is on rung {rung}")


@asynccontextmanager
async def _seat(town: Town, name: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A dispatcher with a page open."""
    _, printed = await town.dabyl.run("token", "add", name, "--role", "dispatcher")
    key = re.search(r"dabyl_[\w-]{20,}", printed)
    assert key is not None
    headers = {"Authorization": f"Bearer {key.group()}"}
    async with httpx2.AsyncClient(base_url=town.dabyl.url, headers=headers, timeout=60) as client:
        yield client


async def _sounds_again(client: httpx2.AsyncClient, claimed: asyncio.Event) -> float:
    """When another's page hears that an alarm which was claimed asks again."""
    was_held = False
    async with client.stream("GET", "/api/v1/alarms/stream") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data:") and '"claimed_by"' in line:
                alarm = json.loads(line.removeprefix("data:"))
                if alarm["claimed_by"] is not None:
                    was_held = True
                    claimed.set()
                elif was_held:
                    assert alarm["state"] == "UNACKNOWLEDGED"
                    return time.monotonic()
    raise AssertionError("the stream ended")


async def test_a_claim_whose_page_is_gone_sounds_elsewhere_within_25_seconds(
    either: Town,
) -> None:
    async with _seat(either, "aigerim") as one, _seat(either, "bolat") as other:
        claimed = asyncio.Event()
        hearing = asyncio.create_task(_sounds_again(other, claimed))
        await either.devices.press("button-1")
        alarm = await either.alarm("button-1")
        async with one.stream("GET", "/api/v1/alarms/stream"):
            taken = await one.post(f"/api/v1/alarms/{alarm['id']}/claim", json={})
            assert taken.status_code == 200
            await asyncio.sleep(26)  # far longer than a claim lasts whose page is gone
            held = await either.alarm("button-1")
            assert (held["state"], held["claimed_by"]) == ("ACKNOWLEDGED", "aigerim")
        cut_at = time.monotonic()
        async with asyncio.timeout(40):
            took_s = await hearing - cut_at
        assert 19 < took_s <= 25, took_s
