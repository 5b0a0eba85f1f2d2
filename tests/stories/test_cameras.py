"""Cameras: their events become alarms, and their own health is told."""

import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from simulators.camera.quirks import Quirk
from tests.harness import waiting
from tests.stories import eyes, outages
from tests.stories.eyes import Eyes
from tests.stories.town import Body, Town, told

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


def at_school(
    town: Town, *names: str, max_silence_s: int = 75
) -> AbstractAsyncContextManager[Eyes]:
    """Those cameras in a school of that town."""
    seal_file = town.dabyl.folder / "seal.key"
    return eyes.opened(town.database, seal_file, *names, max_silence_s=max_silence_s)


async def stands(town: Town, device: str, state: str, *, within_s: float = 20) -> None:
    """Returns when that is said of it."""

    async def is_so() -> bool:
        answer = await town.api.get(f"/api/v1/devices/{device}")
        return answer.is_success and answer.json()["state"] == state

    await waiting.until(is_so, within_s=within_s, what=f"{device} is {state}")


def own(items: list[Body], device: str) -> list[tuple[object, object]]:
    """Kind and count of that device's alarms, the newest first."""
    return [(one["kind"], one["count"]) for one in items if one["device"] == device]


async def test_a_wired_button_is_a_press_like_any_other(either: Town) -> None:
    async with at_school(either, "camera-1") as cameras:
        await cameras.subscribed()
        cameras["camera-1"].press()
        alarm = await either.alarm("camera-1", kind="panic.pressed")
        assert (alarm["priority"], alarm["unexpected"], alarm["part"]) == (0, False, 1)
        (notice,) = await told(either.centre, "camera-1")
        assert notice["data"]["device"]["part"] == 1
        await stands(either, "camera-1", "well")
        cameras["camera-1"].input(True, "2")
        await either.alarm("camera-1", kind="tamper.opened", part=2)
        cameras["camera-1"].input(False, "2")
        await either.alarm("camera-1", kind="tamper.opened", part=2, state="RETURNED")


async def test_a_press_while_the_gateway_is_dead_is_raised_by_its_next_life_and_only_once(
    either: Town,
) -> None:
    async with at_school(either, "camera-1") as cameras:
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
        assert own(items, "camera-1") == [("tamper.opened", 1), ("panic.pressed", 1)]


async def test_a_camera_with_another_password_is_refused_with_its_cause_until_it_is_changed(
    town: Town,
) -> None:
    async with at_school(town, "camera-1") as cameras:
        await cameras.subscribed()
        await cameras.approve(["camera-1"], password="wrong")
        alarm = await town.alarm("camera-1", kind="camera.refused", within_s=20)
        assert alarm["doubt"] == "credentials"
        await stands(town, "camera-1", "silent")
        await cameras.approve(["camera-1"])
        await town.alarm("camera-1", kind="camera.refused", state="NORMAL", within_s=20)
        await cameras.subscribed()


async def test_a_clock_that_is_off_is_told_at_once_and_taken_back(town: Town) -> None:
    async with at_school(town, "camera-1") as cameras:
        await stands(town, "camera-1", "well")
        cameras["camera-1"].set_clock(3600)
        cameras["camera-1"].cut()
        await town.alarm("camera-1", kind="camera.clock_off")
        cameras["camera-1"].set_clock(0)
        cameras["camera-1"].cut()
        # Its second loss in a row: the next life may wait a little.
        await town.alarm("camera-1", kind="camera.clock_off", state="NORMAL", within_s=40)


async def test_a_camera_that_hangs_is_told_once_with_its_kind_and_a_whole_school_is_one_trouble(
    town: Town,
) -> None:
    names = [f"camera-{n}" for n in range(1, 5)]
    # Cut off, it is tried again within 5 s: only then is it known why it stays silent.
    async with at_school(town, *names, max_silence_s=15) as cameras:
        for name in names:
            await stands(town, name, "well")
        await cameras["camera-1"].break_(Quirk.REFUSE)
        cameras["camera-1"].cut()
        alarm = await town.alarm("camera-1", kind="camera.unreachable", within_s=30)
        assert alarm["doubt"] == "refused"
        await cameras["camera-2"].break_(Quirk.HTML_200)
        cameras["camera-2"].cut()
        await town.alarm("camera-2", kind="camera.events_dead", doubt="not_soap", within_s=30)
        for name in names[:2]:
            await cameras[name].mend()
        await town.alarm("camera-1", kind="camera.unreachable", state="NORMAL", within_s=60)
        for name in names[1:]:
            await cameras[name].break_(Quirk.REFUSE)
            cameras[name].cut()
        await cameras["camera-1"].break_(Quirk.REFUSE)
        cameras["camera-1"].cut()
        whole = await town.alarm("site-school-3", kind="site.cameras_silent", within_s=40)
        assert whole["affected"]["devices"] == 4
        items = (await town.get("/alarms"))["items"]
        assert len([one for one in items if one["kind"].startswith("camera.")]) == 2


async def test_a_press_at_a_camera_is_told_unstored_while_nothing_can_be_stored(
    tmp_path: Path,
) -> None:
    async with outages.outage("locked", tmp_path, outages.none) as away:
        town = away.town
        async with at_school(town, "camera-1") as cameras:
            await stands(town, "camera-1", "well")
            await away.begin()
            begun = time.monotonic()
            cameras["camera-1"].press()
            notice = await outages.unstored(town, "camera-1")
            assert time.monotonic() - begun < 3
            await away.end()
            alarm = await town.alarm("camera-1", kind="panic.pressed")
            assert alarm["id"] == notice["subject"]
            cameras["camera-1"].release()
            await waiting.until(
                lambda: cameras["camera-1"].subscriptions, what="its link stood all the time"
            )


async def test_what_a_camera_is_and_lacks_is_told_by_the_api(town: Town) -> None:
    async with at_school(town, "camera-1") as cameras:
        await stands(town, "camera-1", "well")
        cameras["camera-1"].say("tns1:Odd/Thing", data=(("State", "true"),))

        async def knows() -> Body | None:
            found: Body = (await town.get("/devices/camera-1"))["camera"]
            return found if found["topics"] else None

        found = await waiting.until(knows, within_s=15, what="the odd topic is counted")
        assert found is not None
        assert (found["link"], found["manufacturer"]) == ("heard", "Dabyl")
        assert (await town.get("/devices/button-1"))["camera"] is None

        async def is_counted() -> bool:
            return await town.metric("dabyl_cameras", state="heard") == 1

        await waiting.until(is_counted, what="it is counted")
