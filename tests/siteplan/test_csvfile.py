"""The site file as CSV."""

from pathlib import Path

import pytest

from gateway import siteplan
from gateway.domain.site import Registry, Sort
from gateway.siteplan import WrongFile, csvfile
from tests.siteplan.files import GATE, HALL, HEADER, TURN, plan, text


def _mistakes(content: str) -> list[str]:
    with pytest.raises(WrongFile) as wrong:
        csvfile.read(content, "school.csv")
    return wrong.value.mistakes


def _registry(content: str) -> Registry:
    said = csvfile.read(content, "school.csv")
    return Registry(
        sites={one.id: one for one in said.sites},
        zones={(one.site, one.id): one for one in said.zones},
        devices={one.id: one for one in said.devices},
    )


def test_a_file_says_each_site_once_and_each_device() -> None:
    said = plan(GATE, HALL, TURN)
    assert [site.id for site in said.sites] == ["s1", "s2"]
    assert [device.sort for device in said.devices] == [
        Sort.PANIC_BUTTON,
        Sort.PANIC_BUTTON,
        Sort.TURNSTILE,
    ]
    assert said.devices[2].port == 502
    assert said.sites[1].latitude is None


def test_a_file_with_bom_and_semicolons_and_decimal_commas_says_the_same(tmp_path: Path) -> None:
    plain, excel = tmp_path / "plain.csv", tmp_path / "excel.csv"
    plain.write_text(text(GATE, TURN), encoding="utf-8")
    other = text(GATE, TURN).replace(",", ";").replace("43.25", "43,25").replace("\n", "\r\n")
    excel.write_text(other + ";" * 13 + "\r\n", encoding="utf-8-sig", newline="")
    assert siteplan.read(excel) == siteplan.read(plain)


def test_what_was_written_is_read_back_the_same() -> None:
    quoted = GATE.replace("Абай 1", '"Абай, 1 ""А"""')
    once = _registry(text(quoted, quoted.replace("b-1", "b-2"), TURN))
    assert _registry(csvfile.write(once)) == once
    assert csvfile.write(_registry(csvfile.write(once))) == csvfile.write(once)


def test_a_site_without_devices_survives_the_round_trip() -> None:
    once = _registry(text("s9,,Пустая,,,,,,,,,,,"))
    assert _registry(csvfile.write(once)).sites == once.sites


def test_unknown_and_missing_columns_are_told_by_name() -> None:
    header = HEADER.replace("zone", "room") + ",password"
    assert _mistakes(text(header=header)) == [
        "line 1: unknown column 'room'",
        "line 1: unknown column 'password'",
        "line 1: the column zone is missing",
    ]


def test_every_mistake_is_told_with_its_line_and_not_only_the_first() -> None:
    said = _mistakes(
        text(
            GATE.replace("43.25", "430"),
            GATE.replace("b-1", "Button 1"),
            GATE.replace("b-1", "gateway-1"),
            GATE.replace("panic-button", "siren"),
            TURN.replace("502", "99999"),
            GATE + ",more",
        )
    )
    assert [line.partition(":")[0] for line in said] == [f"line {n}" for n in range(2, 8)]
    assert "latitude" in said[0]
    assert "no device id" in said[1]
    assert "those names are ours" in said[2]
    assert "panic-button, turnstile, camera" in said[3]


def test_a_canary_is_refused_like_a_gateway() -> None:
    assert "those names are ours" in _mistakes(text(GATE.replace("b-1", "canary-1")))[0]


def test_a_device_that_is_there_twice_is_told_with_both_lines() -> None:
    assert _mistakes(text(GATE, GATE)) == ["line 3: device b-1 is in line 2 already"]


def test_a_site_that_is_described_in_two_ways_is_told_with_both_lines() -> None:
    (said,) = _mistakes(text(GATE, HALL.replace("Talgar", "Kegen")))
    assert said.startswith("line 3: site s1 is described otherwise in line 2")


def test_no_more_than_fifty_mistakes_are_told() -> None:
    said = _mistakes(text(*(GATE.replace("43.25", "430") for _ in range(70))))
    assert len(said) == 51
    assert said[-1] == "… and 20 more"


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_told_what_its_first_line_must_be(content: str) -> None:
    assert HEADER in _mistakes(content)[0]


def test_an_open_quote_is_told_and_not_swallowed() -> None:
    assert "quote" in _mistakes(text(GATE.replace("Абай", '"Абай')))[0]


def test_a_file_in_another_encoding_is_told_how_to_be_saved(tmp_path: Path) -> None:
    file = tmp_path / "school.csv"
    file.write_bytes(text(GATE).encode("cp1251", errors="replace"))
    with pytest.raises(WrongFile) as wrong:
        siteplan.read(file)
    assert "UTF-8" in wrong.value.mistakes[0]


def test_what_a_spreadsheet_would_run_is_escaped_and_read_back_as_it_was() -> None:
    once = _registry(text(GATE.replace("Школа", "=1+1").replace("Абай 1", "-Абай")))
    written = csvfile.write(once)
    assert "'=1+1" in written
    assert ",'-Абай," in written
    assert _registry(written) == once
