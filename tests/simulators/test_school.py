"""What scenarios may say, and which schools they make up."""

import csv
import io
from pathlib import Path

import pytest

from simulators.acts import Deed
from simulators.clock import PushedClock
from simulators.school import scenario, sitefile
from simulators.school.digest import SINGLY, Digest
from simulators.school.region import Sort
from simulators.story import Happening
from simulators.wire import DEVICE_ID

WHOLE = """
about = "A test."
[region]
sites = 2
buttons = 2
turnstiles = 1
cameras = 1
"""


def write(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "name", ["quiet_day", "panic_at_noon", "morning_peak", "storm", "cameras_fail"]
)
def test_scenario_of_the_house_is_whole(name: str) -> None:
    played = scenario.load(name)
    assert name in scenario.names()
    assert played.timed
    assert played.lasts_s() > 60


def test_scenario_names_all_its_devices_by_the_contract_when_it_is_as_large_as_a_region() -> None:
    played = scenario.load("storm", sites=1000)
    devices = [device.id for site in played.sites for device in site.devices]
    assert len(set(devices)) == 5000
    assert all(DEVICE_ID.fullmatch(device) for device in devices)


def test_scenario_lets_an_act_happen_to_all_devices_that_can_when_it_names_a_pattern(
    tmp_path: Path,
) -> None:
    act = '[[act]]\nat_s = 1\ndoes = "mains_off"\ndevice = "s001-*"\n'
    played = scenario.load(write(tmp_path, WHOLE + act))
    assert {timed.device for timed in played.timed} == {
        "s001-button-1", "s001-button-2", "s001-turnstile-1",
    }  # fmt: skip


def test_scenario_presses_a_share_within_its_spread(tmp_path: Path) -> None:
    act = '[[act]]\nat_s = 5\ndoes = "press"\ndevice = "*-button-*"\nshare = 0.5\nspread_s = 2\n'
    played = scenario.load(write(tmp_path, WHOLE + act))
    assert len(played.timed) == 2
    assert all(5 <= timed.at_s <= 7 and timed.act.deed is Deed.PRESS for timed in played.timed)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("about =", "Invalid value"),
        ('about = "x"', "region: Field required"),
        (WHOLE + "colour = 1", "region.colour: Extra inputs are not permitted"),
        (WHOLE + '[[act]]\nat_s = 1\ndoes = "dance"\ndevice = "x"', "act.0.does: "),
        (WHOLE + '[[act]]\nat_s = 1\ndoes = "press"', "act.0: `does` and `device` go together"),
        (WHOLE + "[[act]]\nat_s = 1", "act.0: an act needs `say`, or `does` and `device`"),
        (
            WHOLE + '[[act]]\nat_s = 1\ndoes = "press"\ndevice = "s009-*"',
            "act.0: no device is called 's009-*'",
        ),
        (
            WHOLE + '[[act]]\nat_s = 1\ndoes = "press"\ndevice = "s001-turnstile-1"',
            "act.0: s001-turnstile-1 is a turnstile: no press there",
        ),
    ],
)
def test_scenario_says_in_one_line_what_is_wrong(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(scenario.WrongScenario) as wrong:
        scenario.load(write(tmp_path, text))
    assert str(wrong.value).startswith("scenario mine: ")
    assert why in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_scenario_says_which_there_are_when_its_name_is_unknown() -> None:
    with pytest.raises(scenario.WrongScenario, match="none of: cameras_fail, morning_peak, panic"):
        scenario.load("no_such_day")


def test_schools_are_the_same_when_the_seed_is_the_same() -> None:
    assert scenario.load("storm").sites == scenario.load("storm").sites


def test_site_file_has_a_row_for_each_device_with_all_columns_of_the_contract() -> None:
    sites = scenario.load("panic_at_noon", sites=40).sites
    rows = list(csv.DictReader(io.StringIO(sitefile.text(sites))))
    assert len(rows) == 40 * 6
    assert tuple(rows[0]) == sitefile.COLUMNS
    assert {row["kind"] for row in rows} == set(Sort)
    assert all(row["site_name_kk"] and row["site_name_ru"] and row["site_name_en"] for row in rows)
    assert all(42 < float(row["latitude"]) < 46 for row in rows)
    assert all(75 < float(row["longitude"]) < 81 for row in rows)


def test_site_file_gives_each_camera_a_port_of_its_own() -> None:
    rows = csv.DictReader(io.StringIO(sitefile.text(scenario.load("quiet_day").sites)))
    cameras = [(row["host"], row["port"]) for row in rows if row["kind"] == "camera"]
    assert len(cameras) == len(set(cameras)) == 3


def test_site_file_is_utf_8_when_it_is_written(tmp_path: Path) -> None:
    sitefile.write(scenario.load("quiet_day").sites, tmp_path / "sites.csv")
    text = (tmp_path / "sites.csv").read_text(encoding="utf-8")
    assert "№ 1 жалпы білім беретін мектеп" in text


def test_story_counts_the_flood_and_never_interrupts_the_narrator() -> None:
    told: list[Happening] = []
    digest, now = Digest(told.append), PushedClock().now()
    for _ in range(SINGLY + 5):
        digest(Happening(at=now, what="told", words="", device="b1", facts={"kind": "panic.x"}))
    digest(Happening(at=now, what="narrator", words="The wind rises."))
    digest.end_span(now)
    assert len(told) == SINGLY + 2
    assert told[-1].words == "… and 5 x told panic.x"
