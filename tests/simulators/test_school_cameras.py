"""The cameras of a simulated school: where they listen, what happens to them, what they see."""

import asyncio
import tomllib
from pathlib import Path

import pytest

from simulators import school
from simulators.acts import CAMERA_DEEDS, Act, Deed
from simulators.camera import Camera, Happening, deeds
from simulators.cast import Way
from simulators.clock import TrueClock
from simulators.school import cameras, scenario, sitefile
from simulators.school.cameras import Cameras
from simulators.story import Happening as Told
from tests.harness import waiting
from tests.simulators.cameras import client_of, running

ONLY_CAMERAS = """
about = "Two cameras."
[region]
sites = 1
buttons = 0
turnstiles = 0
cameras = 2
camera_makes = ["plain", "axis"]
[[act]]
at_s = 0.1
does = "press"
device = "s001-camera-1"
[[act]]
at_s = 0.2
does = "break"
device = "s001-camera-2"
quirk = "clock_off=7200"
"""


def write(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


async def test_school_plays_its_cameras_where_its_site_file_says(tmp_path: Path) -> None:
    told: list[Told] = []
    first = cameras.free_ports(2)
    played = scenario.load(write(tmp_path, ONLY_CAMERAS), camera_first_port=first)
    options = school.Options(
        scenario=played, way=Way(brokers=()), cameras=school.Login(), tell=told.append
    )
    life = asyncio.create_task(school.run(options))
    try:
        await waiting.until(lambda: any(one.what == "end" for one in told), what="it is played")
        reader, writer = await asyncio.open_connection("127.0.0.1", first + 1)
        writer.close()
        assert reader is not None
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
    acts = [(one.device, one.words) for one in told if one.what == "camera"]
    assert acts == [("s001-camera-1", "press"), ("s001-camera-2", "break")]


def test_toml_site_file_says_what_cameras_look_at_and_what_is_wired_to_them(tmp_path: Path) -> None:
    played = scenario.load("cameras_fail")
    sitefile.write(played.sites, tmp_path / "schools.toml")
    read = tomllib.loads((tmp_path / "schools.toml").read_text(encoding="utf-8"))
    devices = {one["id"]: one for site in read["site"] for one in site["device"]}
    camera = devices["s002-camera-1"]
    assert (camera["host"], camera["port"]) == ("127.0.0.1", 8904)
    assert camera["looks_at"] == ["s002-button-1"]
    assert camera["inputs"] == {"1": {"part": 1, "kind": "panic.pressed"}}
    assert {zone["id"] for zone in read["site"][0]["zone"]} >= {camera["zone"]}


async def test_camera_shows_who_presses_the_button_that_it_looks_at() -> None:
    played = scenario.load("cameras_fail")
    all_of_them = Cameras(played, school.Login(), TrueClock())
    await all_of_them.act("s001-button-1", Act(deed=Deed.PRESS))
    seen = {name: one.machine.sees_hand() for name, one in all_of_them.fleet.cameras.items()}
    assert [name for name, sees in seen.items() if sees] == ["s001-camera-1"]
    await all_of_them.fleet.stop()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ONLY_CAMERAS.replace("axis", "brownie"), "region.camera_makes: no such make: brownie"),
        (ONLY_CAMERAS.replace("clock_off=7200", "melts"), "act.1.quirk: no camera does 'melts'"),
        (
            ONLY_CAMERAS.replace("sites = 1", "sites = 9000").replace("cameras = 2", "cameras = 9"),
            "region.cameras: the last would be at port 89899",
        ),
        (ONLY_CAMERAS.replace('"press"', '"card"'), "act.0: s001-camera-1 is a camera: no card"),
    ],
)
def test_scenario_is_refused_when_its_cameras_cannot_be(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(scenario.WrongScenario, match=why):
        scenario.load(write(tmp_path, text))


def test_every_deed_of_cameras_is_done_by_them() -> None:
    assert set(deeds.PLAIN) | set(deeds.LONGER) == CAMERA_DEEDS


async def test_camera_does_what_it_is_told_in_words() -> None:
    def stands(camera: Camera) -> set[Happening]:
        return {one for one in Happening if camera.machine.stands(one)}

    begin = (Deed.PRESS, Deed.COVER, Deed.MOVE, Deed.INTRUDE, Deed.SIGNAL_OFF, Deed.STORAGE_OFF)
    end = (Deed.RELEASE, Deed.UNCOVER, Deed.REST, Deed.LEAVE, Deed.SIGNAL_ON, Deed.STORAGE_ON)
    async with running() as camera, client_of(camera) as client:
        for deed in (*begin, Deed.CROSS_LINE):
            await deeds.do(camera, Act(deed=deed))
        assert len(stands(camera)) == len(begin)
        for deed in end:
            await deeds.do(camera, Act(deed=deed))
        assert not stands(camera)
        for deed in (Deed.UNPLUG, Deed.PLUG, Deed.BREAK, Deed.MEND):
            await deeds.do(camera, Act(deed=deed, quirk="status=418"))
        await deeds.do(camera, Act(deed=Deed.CARD))
        assert (await client.ask("<tds:GetHostname/>")).status == 200
