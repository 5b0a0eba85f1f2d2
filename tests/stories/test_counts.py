"""The counts agree at every hop: after presses, repeats, floods, garbage, passages and kills."""

import asyncio
import random
import uuid

import pytest

from tests.harness import waiting
from tests.stories import crowd
from tests.stories import town as towns
from tests.stories.town import Body, Town

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
_NAMES = ("journalled", "repeats", "folded", "quarantined", "check_ins", "let_go")


async def _status(town: Town) -> Body:
    found: Body = await town.get("/status")
    return found


async def _calm(town: Town) -> Body:
    """The status once nothing is under way and nothing waits."""

    async def calm() -> Body | None:
        found = await _status(town)
        under_way = sum(one["under_way"] for one in found["heard"].values())
        waits = sum(one["waiting"] for one in found["owed"])
        return None if under_way or waits else found

    return await waiting.until(calm, within_s=30, what="everything is settled") or {}


async def _everything(town: Town) -> None:
    """A press, its repeats, an id used again, garbage, a flood, passages and a stranger."""
    devices = town.devices
    body = {"id": uuid.uuid4().hex, "kind": "panic.pressed"}
    for _ in range(3):
        await devices.say("button-1", body)
    await devices.say("button-1", body | {"part": 2})
    for garbage in (b"no json", b"{}", b"\xff" * 99):
        await devices.publish("button-2", "alarm", garbage)
        await devices.publish("gate-2", "event", garbage)
    await devices.publish("gate-3", "state", {"online": True})
    flood: list[Body] = [{"id": uuid.uuid4().hex, "kind": "panic.pressed"} for _ in range(60)]
    await asyncio.gather(*(devices.publish("button-3", "alarm", one) for one in flood))
    passage = {"id": uuid.uuid4().hex, "kind": "passage.granted", "data": {"direction": "in"}}
    for _ in range(2):
        await devices.say("gate-1", passage, "event")
    await town.alarm("button-3", kind="device.stuck")
    await devices.press("stranger")
    await towns.told(town.centre, "stranger")


def _results(found: Body, lane: str) -> dict[str, int]:
    """What became of what that lane heard; it adds up."""
    one = found["heard"][lane]
    assert one["heard"] == sum(one[name] for name in _NAMES) + one["under_way"], one
    assert one["difference"] == 0
    return {name: one[name] for name in _NAMES}


async def test_everything_that_was_heard_and_owed_is_accounted_for(either: Town) -> None:
    await _everything(either)
    found = await _calm(either)
    alarm, event = _results(found, "alarm"), _results(found, "event")
    assert found["agree"], found["findings"]
    assert all(alarm[name] for name in _NAMES[:4]), alarm
    expected = {
        "journalled": 1,
        "repeats": 1,
        "folded": 0,
        "quarantined": 3,
        "check_ins": 1,
        "let_go": 0,
    }
    assert event == expected
    (owed,) = found["owed"]
    assert owed["owed"] == owed["settled"] == len(await towns.notices(either.centre))
    asked = "SELECT max(number) AS last, sum(heard_again) AS again FROM journal_alarm"
    (stored,) = await either.rows(asked)
    (chain,) = [one for one in (await _status(either))["journal"] if one["lane"] == "alarm"]
    (later,) = await either.rows(asked)  # the gateway says something of itself meanwhile
    assert chain["first"] == 1
    assert stored.last <= chain["last"] <= later.last
    assert stored.again == alarm["repeats"]
    assert (await either.dabyl.run("status"))[0] == 0


async def test_the_same_is_said_without_the_prefix_and_not_to_everybody(town: Town) -> None:
    plain = await town.api.get("/status")
    assert plain.status_code == 200
    assert plain.json()["public_key"] == (await _status(town))["public_key"]
    stranger = {"Authorization": "Bearer nobody"}
    assert (await town.api.get("/status", headers=stranger)).status_code == 401


@pytest.mark.serial
async def test_the_counts_agree_again_after_every_kill(either: Town) -> None:
    dice = random.Random(3)
    async with crowd.at_work(either.devices, presses_per_s=10, passages_per_s=60) as people:
        for _ in range(4):
            await asyncio.sleep(dice.uniform(0.3, 1.2))  # the moment of the kill: anything goes
            await either.dabyl.restart()
            found = await _status(either)
            assert found["agree"], found["findings"]
        await people.stop(within_s=30)
    await _everything(either)
    found = await _calm(either)
    for lane in ("alarm", "event"):
        _results(found, lane)
    assert found["agree"], found["findings"]
    (owed,) = found["owed"]
    assert owed["owed"] == owed["settled"] + owed["dead"]
    assert await either.metric("dabyl_count_mismatch") == 0


async def test_a_delivery_that_vanishes_is_a_finding(either: Town) -> None:
    await either.devices.press("button-1")
    await _calm(either)
    await either.execute("DELETE FROM deliveries")
    found = await _status(either)
    assert not found["agree"]
    assert found["findings"] == ["g1 to centre: of 1 notices owed 1 are unaccounted for"]
    assert await either.metric("dabyl_count_mismatch", hop="owed") == 1
    code, said = await either.dabyl.run("status")
    assert (code, "unaccounted for" in said) == (1, True)
