"""The file of procedures: ours, and one that an operator wrote."""

from pathlib import Path

import pytest

from gateway.domain.kind import KINDS, Priority
from gateway.domain.procedure import fitting
from gateway.siteplan import WrongFile, procedures

OWN = """
[[procedure]]
kinds = ["panic.*"]
[[procedure.step]]
id = "send"
ru = "Направьте наряд"
"""


def _mistakes(folder: Path, text: str) -> list[str]:
    file = folder / "procedures.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongFile) as wrong:
        procedures.read(file)
    return wrong.value.mistakes


def test_our_procedures_say_something_of_every_kind_in_three_languages() -> None:
    ours = procedures.read(None)
    for kind in KINDS.values():
        for test in (False, True):
            found = fitting(ours, kind.name, test=test, silent=kind.silent)
            if kind.raises is not None or test:
                assert found is not None, kind.name
    steps = [step for one in ours for step in one.steps]
    assert all(step.text.kk and step.text.ru and step.text.en for step in steps)


def test_a_silent_cry_is_never_answered_by_a_call_to_the_school() -> None:
    ours = procedures.read(None)
    silent = [one.name for one in KINDS.values() if one.silent and one.raises is Priority.P0]
    assert silent
    for name in (*silent, "panic.pressed"):  # a button may be set silent
        found = fitting(ours, name, test=False, silent=True)
        assert found is not None
        assert "call" not in {step.id for step in found.steps}


def test_help_is_sent_before_anything_is_asked_when_somebody_presses() -> None:
    found = fitting(procedures.read(None), "panic.pressed", test=False, silent=False)
    assert found is not None
    assert [step.id for step in found.steps][:3] == ["send", "look", "call"]


def test_an_operators_file_takes_the_place_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    own = procedures.read(file)
    found = fitting(own, "panic.fire", test=False, silent=False)
    assert found is not None
    assert [(step.id, step.text.ru) for step in found.steps] == [("send", "Направьте наряд")]
    assert fitting(own, "panic.fire", test=True, silent=False) is None
    assert fitting(own, "device.silent", test=False, silent=False) is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('ru = "Направьте наряд"', "", "step send says nothing"),
        ('id = "send"', 'id = "Send it"', "id"),
        ("kinds", "kind", "no such key"),
        ('["panic.*"]', "[]", "kinds"),
        ("[[procedure]]", "[[procedure", "line 2"),
    ],
)
def test_a_slip_in_it_is_told(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert said in "; ".join(_mistakes(tmp_path, OWN.replace(before, after)))


def test_a_step_that_is_there_twice_is_a_mistake(tmp_path: Path) -> None:
    twice = OWN + '[[procedure.step]]\nid = "send"\nru = "Ещё раз"\n'
    assert "send of panic.* are there twice" in _mistakes(tmp_path, twice)[0]
