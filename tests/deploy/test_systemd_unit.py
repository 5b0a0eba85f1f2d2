"""deploy/systemd and deploy/dabyl.toml: sound in systemd's own eyes and in ours."""

import re
import subprocess
from pathlib import Path

import pytest

from gateway import settings
from gateway.cli import VERBS
from tests.harness import programs
from tests.house import tree

_DEPLOY = tree.ROOT / "deploy"
_UNIT = _DEPLOY / "systemd" / "dabyl.service"


def _analyzed(*arguments: str) -> str:
    done = subprocess.run(
        [programs.find("systemd-analyze"), *arguments],
        capture_output=True,
        check=False,
        text=True,
        env={"SYSTEMD_PAGER": "", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    said = done.stdout + done.stderr
    if "invalid option" in said or "unrecognized option" in said:
        pytest.skip("this systemd is too old to analyze a unit that is not installed")
    assert done.returncode == 0, said
    return said


def _of(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", _UNIT.read_text(encoding="utf-8"), re.MULTILINE)


def test_systemd_finds_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    # It would say that the program is not installed on this machine, which is true.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/sh", _UNIT.read_text(), flags=re.MULTILINE)
    unit = tmp_path / "dabyl.service"
    unit.write_text(text)
    assert _analyzed("verify", "--man=no", str(unit)) == ""


def test_the_unit_is_as_little_exposed_as_its_readme_says() -> None:
    said = _analyzed("security", "--offline=yes", "--no-pager", str(_UNIT))
    (measured,) = re.findall(r"Overall exposure level for dabyl.service: ([\d.]+)", said)
    (claimed,) = re.findall(r"exposure of \*\*([\d.]+)\*\*", tree.text(_DEPLOY / "README.md"))
    assert measured == claimed


def test_the_unit_starts_a_verb_that_is_there() -> None:
    ((program, verb),) = [line.split() for line in _of("ExecStart")]
    assert program.endswith("/dabyl")
    assert verb in VERBS


def test_a_hung_gateway_is_started_again_before_half_a_minute_is_over() -> None:
    waits = [*_of("WatchdogSec"), *_of("TimeoutAbortSec"), *_of("RestartSec")]
    assert sum(map(float, waits)) <= 30
    assert _of("Restart") == ["always"]
    assert _of("StartLimitIntervalSec") == ["0"]


def test_the_settings_that_are_shipped_are_read_and_find_their_secrets(tmp_path: Path) -> None:
    handed_on = tmp_path / "credentials"
    handed_on.mkdir()
    for name in ("dabyl.key", "gateway.key", "broker.password", "centre.secret"):
        (handed_on / f"secrets_{name}").write_text(name)
    environment = {"CREDENTIALS_DIRECTORY": str(handed_on)}
    found = settings.load(_DEPLOY / "dabyl.toml", environment)
    assert found.receiver[0].secret_file == handed_on / "secrets_centre.secret"
    assert found.broker[0].secret() == "broker.password"
    assert found.http.key_file == handed_on / "secrets_dabyl.key"
    assert found.broker[0].ca_file == _DEPLOY / "brokers-ca.crt"


def test_without_systemd_the_same_settings_find_their_secrets_beside_them() -> None:
    found = settings.load(_DEPLOY / "dabyl.toml", {})
    assert found.receiver[0].secret_file == _DEPLOY / "secrets" / "centre.secret"


def test_what_the_gateway_must_write_lies_where_the_unit_lets_it() -> None:
    found = settings.load(_DEPLOY / "dabyl.toml", {})
    state = Path("/var/lib") / _of("StateDirectory")[0]
    keys = found.keys
    files = (keys.seal_file, keys.card_file, keys.signing_file)
    assert {file.parent for file in files} == {state}
    assert found.database.url == f"sqlite:///{state}/dabyl.db"
