"""`dabyl camera discover`: who answers in the network, whether we know it, and what is next."""

from collections.abc import Iterator

import pytest

from adapters.devices.onvif import discovery
from gateway.cli.camera import interfaces
from simulators.camera import Camera
from tests.cli.cameras import PASSWORD, USER, Cameras, site_file
from tests.cli.shell import Said, Shell


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cameras]:
    with Cameras() as found:
        found.add(name="hall")
        monkeypatch.setattr(discovery, "PORT", found.answer_probes())
        yield found


def _discover(shell: Shell, *words: str) -> Said:
    where = [] if "--subnet" in words else ["--interface", "127.0.0.1"]
    return shell.run("camera", "discover", "--seconds", "1", *where, *words)


def _register(shell: Shell, camera: Camera) -> None:
    text = site_file(camera)
    assert shell.run("site", "import", shell.write("s.toml", text), "--apply").code == 0


def _rows(said: Said) -> list[dict[str, object]]:
    assert said.code == 0, said
    assert isinstance(said.json, list)
    return said.json


@pytest.mark.parametrize("words", [(), ("--subnet", "127.0.0.1/32")], ids=["multicast", "subnet"])
def test_a_camera_is_found_with_its_name_its_model_and_what_is_next(
    shell: Shell, cameras: Cameras, words: tuple[str, ...]
) -> None:
    port = cameras.fleet.cameras["hall"].port
    (row,) = _rows(_discover(shell, "--json", *words))
    assert (row["host"], row["port"], row["name"]) == ("127.0.0.1", port, "hall")
    assert row["model"] == "Simulated_camera"
    assert row["state"] == "not known"
    assert row["next"] == f"dabyl camera probe 127.0.0.1 --port {port}"


def test_where_there_is_no_installation_none_is_made(shell: Shell, cameras: Cameras) -> None:
    del cameras
    said = _discover(shell)
    assert "what is registered is not known" in said.err
    assert not (shell.folder / "dabyl.db").exists()
    assert not (shell.folder / "seal.key").exists()


def test_a_camera_is_told_through_to_its_login_step_by_step(shell: Shell, cameras: Cameras) -> None:
    camera = cameras.fleet.cameras["hall"]
    assert shell.run("site", "list").code == 0  # an installation, and nothing in it
    (row,) = _rows(_discover(shell, "--json"))
    assert (row["state"], row["device"]) == ("not registered", None)
    assert f'host = "127.0.0.1", port = {camera.port}' in str(row["next"])
    _register(shell, camera)
    (row,) = _rows(_discover(shell, "--json"))
    assert (row["state"], row["device"], row["approved"]) == ("unlinked", "c-1", False)
    assert str(row["next"]).startswith("dabyl camera login c-1 --user NAME --password-file FILE")
    secret = shell.write("password", PASSWORD)
    login = shell.run("camera", "login", "c-1", "--user", USER, "--password-file", secret)
    assert login.code == 0, login
    (row,) = _rows(_discover(shell, "--json"))
    assert (row["state"], row["approved"]) == ("waiting", True)
    assert row["next"] == "dabyl camera probe c-1"


def test_the_table_says_the_same_to_a_person(shell: Shell, cameras: Cameras) -> None:
    port = cameras.fleet.cameras["hall"].port
    head, line = _discover(shell).out.splitlines()
    assert head.split() == ["ADDRESS", "NAME", "MODEL", "DEVICE", "STATE", "NEXT"]
    assert line.startswith(f"127.0.0.1:{port}  hall")


def test_where_nobody_answers_it_is_said_what_else_to_try(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "PORT", 9)
    said = _discover(shell)
    assert said.code == 0
    assert "no camera answered; other networks: --subnet" in said.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--subnet", "10.0.0.0/8"], 2),
        (["--subnet", "the school"], 2),
        (["--subnet", "10.0.0.0/24", "--interface", "127.0.0.1"], 2),
        (["--interface", "203.0.113.9"], 1),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_line(shell: Shell, words: list[str], code: int) -> None:
    said = shell.run("camera", "discover", *words)
    assert said.code == code
    assert said.err.count("\n") == 1


def test_our_own_networks_are_known() -> None:
    assert interfaces.own()[-1] == "127.0.0.1"
