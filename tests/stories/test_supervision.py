"""Silence is found, told once, and ends by itself; a loss of many is one; nothing is false."""

import asyncio
import time
from pathlib import Path

import pytest

from simulators.acts import Act, Deed
from simulators.wire import Leaf
from tests.harness import waiting
from tests.stories import school as schools
from tests.stories import town as towns
from tests.stories.school import School
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers

SIX = tuple(f"s2-button-{n}" for n in range(1, 7))
FIRST, *REST = SIX


async def open_kinds(town: Town) -> list[tuple[str, str]]:
    """(kind, device) of what stands open."""
    items = (await town.get("/alarms", open="true", limit=500))["items"]
    return sorted((one["kind"], one["device"]) for one in items)


async def ended(town: Town, alarm: Body) -> Body:
    """The alarm, once it went away by itself."""
    wanted = {"id": alarm["id"], "state": "NORMAL" if alarm["priority"] > 1 else "RETURNED"}
    return await town.alarm(alarm["device"], within_s=20, **wanted)


async def test_a_silent_device_is_trouble_in_time_and_ends_it_by_its_next_word(
    either: Town,
) -> None:
    async with schools.opened(either, *SIX) as school:
        await school.well()
        school.hang(FIRST)
        hung = time.monotonic()
        alarm = await either.alarm(FIRST, kind="device.silent", within_s=15)
        assert 4 - schools.CHECK_IN_S <= time.monotonic() - hung < 4 * 90 / 75 + 2
        shown = await either.get(f"/devices/{FIRST}")
        assert (shown["state"], shown["why"]) == ("silent", "nothing_heard")
        assert shown["troubles"] == ["device.silent"]
        assert (await either.get("/devices", site="school-2"))["counts"]["silent"] == 1
        school.wake(FIRST)
        await ended(either, alarm)
        await school.state(FIRST, "well")
        assert await open_kinds(either) == []


async def test_a_last_will_is_quicker_than_silence(town: Town) -> None:
    async with schools.opened(town, *SIX, max_silence_s=600) as school:
        await school.well()
        school.do(Deed.UNPLUG, FIRST)
        cut = time.monotonic()
        alarm = await town.alarm(FIRST, kind="device.silent", within_s=20)
        assert 10 <= time.monotonic() - cut < 15
        assert alarm["doubt"] == "last_will"
        school.do(Deed.PLUG, FIRST)
        await ended(town, alarm)


async def test_a_restart_makes_no_false_trouble_and_forgets_no_true_one(either: Town) -> None:
    async with schools.opened(either, *SIX) as school:
        await school.well()
        school.hang(FIRST)
        alarm = await either.alarm(FIRST, kind="device.silent", within_s=15)
        for _ in range(3):
            await either.dabyl.restart()
            assert (await either.get(f"/devices/{FIRST}"))["state"] != "well"
            await asyncio.sleep(1.5)  # it dies at any moment of its life
        await school.state(REST[0], "well")
        school.hang(REST[-1])  # when this one is found, a false trouble would have been found too
        true = await either.alarm(REST[-1], kind="device.silent", within_s=15)
        items = (await either.get("/alarms", limit=500))["items"]
        assert {one["id"] for one in items} == {alarm["id"], true["id"]}
        assert {one["state"] for one in items} == {"UNACKNOWLEDGED"}
        school.wake(FIRST)
        await ended(either, alarm)


async def test_a_site_without_power_is_one_trouble_with_its_count(watched: Town) -> None:
    async with schools.opened(watched, *SIX) as school:
        await school.well()
        school.hang()
        alarm = await watched.alarm("site-school-2", kind="site.silent", within_s=20)
        assert alarm["site"] == "school-2"
        (notice,) = await towns.told(watched.duty, "site-school-2")
        counted = {"devices": 6, "of_devices": 6, "sites": None, "of_sites": None}
        assert notice["data"]["alarm"]["affected"] == alarm["affected"] == counted
        line = (await watched.get(f"/alarms/{alarm['id']}"))["transitions"][0]
        assert line["data"]["affected"] == counted
        shown = await watched.get(f"/devices/{FIRST}")
        assert (shown["state"], shown["why"]) == ("silent", "with_its_site")
        assert await open_kinds(watched) == [("site.silent", "site-school-2")]
        school.wake(*REST)
        await ended(watched, alarm)
        await watched.alarm(FIRST, kind="device.silent", within_s=15)
        assert ("site.silent", "site-school-2") in await open_kinds(watched)  # nobody has seen it


async def test_a_lost_broker_is_one_trouble_and_nobodys_silence(watched: Town) -> None:
    # They look for their broker in pauses of up to 8 s: that must be within their time.
    async with schools.opened(watched, *SIX, max_silence_s=15) as school:
        await school.well()
        await watched.brokers[0].kill()
        label = f"broker-127.0.0.1-{watched.brokers[0].port}"
        alarm = await watched.alarm(label, kind="broker.lost", within_s=20)
        assert alarm["affected"]["devices"] == 6
        await school.state(FIRST, "unknown", within_s=30)
        assert (await watched.get(f"/devices/{FIRST}"))["why"] == "link_down"
        await towns.told(watched.duty, label)
        await watched.brokers[0].start()
        await ended(watched, alarm)
        await school.well()
        items = (await watched.get("/alarms", limit=500))["items"]
        assert [one["kind"] for one in items] == ["broker.lost"]


async def press(school: School, device: str) -> None:
    school.actors[device].do(Act(deed=Deed.PRESS))


async def heard(town: Town, *seqs: int) -> None:
    """Returns when the journal holds those numbers."""

    async def are_there() -> bool:
        rows = await town.rows("SELECT seq FROM journal_alarm WHERE device = :d", d=FIRST)
        return set(seqs) <= {row.seq for row in rows}

    await waiting.until(are_there, within_s=30, what=f"numbers {seqs} are stored")


async def test_what_a_line_lost_is_fetched_by_resend(either: Town) -> None:
    async with schools.opened(either, FIRST, max_silence_s=600) as school:
        await school.well()
        await press(school, FIRST)
        await heard(either, 0)
        lost = {"boot": 1, "seq": 1}
        school.lose(FIRST, lambda leaf, said: leaf is Leaf.ALARM and lost.items() <= said.items())
        await press(school, FIRST)
        await press(school, FIRST)
        await heard(either, 0, 2)
        await waiting.until(
            lambda: "resend" in {one["command"] for one in either.devices.commands[FIRST]},
            what="it is asked to say it again",
        )
        school.wake(FIRST)
        await heard(either, 0, 1, 2)
        await waiting.until(
            lambda: either.metric("dabyl_sequence_gaps_total", result="filled"),
            within_s=45,
            what="the gap counts as filled",
        )
        assert set(await open_kinds(either)) == {("panic.pressed", FIRST)}


async def test_what_does_not_come_is_told_with_its_numbers(watched: Town) -> None:
    async with schools.opened(watched, FIRST, max_silence_s=600) as school:
        await school.well()
        school.lose(FIRST, lambda leaf, said: leaf is Leaf.ALARM and said.get("seq") in {1, 2})
        for _ in range(4):
            await press(school, FIRST)
        await heard(watched, 0, 3)
        alarm = await watched.alarm(FIRST, kind="events.missing", within_s=45)
        assert (alarm["priority"], alarm["doubt"]) == (1, "boot_1_seq_1-2")
        found = await towns.told(watched.duty, FIRST, count=2)
        assert "events.missing" in {one["data"]["alarm"]["kind"] for one in found}


async def test_a_region_that_is_enrolled_and_never_heard_is_no_thousand_troubles(
    tmp_path: Path,
) -> None:
    async with towns.opened(tmp_path) as town:
        for number in range(10, 14):
            devices = [f"s{number}-button-{n}" for n in range(5)]
            await schools.register(town, *devices, site=f"school-{number}", max_silence_s=4)
        alarm = await town.alarm("district-auezov", kind="district.silent", within_s=25)
        counted = {"devices": 20, "of_devices": 440, "sites": 4, "of_sites": 5}
        assert alarm["affected"] == counted
        assert await open_kinds(town) == [("district.silent", "district-auezov")]
