"""`dabyl site`, from file to file."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.store import device_states
from gateway.store.device_states import DeviceState
from tests.cli.shell import Shell
from tests.siteplan.files import GATE, HALL, TURN, text


def _imported(shell: Shell, *rows: str) -> None:
    file = shell.write("school.csv", text(*rows))
    assert shell.run("site", "import", file, "--apply").code == 0


def test_an_import_without_apply_writes_nothing(shell: Shell) -> None:
    said = shell.run("site", "import", shell.write("school.csv", text(GATE, TURN)))
    assert said.code == 0
    assert "new      device b-1 (panic-button, site s1)" in said.out
    assert "devices  2 new, 0 changed, 0 unchanged" in said.out
    assert "--apply" in said.out
    assert shell.run("site", "list", "--json").json == []


def test_what_was_imported_is_listed_and_exported_as_it_was(shell: Shell, tmp_path: Path) -> None:
    _imported(shell, GATE, HALL, TURN)
    csv, toml = tmp_path / "out.csv", tmp_path / "out.toml"
    shell.run("site", "export", "--output", str(csv))
    shell.run("site", "export", "--toml", "--output", str(toml))
    assert csv.read_text("utf-8") == text(GATE, HALL, TURN)
    for file in (csv, toml):
        assert "the registry says the same already" in shell.run("site", "import", str(file)).out


def test_an_export_to_the_screen_is_the_file_itself(shell: Shell) -> None:
    _imported(shell, GATE)
    assert shell.run("site", "export").out == text(GATE)


def test_every_mistake_is_on_standard_error_and_nothing_is_written(shell: Shell) -> None:
    rows = [GATE.replace("43.25", "430"), GATE.replace("b-1", "gateway-9"), TURN]
    said = shell.run("site", "import", shell.write("school.csv", text(*rows)), "--apply")
    assert said.code == 1
    assert said.err.splitlines()[-1] == "dabyl: school.csv: 2 mistakes, nothing was imported"
    assert len(said.err.splitlines()) == 3
    assert shell.run("site", "list", "--json").json == []


def test_a_move_needs_a_word_of_its_own(shell: Shell) -> None:
    _imported(shell, GATE, TURN)
    moved = TURN.replace("t-1,turnstile", "b-1,panic-button")
    file = shell.write("moved.csv", text(TURN, moved))
    refused = shell.run("site", "import", file, "--apply")
    assert refused.code == 1
    assert "--move" in refused.err
    assert shell.run("site", "import", file, "--apply", "--move").code == 0
    (row,) = (row for row in shell.run("site", "export").out.splitlines() if ",b-1," in row)
    assert row.startswith("s2,")


def test_a_file_that_is_not_there_is_wrong_use(shell: Shell) -> None:
    assert shell.run("site", "import", "nowhere.csv").code == 2


def test_a_device_is_well_silent_or_unknown_and_why_is_said(shell: Shell) -> None:
    _imported(shell, GATE, HALL, TURN)
    now = datetime.now(UTC)
    states = [
        DeviceState(device="b-1", heard_at=now, link="a", said={"battery": 71}),
        DeviceState(device="b-2", heard_at=now - timedelta(hours=2), link="a"),
    ]
    shell.store(lambda c: device_states.save(c, states, "g1", now))
    rows: Any = shell.run("device", "list", "--json").json
    listed = {row["id"]: (row["state"], row["why"]) for row in rows}
    assert listed["b-1"] == ("well", None)
    assert set(listed.values()) == {("well", None), ("unknown", "not_heard")}
    shell.store(lambda c: device_states.mark_silent(c, {"b-1": now}))
    rows = shell.run("device", "list", "--state", "silent", "--json").json
    assert [(row["id"], row["why"]) for row in rows] == [("b-1", "nothing_heard")]
    shell.raise_alarm("a" * 32)
    shown = shell.run("device", "show", "b-1")
    assert "panic.pressed" in shown.out
    assert re.search(r"says battery +71\n", shown.out)


def test_devices_never_heard_are_unknown_and_not_well(shell: Shell) -> None:
    _imported(shell, GATE, TURN)
    said = shell.run("device", "list")
    assert said.out.count("unknown") == 2
    shown = shell.run("device", "show", "b-1")
    assert "Кіреберіс" in shown.out
    assert shell.run("device", "show", "b-9").code == 1
