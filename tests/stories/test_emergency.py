"""The store is away: a cry is at the centre all the same, called unstored, and stored later."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.harness import waiting
from tests.harness.postgres import Postgres
from tests.stories import audit, crowd, devices, outages
from tests.stories import town as towns
from tests.stories.outages import Outage
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers


@pytest.fixture(params=outages.KINDS)
async def away(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Outage]:
    """A town whose store can be away, told in every way that it can."""
    cluster: Callable[[], Postgres] = lambda: request.getfixturevalue("own_cluster")  # noqa: E731
    async with outages.outage(request.param, tmp_path, cluster) as made:
        yield made


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Outage]:
    """A town on a SQLite file that somebody locks."""
    async with outages.outage("locked", tmp_path, outages.none) as made:
        yield made


async def test_a_press_is_at_the_centre_within_two_seconds_and_stored_later(away: Outage) -> None:
    town = away.town
    await town.devices.press("button-9")
    await towns.told(town.centre, "button-9")
    await away.begin()
    started = time.monotonic()
    pressing = asyncio.create_task(town.devices.press("button-1"))
    notice = await outages.unstored(town, "button-1")
    assert time.monotonic() - started < 2
    assert notice["id"].endswith(":1")
    assert (notice["data"]["stored"], notice["data"]["occupancy"]) == (False, None)
    assert notice["data"]["delivery"] == {"receiver": "centre", "gateway": "g1", "sequence": 0}
    assert notice["data"]["journal"]["number"] >= 1
    await asyncio.sleep(3)  # a store that is away for a while: no receipt, and no second word
    assert not pressing.done()
    await away.end()
    async with asyncio.timeout(20):
        said = await pressing
    stored = await outages.stored(town, said.id)
    assert stored["id"] == notice["id"]
    assert await outages.keys(town, said.id) == {notice["id"]}
    rows = await town.rows("SELECT reuse FROM journal_alarm WHERE device = 'button-1'")
    assert [row.reuse for row in rows] == [0]
    alarm = await town.alarm("button-1")
    assert (alarm["id"], alarm["count"], alarm["stored"]) == (notice["subject"], 1, True)
    assert (await town.centre.get("/summary"))["schema_failures"] == 0
    assert (await town.dabyl.run("journal", "verify"))[0] == 0


async def test_an_outage_under_load_loses_nothing_and_gives_no_press_two_keys(
    away: Outage,
) -> None:
    town = away.town
    async with crowd.at_work(town.devices, presses_per_s=20, passages_per_s=50) as people:
        await waiting.until(lambda: len(people.presses) > 40, what="some presses")
        for _ in range(2):
            await away.begin()
            await asyncio.sleep(3)  # in which every button is pressed again
            await away.end()
            before = len(people.presses)
            await waiting.until(
                lambda before=before: len(people.presses) > before + 60,  # type: ignore[misc]
                within_s=30,
                what="presses are taken again",
            )
        await people.stop(within_s=30)
        figures = await audit.take(town, people)
    assert (figures.lost, figures.doubled, figures.unjournalled) == ((), (), ())
    assert await town.metric("dabyl_emergency_total", result="accepted") > 0
    assert await town.metric("dabyl_unstored_alarms") == 0


@pytest.mark.parametrize("away", ["locked", "frozen"], indirect=True)
async def test_a_press_soon_after_another_keeps_the_key_under_which_it_was_told(
    away: Outage,
) -> None:
    town = away.town
    await town.devices.press("button-1")
    await towns.told(town.centre, "button-1")
    await away.begin()
    pressing = asyncio.create_task(town.devices.press("button-1", id="second"))
    await waiting.until(lambda: outages.keys(town, "second"), within_s=2, what="it is told")
    (key,) = await outages.keys(town, "second")
    await away.end()
    async with asyncio.timeout(20):
        await pressing
    assert (await outages.stored(town, "second"))["id"] == key
    assert await outages.keys(town, "second") == {key}


async def test_a_gateway_killed_while_a_cry_is_out_stores_it_under_the_same_key(
    locked: Outage,
) -> None:
    town = locked.town
    await town.devices.press("button-1")
    await towns.told(town.centre, "button-1")
    await locked.begin()
    pressing = [
        asyncio.create_task(town.devices.press(*one))
        for one in (("button-1", "panic.pressed"), ("button-2", "panic.fire"))
    ]
    notices = [await outages.unstored(town, "button-2")]
    await waiting.until(lambda: _of(town, "button-1", 2), within_s=2, what="both are told")
    notices += await _of(town, "button-1", 2) or []
    await town.dabyl.kill()
    await locked.end()
    await town.dabyl.start()
    async with asyncio.timeout(20):
        pressed = await asyncio.gather(*pressing)
    for said in pressed:
        stored = await outages.stored(town, said.id)
        assert await outages.keys(town, said.id) == {stored["id"]}
    assert {one["id"] for one in notices} >= {
        key for one in pressed for key in await outages.keys(town, one.id)
    }


async def _of(town: Town, device: str, count: int) -> list[Body] | None:
    found = await towns.notices(town.centre, device, of="raised")
    return found if len(found) >= count else None


@pytest.mark.parametrize("protocol", [5, 4])
async def test_a_new_cry_is_heard_however_long_others_have_repeated_theirs(
    tmp_path: Path, protocol: int
) -> None:
    async with outages.outage("locked", tmp_path, outages.none, protocol=protocol) as locked:
        town = locked.town
        impatient = await town.stack.enter_async_context(
            devices.at(town.brokers[0].port, repeat_s=0.05)
        )
        await locked.begin()
        crying = [asyncio.create_task(impatient.press(f"button-{n}")) for n in range(2, 8)]
        await outages.unstored(town, "button-7")
        await asyncio.sleep(6)  # 700 messages by then; the broker gives 64 or 20 unacknowledged
        pressing = asyncio.create_task(town.devices.press("button-1"))
        await outages.unstored(town, "button-1")
        await locked.end()
        async with asyncio.timeout(30):
            await asyncio.gather(pressing, *crying)
        keys = {one["id"] for one in await towns.notices(town.centre)}
        assert len(keys) == 7


async def test_while_nobody_takes_it_a_cry_is_said_again_until_it_is_stored(
    locked: Outage,
) -> None:
    town = locked.town
    await town.centre.mode("status", status=503)
    await locked.begin()
    pressing = asyncio.create_task(town.devices.press("button-1"))

    async def attempts() -> int:
        bodies = [json.loads(item["body"]) for item in await town.centre.recorded()]
        return sum(body["data"].get("stored") is False for body in bodies)

    await waiting.until(lambda: _at_least(attempts, 3), within_s=4, what="three attempts")
    await town.centre.mode("ok")
    notice = await waiting.until(lambda: _of(town, "button-1", 1), within_s=3, what="it is taken")
    assert notice is not None
    assert notice[0]["data"]["stored"] is False
    await locked.end()
    async with asyncio.timeout(20):
        said = await pressing
    assert await outages.keys(town, said.id) == {notice[0]["id"]}


async def _at_least(count: Callable[[], Awaitable[int]], wanted: int) -> bool:
    return await count() >= wanted


async def test_strangers_and_garbage_are_told_unstored_too(locked: Outage) -> None:
    town = locked.town
    await locked.begin()
    pressing = asyncio.create_task(town.devices.press("stranger"))
    await town.devices.publish("button-3", "alarm", b"HELP")
    cry, doubt = await outages.unstored(town, "stranger"), await outages.unstored(town, "button-3")
    assert (cry["source"], cry["data"]["device"]["registered"]) == ("/dabyl/unplaced", False)
    assert (doubt["data"]["alarm"]["kind"], doubt["data"]["alarm"]["priority"]) == (
        *("alarm.unreadable", 1),
    )
    await locked.end()
    async with asyncio.timeout(20):
        await pressing
    for device, notice in (("stranger", cry), ("button-3", doubt)):
        assert (await town.alarm(device))["id"] == notice["subject"]
