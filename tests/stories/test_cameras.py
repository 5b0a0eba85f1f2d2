"""Cameras: their events become alarms, and their own health is told."""

import pytest

from simulators.camera.quirks import Quirk
from tests.stories import eyes
from tests.stories.town import Town, told

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


async def state(town: Town, device: str) -> str:
    return str((await town.get(f"/devices/{device}"))["state"])


async def test_a_wired_button_is_a_press_like_any_other(either: Town) -> None:
    async with eyes.opened(either.database, either.dabyl, "camera-1") as cameras:
        await cameras.subscribed()
        cameras["camera-1"].press()
        alarm = await either.alarm("camera-1", kind="panic.pressed")
        assert (alarm["priority"], alarm["unexpected"], alarm["part"]) == (0, False, 1)
        (notice,) = await told(either.centre, "camera-1")
        assert notice["data"]["device"]["part"] == 1
        assert await state(either, "camera-1") == "well"
        cameras["camera-1"].input(True, "2")
        await either.alarm("camera-1", kind="tamper.opened", part=2)
        cameras["camera-1"].input(False, "2")
        await either.alarm("camera-1", kind="tamper.opened", part=2, state="RETURNED")


async def test_a_press_while_the_gateway_is_dead_is_raised_by_its_next_life_and_only_once(
    either: Town,
) -> None:
    async with eyes.opened(either.database, either.dabyl, "camera-1") as cameras:
        await cameras.subscribed()
        await either.dabyl.kill()
        cameras["camera-1"].press()
        await either.dabyl.start()
        await either.alarm("camera-1", kind="panic.pressed", count=1)
        await either.dabyl.restart()
        await cameras.subscribed()
        cameras["camera-1"].input(True, "2")
        await either.alarm("camera-1", kind="tamper.opened")
        items = (await either.get("/alarms"))["items"]
        assert [(one["kind"], one["count"]) for one in items if one["device"] == "camera-1"] == [
            ("tamper.opened", 1),
            ("panic.pressed", 1),
        ]


async def test_a_camera_with_another_password_is_refused_with_its_cause_until_it_is_changed(
    town: Town,
) -> None:
    async with eyes.opened(town.database, town.dabyl, "camera-1") as cameras:
        await cameras.subscribed()
        await cameras.approve(["camera-1"], password="wrong")
        alarm = await town.alarm("camera-1", kind="camera.refused", within_s=20)
        assert alarm["doubt"] == "credentials"
        assert await state(town, "camera-1") == "silent"
        await cameras.approve(["camera-1"])
        await town.alarm("camera-1", kind="camera.refused", state="NORMAL", within_s=20)
        await cameras.subscribed()


async def test_a_clock_that_is_off_is_told_at_once_and_taken_back(town: Town) -> None:
    async with eyes.opened(town.database, town.dabyl, "camera-1") as cameras:
        await cameras.subscribed()
        cameras["camera-1"].set_clock(3600)
        cameras["camera-1"].cut()
        await town.alarm("camera-1", kind="camera.clock_off", within_s=60)
        cameras["camera-1"].set_clock(0)
        cameras["camera-1"].cut()
        await town.alarm("camera-1", kind="camera.clock_off", state="NORMAL", within_s=60)


