"""`dabyl check` on site papers: what keeps a gateway from starting, and what would be missed."""

from pathlib import Path

import pytest

from gateway import settings as configuration
from gateway.app import papers
from gateway.cli.checks import papers as checks
from gateway.cli.checks.finding import Finding
from gateway.settings import WrongSettings
from tests.cli.shell import SETTINGS

OWN = '[[procedure]]\nkinds = ["*"]\n[[procedure.step]]\nid = "call"\nen = "Call"\n'


def _settings(folder: Path, console: str = "") -> configuration.Settings:
    file = folder / "dabyl.toml"
    file.write_text(f"{SETTINGS}\n{console}", encoding="utf-8")
    return configuration.load(file, environment={})


def _found(folder: Path, console: str = "") -> dict[str, Finding]:
    return {one.what: one for one in checks.all_of(_settings(folder, console))}


def test_nothing_is_said_where_nothing_is_named(tmp_path: Path) -> None:
    assert _found(tmp_path) == {}


def test_an_operators_own_procedures_and_plans_are_found(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    (tmp_path / "plans").mkdir()
    found = _found(tmp_path, '[console]\nprocedures_file = "own.toml"\n')
    assert found["procedures"].verdict == "ok"
    assert found["plans"].why == str(tmp_path / "plans")


def test_a_slip_is_wrong_and_the_gateway_does_not_start_with_it(tmp_path: Path) -> None:
    console = '[console]\nprocedures_file = "own.toml"\nplans_folder = "drawings"\n'
    missing = _found(tmp_path, console)
    (tmp_path / "own.toml").write_text(OWN.replace("kinds", "kind"), encoding="utf-8")
    slipped = _found(tmp_path, console)
    assert (missing["procedures"].verdict, slipped["procedures"].verdict) == ("WRONG", "WRONG")
    assert "no such key" in slipped["procedures"].why
    assert slipped["plans"].verdict == "weak"
    with pytest.raises(WrongSettings, match=r"own\.toml"):
        papers.written_procedures(_settings(tmp_path, console))
