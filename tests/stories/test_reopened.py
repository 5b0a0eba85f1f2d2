"""Closed by mistake, and taken back: the centre, the stream, the device and the counts agree."""

import asyncio
import json

import pytest

from gateway.command import LOOK_EVERY_S, REPEAT_S
from tests.harness import waiting
from tests.stories import town as towns
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers
MISTAKE = {"disposition": "false", "note": "the wrong row"}


async def _shut(town: Town, device: str) -> Body:
    """A press of that device, claimed and closed by mistake."""
    await town.devices.press(device)
    alarm = await town.alarm(device)
    held = await town.post(f"/alarms/{alarm['id']}/claim", {})
    body = MISTAKE | {"version": held["version"]}
    closed: Body = await town.post(f"/alarms/{alarm['id']}/close", body)
    return closed


async def _reopen(town: Town, closed: Body) -> Body:
    body = {"version": closed["version"], "reason": "the wrong school"}
    back: Body = await town.post(f"/alarms/{closed['id']}/reopen", body)
    return back


async def test_the_centre_is_told_in_order_and_the_counts_agree(either: Town) -> None:
    back = await _reopen(either, await _shut(either, "button-1"))
    (notice,) = await towns.told(either.centre, "button-1", "reopened")
    assert (notice["id"], notice["data"]["note"]) == (f"{back['id']}:4", "the wrong school")
    heard = await towns.notices(either.centre, "button-1")
    numbers = [int(one["id"].rpartition(":")[2]) for one in heard]
    assert numbers == [1, 2, 3, 4]

    async def settled() -> bool:
        found: Body = await either.get("/status")
        return not sum(one["waiting"] for one in found["owed"])

    await waiting.until(settled, within_s=15, what="everything is settled")
    found = await either.get("/status")
    assert found["agree"], found["findings"]


async def test_a_press_after_the_reopening_folds_and_asks_again(either: Town) -> None:
    back = await _reopen(either, await _shut(either, "button-2"))
    await either.devices.press("button-2")
    again = await either.alarm("button-2", state="UNACKNOWLEDGED")
    assert (again["id"], again["count"], again["claimed_by"]) == (back["id"], 2, "supervisor")


async def test_a_press_between_closing_and_reopening_is_an_alarm_of_its_own(town: Town) -> None:
    closed = await _shut(town, "button-3")
    await town.devices.press("button-3")
    new = await town.alarm("button-3", state="UNACKNOWLEDGED")
    await _reopen(town, closed)
    items = (await town.get("/alarms", open="true"))["items"]
    assert {one["id"] for one in items if one["device"] == "button-3"} == {closed["id"], new["id"]}


async def test_the_button_shows_closed_until_somebody_says_more(town: Town) -> None:
    closed = await _shut(town, "button-4")
    await town.devices.hears("button-4", "closed")
    await _reopen(town, closed)
    await _sent(town, closed)
    await town.devices.hears("button-4", "dispatched")
    await asyncio.sleep(REPEAT_S + 2 * LOOK_EVERY_S)
    heard = town.devices.commands["button-4"]
    firsts = {
        one["id"]: one["data"]["level"] for one in heard
    }  # what it does not answer comes again
    assert list(firsts.values()) == ["delivered", "seen", "closed", "dispatched"]
    levels = [one["data"]["level"] for one in heard]
    assert "closed" not in levels[levels.index("dispatched") :]


async def test_a_button_that_was_offline_at_the_closing_never_hears_of_it(town: Town) -> None:
    await town.devices.press("button-6")
    alarm = await town.alarm("button-6")
    held = await town.post(f"/alarms/{alarm['id']}/claim", {})
    async with town.devices.deaf():
        body = MISTAKE | {"version": held["version"]}
        closed = await town.post(f"/alarms/{alarm['id']}/close", body)
        await _reopen(town, closed)
        await _sent(town, closed)
    await town.devices.hears("button-6", "dispatched", within_s=REPEAT_S + 10)
    await asyncio.sleep(REPEAT_S + 2 * LOOK_EVERY_S)
    levels = {one["data"]["level"] for one in town.devices.commands["button-6"]}
    assert levels == {"delivered", "seen", "dispatched"}


async def _sent(town: Town, alarm: Body) -> None:
    await town.post(f"/alarms/{alarm['id']}/respond", {"id": "r1", "state": "dispatched"})


async def test_the_centre_that_works_by_itself_takes_it_up_anew(town: Town) -> None:
    closed = await _shut(town, "button-5")
    habit = {"after_s": 0.1, "states": ["dispatched"]}
    assert (await town.centre.control.put("/respond", json=habit)).status_code == 200
    await _reopen(town, closed)

    async def dispatched() -> bool:
        found: Body = await town.get(f"/alarms/{closed['id']}")
        return bool(found["responded"] == "dispatched")

    await waiting.until(dispatched, within_s=10, what="the centre has sent somebody anew")
    line = json.dumps((await town.get(f"/alarms/{closed['id']}"))["transitions"])
    assert "the wrong school" in line
