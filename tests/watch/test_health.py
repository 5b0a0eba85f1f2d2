"""A camera's own health: each fault its kind, once, with its cause, and taken back by itself."""

import io
from pathlib import Path

import pytest
from PIL import Image

from adapters.devices.onvif.fault import Reason
from gateway.domain import picture as pictures
from gateway.domain.camera import Picture
from gateway.domain.supervision import Finding
from gateway.store import camera_states
from gateway.watch.pictures import thumbnail
from tests.watch import bench
from tests.watch.bench import Bench, school
from tests.watch.scripts import Script

ONE, TWO = "s0-c0", "s0-c1"
NIGHT_S = 900


def jpeg(grey: int, spot: int = 0) -> bytes:
    """A grey picture, with noise by that seed and a lamp in it."""
    image = Image.effect_noise((640, 360), 12.0).point(lambda value: max(0, value - 128 + grey))
    image.paste(spot % 256, (spot % 500, 10, spot % 500 + 80, 60))
    kept = io.BytesIO()
    image.save(kept, "JPEG")
    return kept.getvalue()


def plain(grey: int) -> bytes:
    """A picture of one grey, the same each time."""
    kept = io.BytesIO()
    Image.new("L", (640, 360), grey).save(kept, "JPEG")
    return kept.getvalue()


async def up(running: Bench, *devices: str) -> None:
    await running.approve(*devices)
    await running.up(*devices)


async def test_a_clock_is_told_beyond_five_seconds_and_taken_back_below_three(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[ONE].offset_s = 4.9
        await up(running, ONE)
        assert await running.opened() == []
        running.scripts[ONE].offset_s = -5.2
        await running.pass_(35)
        assert await running.opened() == [f"camera.clock_off {ONE}: -5_s"]
        running.scripts[ONE].offset_s = -4.0
        await running.pass_(60)
        assert len(await running.opened()) == 1
        running.scripts[ONE].offset_s = 0.5
        await running.pass_(35)
        assert await running.opened() == []
        assert len(await running.alarms()) == 1


async def test_another_firmware_is_told_once(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        await up(running, ONE)
        running.scripts[ONE].firmware = "2.0"
        running.scripts[ONE].end(Reason.GONE)
        running.scripts[ONE].ends = None
        await running.pass_(60)
        assert await running.opened() == [f"camera.firmware_changed {ONE}: 2.0"]
        found = await running.database.read(lambda c: camera_states.of(c, ONE))
        assert found is not None
        assert (found.facts.firmware, found.facts.firmware_before) == ("2.0", "1.0")
        clock, seal = running.clock, running.seal
    async with bench.opened(tmp_path, clock=clock, seal=seal) as running:
        running.scripts[ONE].firmware = "2.0"
        await running.up(ONE)
        assert len(await running.alarms()) == 1


async def test_a_school_whose_cameras_all_go_is_one_trouble_with_a_count(tmp_path: Path) -> None:
    registry = school(6, 2)
    async with bench.opened(tmp_path, registry=registry) as running:
        await up(running, *registry.devices)
        lost = [one for one in registry.devices if one.startswith("s0-")]
        for device in lost:
            running.scripts[device].end(Reason.TIMED_OUT)
        await running.pass_(90)
        assert await running.opened() == ["site.cameras_silent site-s0: 6_of_6"]
        assert running.standing(lost[0]) == ("silent", "with_its_site")
        for device in lost:
            running.scripts[device].ends = None
        await running.up(*lost, within_s=60)
        (whole,) = await running.alarms()
        assert whole.state == "RETURNED"


async def test_a_district_whose_cameras_all_go_is_one_trouble(tmp_path: Path) -> None:
    registry = school(4, 5)
    async with bench.opened(tmp_path, registry=registry) as running:
        await up(running, *registry.devices)
        for script in running.scripts.values():
            script.end(Reason.UNREACHABLE)
        await running.pass_(95)
        assert await running.opened() == ["district.cameras_silent district-d: 20_of_20"]


async def test_what_stood_before_a_restart_stands_and_ends_and_nobody_is_called_well_unheard(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        running.scripts[TWO].offset_s = 60.0
        await up(running, ONE, TWO)
        running.scripts[ONE].end(Reason.TIMED_OUT)
        await running.pass_(90)
        before = await running.opened()
        assert len(before) == 2
        clock, seal = running.clock, running.seal
    await clock.push(NIGHT_S)
    scripts = {ONE: Script(ONE, Reason.TIMED_OUT), TWO: Script(TWO, offset_s=60.0)}
    async with bench.opened(tmp_path, clock=clock, seal=seal, scripts=scripts) as running:
        assert running.standing(TWO).state == "unknown"
        await running.up(TWO)
        assert running.standing(ONE) == ("silent", "unreachable")
        await running.pass_(120)
        assert await running.opened() == before
        assert len(await running.alarms()) == 2
        running.scripts[ONE].ends, running.scripts[TWO].offset_s = None, 0.0
        await running.up(ONE, within_s=60)
        await running.pass_(35)
        assert await running.opened() == []


async def test_many_that_wait_for_their_turn_are_not_blamed_for_it(tmp_path: Path) -> None:
    registry = school(50, 4)
    async with bench.opened(tmp_path, registry=registry, starts_per_s=1) as running:
        await running.approve(*registry.devices)
        await running.pass_(150)
        assert await running.opened() == []
        assert {running.standing(one).state for one in registry.devices} == {"well", "unknown"}


@pytest.mark.parametrize("still", [plain(0), plain(120)])
async def test_a_picture_that_is_black_or_frozen_is_told_and_taken_back(
    tmp_path: Path, still: bytes
) -> None:
    async with bench.opened(tmp_path, stills_every_s=60) as running:
        await up(running, ONE)
        running.scripts[ONE].still = jpeg(100, 1)
        await running.pass_(130)
        assert await running.opened() == []
        running.scripts[ONE].still = still
        await running.until(
            lambda: "camera.picture_bad" in running.lookout.held[ONE].told, within_s=480
        )
        await running.pass_(2)
        cause = "black" if still == plain(0) else "frozen"
        assert await running.opened() == [f"camera.picture_bad {ONE}: {cause}"]
        running.scripts[ONE].still = jpeg(110, 7)
        await running.pass_(65)
        assert await running.opened() == []


async def test_a_camera_that_gives_no_pictures_is_no_trouble_until_it_gave_one(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path, stills_every_s=60) as running:
        await up(running, ONE)
        await running.pass_(600)
        assert await running.opened() == []
        running.scripts[ONE].still = b"\xff\xd8\xff no picture at all"
        await running.pass_(130)
        assert running.lookout.held[ONE].seen.picture is Picture.UNKNOWN
        running.scripts[ONE].still = jpeg(90)
        await running.pass_(65)
        running.scripts[ONE].still = None
        await running.pass_(300)
        assert await running.opened() == [f"camera.picture_bad {ONE}: none"]


def test_a_thumbnail_is_small_and_grey_and_a_bomb_is_refused() -> None:
    assert len(thumbnail(jpeg(100))) == pictures.WIDTH * pictures.HEIGHT
    kept = io.BytesIO()
    Image.new("L", (9000, 9000)).save(kept, "JPEG")
    with pytest.raises(ValueError, match="pixels"):
        thumbnail(kept.getvalue())
    with pytest.raises(OSError, match="identify"):
        thumbnail(b"GIF89a")


async def test_what_finds_no_room_is_said_as_soon_as_there_is(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        saying = running.lookout.calling.saying
        finds, told = saying.find, set[str]()

        def finds_no_room(finding: Finding) -> bool:
            told.add(finding.kind)
            return False

        object.__setattr__(saying, "find", finds_no_room)
        running.scripts[ONE].ends = Reason.CREDENTIALS
        await running.approve(ONE)
        await running.pass_(10)
        assert told == {"camera.refused"}
        assert await running.opened() == []
        object.__setattr__(saying, "find", finds)
        await running.pass_(2)
        assert await running.opened() == [f"camera.refused {ONE}: credentials"]


async def test_mere_counts_are_written_each_five_minutes_and_not_each_look(tmp_path: Path) -> None:
    async with bench.opened(tmp_path) as running:
        await up(running, ONE)
        await running.pass_(6)
        written = set[tuple[int, int]]()
        for second in range(620):
            running.lookout.held[ONE].health.unknown_topics["tns1:Odd"] += 1
            await running.pass_(1)
            if second % 5 == 0:
                found = await running.database.read(lambda c: camera_states.of(c, ONE))
                assert found is not None
                written.add((found.facts.unknown_topics.get("tns1:Odd", 0), found.facts.unreadable))
        assert len(written) in {3, 4}
        assert max(written)[0] >= 300
