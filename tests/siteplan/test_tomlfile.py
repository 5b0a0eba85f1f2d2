"""The site file as TOML."""

import pytest

from gateway.domain.site import Registry
from gateway.siteplan import WrongFile, tomlfile, tomlwriter

SCHOOL = """
[[site]]
id = "s1"
name = { kk = "Мектеп", ru = "Школа \\"А\\"" }
district = "Talgar"
latitude = 43.25
longitude = 76.95
phones = ["+7 727 000 00 01"]

[[site.zone]]
id = "gate"
name = { kk = "Кіреберіс", ru = "Вход", en = "Entrance" }
building = "B"
floor = "1"

[[site.device]]
id = "box-1"
kind = "panic-button"
zone = "gate"
parts = { 2 = "gate" }
silent = true
input_kind = "panic.pressed"
max_silence_s = 120
"""
CAMERA = """
[[site.device]]
id = "camera-1"
kind = "camera"
host = "10.0.0.9"
[site.device.inputs]
"1" = { part = 1, kind = "panic.pressed" }
"AlarmIn 2" = { part = 2, kind = "tamper.opened", normally_closed = true, zone = "gate" }
"""


def _registry(text: str) -> Registry:
    said = tomlfile.read(text, "school.toml")
    return Registry(
        sites={one.id: one for one in said.sites},
        zones={(one.site, one.id): one for one in said.zones},
        devices={one.id: one for one in said.devices},
    )


def _mistakes(text: str) -> list[str]:
    with pytest.raises(WrongFile) as wrong:
        tomlfile.read(text, "school.toml")
    return wrong.value.mistakes


def test_a_file_says_all_that_the_registry_knows() -> None:
    registry = _registry(SCHOOL)
    device = registry.devices["box-1"]
    assert registry.sites["s1"].phones == ("+7 727 000 00 01",)
    assert registry.zones["s1", "gate"].name.en == "Entrance"
    assert (device.silent, device.input_kind, device.max_silence_s) == (True, "panic.pressed", 120)
    assert registry.place("box-1", 2).zone == registry.zones["s1", "gate"]


def test_what_was_written_is_read_back_the_same() -> None:
    once = _registry(SCHOOL + CAMERA)
    assert _registry(tomlwriter.write(once)) == once
    assert tomlwriter.write(_registry(tomlwriter.write(once))) == tomlwriter.write(once)


def test_every_mistake_is_told_with_the_place_it_is_in() -> None:
    wrong = SCHOOL.replace("silent", "silence").replace("43.25", "143.25").replace("= 120", "= 1")
    said = _mistakes(wrong)
    assert len(said) == 3
    assert said[0].startswith("site s1: latitude: 143.25")
    assert said[1].startswith("site s1: device box-1: max_silence_s: 1")
    assert said[2].startswith("site s1: device box-1: silence: no such key")


def test_a_device_in_a_zone_that_is_not_there_is_a_mistake() -> None:
    said = _mistakes(SCHOOL.replace('zone = "gate"', 'zone = "gaet"'))
    assert said == ["site s1: device box-1 hangs in zone 'gaet', which is not there"]


def test_a_device_of_two_sites_is_a_mistake() -> None:
    other = SCHOOL.replace('id = "s1"', 'id = "s2"')
    assert _mistakes(SCHOOL + other) == ["device box-1 is there twice"]


def test_what_is_no_toml_is_told_with_its_line() -> None:
    assert "line 3" in _mistakes("[[site]]\nid = 's1'\nname =\n")[0]


def test_a_wired_contact_has_its_part_its_meaning_and_its_place() -> None:
    registry = _registry(SCHOOL + CAMERA)
    camera = registry.devices["camera-1"]
    assert (camera.means(1), camera.means(2), camera.means(3)) == (
        "panic.pressed",
        "tamper.opened",
        None,
    )
    assert camera.inputs["AlarmIn 2"].normally_closed
    assert registry.place("camera-1", 2).zone == registry.zones["s1", "gate"]
    assert registry.place("camera-1", 1).zone is None


def test_two_contacts_on_one_part_are_a_mistake_and_so_is_a_kind_that_nobody_knows() -> None:
    assert _mistakes(SCHOOL + CAMERA.replace("part = 2", "part = 1")) == [
        "site s1: device camera-1: part 1 is given to two inputs"
    ]
    (said,) = _mistakes(SCHOOL + CAMERA.replace('"tamper.opened"', '"tamper.open"'))
    assert "'tamper.open' is no kind of event" in said


LOOKING = """
[[site.device]]
id = "cam-1"
kind = "camera"
looks_at = ["box-1"]
"""


def test_a_camera_says_what_it_looks_at() -> None:
    registry = _registry(SCHOOL + LOOKING)
    assert registry.devices["cam-1"].looks_at == ("box-1",)
    assert _registry(tomlwriter.write(registry)) == registry


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            LOOKING.replace('["box-1"]', '["box-2"]'),
            "camera cam-1 looks at 'box-2', which is not among the site's devices",
        ),
        (
            LOOKING.replace('"camera"', '"turnstile"'),
            "device cam-1 looks at something, but only a camera does",
        ),
    ],
)
def test_a_slip_in_what_a_camera_looks_at_is_a_mistake(text: str, said: str) -> None:
    assert _mistakes(SCHOOL + text) == [f"site s1: {said}"]


PAPERS = SCHOOL.replace(
    'phones = ["+7 727 000 00 01"]',
    'phones = ["+7 727 000 00 01"]\n'
    'access = { kk = "Қақпа коды 12\\nКүзет оң жақта", ru = "Ворота" }',
).replace('floor = "1"', 'floor = "1"\nplan = "s1/floor-1.svg"')
PLACED = PAPERS.replace("silent = true", "silent = true\nat = [0.42, 0.7]")


def test_a_file_says_how_to_get_in_and_where_on_which_plan_a_device_hangs() -> None:
    registry = _registry(PLACED)
    assert registry.sites["s1"].access.kk == "Қақпа коды 12\nКүзет оң жақта"
    assert registry.zones["s1", "gate"].plan == "s1/floor-1.svg"
    assert registry.devices["box-1"].at == (0.42, 0.7)
    assert _registry(tomlwriter.write(registry)) == registry


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLACED.replace("0.42", "42"), "at: 42"),
        (PLACED.replace("s1/floor", "../floor"), "is no plan"),
        (PLACED.replace("s1/floor", "/etc/floor"), "is no plan"),
        (PLACED.replace("floor-1.svg", "floor-1.html"), "is no plan"),
        (PLACED.replace('plan = "s1/floor-1.svg"', ""), "but its zone has none"),
        (PLACED.replace("оң жақта", "оң\\u0007жақта"), "cannot be printed"),
    ],
)
def test_a_slip_in_the_papers_is_a_mistake(text: str, said: str) -> None:
    (told,) = _mistakes(text)
    assert said in told
