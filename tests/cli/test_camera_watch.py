"""`dabyl camera watch`: a technician presses the wired button, and sees it."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from simulators.camera import Camera, Quirk
from tests.cli.cameras import PASSWORD, USER, Cameras, site_file
from tests.cli.processes import Command
from tests.cli.shell import Said, Shell


@pytest.fixture
def cameras() -> Iterator[Cameras]:
    with Cameras() as found:
        yield found


def _watch(shell: Shell, camera: Camera, *words: str, seconds: int = 5) -> Said:
    secret = shell.write("password", PASSWORD)
    where = [f"127.0.0.1:{camera.port}", "--user", USER, "--password-file", secret]
    return shell.run("camera", "watch", *where, "--seconds", str(seconds), *words)


def _lines(said: Said) -> list[dict[str, object]]:
    assert said.code == 0, said
    return [msgspec.json.decode(line) for line in said.out.splitlines()]


def test_a_press_is_seen_and_a_contact_that_does_not_latch_is_told_of(
    shell: Shell, cameras: Cameras
) -> None:
    camera = cameras.add()
    cameras.soon(camera, "press", "release")
    said = _watch(shell, camera)
    assert said.code == 0, said
    assert "connected: Dabyl Simulated camera" in said.out
    assert "input 1 closed  → input.activated" in said.out
    assert "input 1 open again after 0." in said.out
    assert "contact-does-not-latch.md" in said.out
    assert camera.subscriptions == []


def test_a_press_of_a_registered_camera_is_what_its_input_is_set_to(
    shell: Shell, cameras: Cameras
) -> None:
    camera = cameras.add()
    text = site_file(camera, 'inputs = { "1" = { part = 1, kind = "panic.pressed" } }')
    shell.run("site", "import", shell.write("s.toml", text), "--apply")
    secret = shell.write("password", PASSWORD)
    login = shell.run("camera", "login", "c-1", "--user", USER, "--password-file", secret)
    assert login.code == 0, login
    cameras.soon(camera, "press")
    lines = _lines(shell.run("camera", "watch", "c-1", "--seconds", "5", "--json"))
    (press,) = (line for line in lines if line["what"] == "said")
    assert (press["kind"], press["raises"], press["part"]) == ("panic.pressed", "P0", 1)
    assert press["input"] == "1"


def test_an_approved_login_goes_to_no_other_address(shell: Shell, cameras: Cameras) -> None:
    camera, other = cameras.add(), cameras.add(name="camera-2")
    text = site_file(camera)
    file = shell.write("s.toml", text)
    shell.run("site", "import", file, "--apply")
    secret = shell.write("password", PASSWORD)
    shell.run("camera", "login", "c-1", "--user", USER, "--password-file", secret)
    shell.write("s.toml", text.replace(str(camera.port), str(other.port)))
    shell.run("site", "import", file, "--apply")
    for verb, *more in (["watch", "--seconds", "5"], ["probe"]):
        said = shell.run("camera", verb, "c-1", *more)
        assert said.code == 1
        assert "`dabyl camera login c-1` approves another address" in said.err
    assert not other.record.requests


def test_what_nobody_understands_is_told_and_moves_no_terminal(
    shell: Shell, cameras: Cameras
) -> None:
    camera = cameras.add()
    cameras.soon(camera, "say")
    said = _watch(shell, camera)
    assert "unknown topic Vendor/Odd" in said.out
    assert "\x9b" not in said.out


def test_a_camera_that_starts_again_is_lost_and_back(
    shell: Shell, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The package's `watch` is the command.
    monkeypatch.setattr(sys.modules["gateway.cli.camera.watch"], "AGAIN_S", 0.5)
    camera = cameras.add()
    cameras.soon(camera, "reboot")
    what = [line["what"] for line in _lines(_watch(shell, camera, "--json", seconds=8))]
    assert what == ["connected", "lost", "connected"]


@pytest.mark.parametrize(
    ("quirk", "words"),
    [
        (Quirk.UNAUTHORISED, "[credentials:"),
        (Quirk.SLOTS_FULL, "[slots:"),
        (Quirk.HTML_200, "[not_soap:"),
        (Quirk.REFUSE, "[refused:"),
    ],
)
def test_a_camera_that_cannot_be_heard_ends_it_in_one_line_with_advice(
    shell: Shell, cameras: Cameras, quirk: Quirk, words: str
) -> None:
    said = _watch(shell, cameras.add(quirk), seconds=20)
    assert said.code == 1
    assert words in said.err
    assert "docs/how-to/cameras/" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.servers
async def test_a_technician_ends_it_with_a_key_and_the_place_is_given_back(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("simulated")
    camera = Command.module(tmp_path, "simulators.camera", "--port", "0", "--press-every", "1")
    try:
        url = await camera.says(r"http://127.0.0.1:\d+")
        secret = ["--user", "dabyl", "--password-file", "password"]
        place = url.partition("http://")[2].partition("/")[0]
        ear = Command(tmp_path, "camera", "watch", place, *secret)
        await ear.says(r"input 1 closed.*\n(.*\n)*.*input 1 open again")
        assert ear.end(signal.SIGINT) == 0, ear.log()
    finally:
        camera.end(signal.SIGTERM)
