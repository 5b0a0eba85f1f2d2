"""Passages: who is inside is told with an alarm, and no card number is kept."""

from pathlib import Path

import pytest

from tests.harness import waiting
from tests.stories import town as towns
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers

_CARD = "0012345678-SECRET"


def _passage(direction: str, **more: object) -> Body:
    data = {"direction": direction, "credential": _CARD, "taken": True, **more}
    return {"kind": "passage.granted", "data": data}


async def _occupancy(town: Town, device: str) -> Body:
    """What the next alarm's notice says of the school."""
    await town.devices.press(device)
    (notice,) = await towns.told(town.centre, device)
    found: Body = notice["data"]["occupancy"]
    return found


async def test_the_next_alarm_says_how_many_are_inside(town: Town) -> None:
    for gate in range(1, 301):
        await town.devices.publish(f"gate-{gate}", "state", {"online": True})
    for number in range(1, 8):
        await town.devices.say(f"gate-{number}", _passage("in"), "event")
    await town.devices.say("gate-1", _passage("out"), "event")
    await town.devices.say("gate-2", _passage("in", taken=False), "event")
    found = await _occupancy(town, "button-1")
    assert (found["inside"], found["quality"]) == (6, "counted")


async def test_the_count_drifts_while_a_gate_of_the_school_is_silent(town: Town) -> None:
    await town.devices.say("gate-1", _passage("in"), "event")
    await town.devices.publish("gate-2", "state", {"online": False})  # as its Last Will does

    async def silent() -> bool:
        return bool((await town.get("/devices/gate-2"))["state"] == "silent")

    await waiting.until(silent, within_s=15, what="the gate is silent")
    found = await _occupancy(town, "button-1")
    assert (found["inside"], found["quality"]) == (1, "drifting")


async def test_nobody_is_counted_after_an_emergency_opening(town: Town) -> None:
    await town.devices.say("gate-1", _passage("in"), "event")
    await town.devices.press("gate-2", kind="passage.unlocked")
    assert (await _occupancy(town, "button-1"))["quality"] == "not_counted"


async def test_a_card_number_is_nowhere_in_the_gateways_files(tmp_path: Path) -> None:
    async with towns.opened(tmp_path) as town:
        await town.devices.say("gate-1", _passage("in"), "event")
        denied = {"kind": "passage.denied", "data": {"credential": _CARD, "reason": "expired"}}
        await town.devices.say("gate-1", denied, "event")
        await town.devices.publish("gate-1", "event", f'{{"credential": "{_CARD}"'.encode())
        await town.devices.press("button-1")
        files = [one for one in town.dabyl.folder.rglob("*") if one.is_file()]
        assert any(one.name.startswith("dabyl.db") for one in files)
        assert not [one.name for one in files if _CARD.encode() in one.read_bytes()]
