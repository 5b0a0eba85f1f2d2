"""`dabyl camera login`: who answers is learnt, and another one gets no login."""

from collections.abc import Iterator

import pytest

from simulators.camera import Camera, Place, Quirk
from tests.cli.cameras import PASSWORD, USER, Cameras, site_file
from tests.cli.shell import Said, Shell


@pytest.fixture
def cameras() -> Iterator[Cameras]:
    with Cameras() as found:
        yield found


def _register(shell: Shell, camera: Camera) -> None:
    file = shell.write("s.toml", site_file(camera))
    assert shell.run("site", "import", file, "--apply").code == 0


def _login(shell: Shell, *words: str, password: str = PASSWORD) -> Said:
    secret = shell.write("password", password)
    return shell.run("camera", "login", "c-1", "--user", USER, "--password-file", secret, *words)


def _logins(camera: Camera) -> int:
    return sum(1 for one in camera.record.logins if one.user)


def test_a_camera_is_approved_with_its_serial_number_and_its_certificate(
    shell: Shell, cameras: Cameras
) -> None:
    camera = cameras.add(place=Place(tls=True))
    _register(shell, camera)
    said = _login(shell, "--tls")
    assert said.code == 0, said
    assert "serial CAMERA-1" in said.out
    assert camera.fingerprint[:16] in said.out
    assert PASSWORD not in said.out + said.err


def test_a_wrong_password_approves_nothing(shell: Shell, cameras: Cameras) -> None:
    camera = cameras.add()
    _register(shell, camera)
    assert "(credentials)" in _login(shell, password="wrong").err
    probe = shell.run("camera", "probe", "c-1")
    assert "none was named" in probe.out


def test_a_changed_certificate_stops_it_before_a_login_is_sent(
    shell: Shell, cameras: Cameras
) -> None:
    camera = cameras.add(place=Place(tls=True))
    _register(shell, camera)
    assert _login(shell, "--tls").code == 0
    cameras.do(camera.change_certificate())
    before = _logins(camera)
    probe, watch = (
        shell.run("camera", verb, "c-1", *more)
        for verb, *more in (["probe"], ["watch", "--seconds", "10"])
    )
    assert (probe.code, watch.code) == (1, 1)
    assert "[changed:" in probe.out
    assert "[changed:" in watch.err
    assert "certificate-changed.md" in probe.out
    assert _logins(camera) == before


def test_a_password_named_by_hand_meets_the_approved_certificate_too(
    shell: Shell, cameras: Cameras
) -> None:
    camera = cameras.add(place=Place(tls=True))
    _register(shell, camera)
    assert _login(shell, "--tls").code == 0
    cameras.do(camera.change_certificate())
    secret = ["--user", USER, "--password-file", shell.write("password", PASSWORD)]
    place = f"https://{camera.host}:{camera.port}"
    assert "[changed:" in shell.run("camera", "probe", place, *secret).out


def test_another_serial_number_is_refused_until_a_person_says_exchanged(
    shell: Shell, cameras: Cameras
) -> None:
    camera = cameras.add()
    _register(shell, camera)
    assert _login(shell).code == 0
    other = cameras.add(name="camera-2")
    cameras.take_the_place(other, camera)
    probe = shell.run("camera", "probe", "c-1")
    assert "[changed: it says its serial number is CAMERA-2, and was CAMERA-1]" in probe.out
    refused = _login(shell)
    assert refused.code == 1
    assert "--exchanged" in refused.err
    assert _login(shell, "--exchanged").code == 0
    assert shell.run("camera", "probe", "c-1").code == 0


def test_what_is_no_camera_of_ours_is_said_in_a_line(shell: Shell, cameras: Cameras) -> None:
    cameras.add(Quirk.HTML_200)
    assert shell.run("site", "list").code == 0
    said = _login(shell)
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert shell.run("camera", "login", "c-1", "--user", USER).code == 2
