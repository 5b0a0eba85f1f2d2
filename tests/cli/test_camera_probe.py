"""`dabyl camera probe`: a technician's report, in words, of a camera that is well or is not."""

import http.server
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.devices.onvif import transport
from adapters.devices.onvif.fault import Reason, ended
from gateway.cli.camera import events
from gateway.cli.camera.advice import ADVICE
from gateway.cli.camera.survey import Step, Survey
from gateway.cli.camera.trying import Trying
from simulators.camera import Place, Quirk
from tests.cli.cameras import PASSWORD, USER, Cameras
from tests.cli.shell import Said, Shell
from tests.harness import ports

PAGE = b"<html><head><title>Welcome</title></head><body>router</body></html>"


@pytest.fixture
def cameras() -> Iterator[Cameras]:
    with Cameras() as found:
        yield found


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull need not be held for five seconds to be seen held."""
    monkeypatch.setattr(events, "HOLD_S", 1.5)


def _probe(
    shell: Shell, port: int, *words: str, user: str = USER, password: str = PASSWORD
) -> Said:
    secret = shell.write("password", password + "\n")
    login = ["--user", user, "--password-file", secret]
    return shell.run("camera", "probe", f"127.0.0.1:{port}", *login, *words)


def _line(said: Said, what: str) -> str:
    return next(line for line in said.out.splitlines() if f"  {what}: " in line)


def test_a_camera_that_is_well_is_told_so_with_what_it_can(shell: Shell, cameras: Cameras) -> None:
    said = _probe(shell, cameras.add().port)
    assert said.code == 0, said
    assert "Dabyl can work with it" in said.out
    assert "serial CAMERA-1" in _line(said, "what it is")
    assert "input.activated" in _line(said, "events")
    assert "1 open, 2 open" in _line(said, "wired inputs")
    assert "image/jpeg" in _line(said, "still")
    assert "HTTP Digest" in _line(said, "login")


def test_a_camera_is_left_as_it_was(shell: Shell, cameras: Cameras) -> None:
    camera = cameras.add()
    _probe(shell, camera.port)
    assert camera.subscriptions == []
    assert not (shell.folder / "dabyl.db").exists()


def test_a_report_for_a_machine_holds_the_same(shell: Shell, cameras: Cameras) -> None:
    found = _probe(shell, cameras.add(make="hikvision").port, "--json").json
    assert isinstance(found, dict)
    assert found["manufacturer"] == "HIKVISION"
    assert found["login"] == "digest"
    assert found["inputs"] == [{"token": "1", "closed": False}, {"token": "2", "closed": False}]
    assert found["topics"]["understood"]["input.activated"]
    assert {one["verdict"] for one in found["findings"]} <= {"ok", "weak"}
    assert set(found["findings"][0]) == {"verdict", "what", "why", "do"}


def test_its_still_is_kept_where_one_asks_for_it(shell: Shell, cameras: Cameras) -> None:
    file = shell.folder / "still.jpg"
    _probe(shell, cameras.add().port, "--still", str(file))
    assert file.read_bytes().startswith(b"\xff\xd8\xff")


def test_a_wrong_password_is_tried_once_and_named(shell: Shell, cameras: Cameras) -> None:
    camera = cameras.add()
    said = _probe(shell, camera.port, password="wrong")
    assert said.code == 1
    assert _line(said, "login").startswith("WRONG  login: it refuses the user or the password")
    assert "docs/how-to/cameras/login-refused.md" in said.out
    assert [one.why_not for one in camera.record.logins if one.user] == ["wrong password"]


async def test_after_a_refused_login_nothing_more_is_asked() -> None:
    trying, asked = Trying(Survey(at="http://10.0.0.9")), []

    async def call() -> None:
        asked.append("once")
        raise ended("c-1", Reason.CREDENTIALS, "it refuses")

    for step in (Step.SERVICES, Step.EVENTS, Step.STILL):
        await trying.attempt(step, call())
    assert asked == ["once"]
    assert trying.found.failed.keys() == {Step.SERVICES}


def test_a_user_of_too_low_a_level_is_told_which_one_is_needed(
    shell: Shell, cameras: Cameras
) -> None:
    said = _probe(shell, cameras.add(Quirk.ADMINISTRATOR_SUBSCRIBES).port, user="guest")
    assert said.code == 1
    assert "[role:" in _line(said, "subscription")
    assert "Administrator" in said.out


def test_a_camera_without_room_is_told_so(shell: Shell, cameras: Cameras) -> None:
    said = _probe(shell, cameras.add(Quirk.SLOTS_FULL).port)
    assert said.code == 1
    assert "no place for another listener" in _line(said, "subscription")


def test_a_clock_that_is_off_is_weak_and_costs_no_login(shell: Shell, cameras: Cameras) -> None:
    said = _probe(shell, cameras.add(Quirk.CLOCK_OFF, Quirk.WSSE_ONLY, value=7200.0).port)
    assert said.code == 0, said.out
    assert "2 h ahead of ours" in _line(said, "clock")
    assert "clock-off.md" in said.out
    assert "WS-UsernameToken" in _line(said, "login")


def test_without_a_login_it_is_told_what_is_wanted_and_none_is_sent(
    shell: Shell, cameras: Cameras
) -> None:
    camera = cameras.add()
    said = shell.run("camera", "probe", "127.0.0.1", "--port", str(camera.port))
    assert said.code == 1
    assert "it asks for one, by HTTP Digest (MD5); none was named" in said.out
    assert "--user NAME --password-file FILE" in said.out


@pytest.mark.parametrize(
    ("quirk", "words"),
    [
        (Quirk.HTML_200, "what answers there is not ONVIF"),
        (Quirk.RESET, "it hangs up in the middle"),
        (Quirk.HANG, "it takes the connection and does not answer"),
        (Quirk.DOCTYPE, "what answers there is not ONVIF"),
        (Quirk.HUGE_REPLY, "more than any camera has to say"),
    ],
)
def test_a_camera_that_fails_is_told_how_and_what_to_do(
    shell: Shell,
    cameras: Cameras,
    monkeypatch: pytest.MonkeyPatch,
    quirk: Quirk,
    words: str,
) -> None:
    monkeypatch.setattr(transport, "WITHIN_S", 1.0)
    said = _probe(shell, cameras.add(quirk).port)
    assert said.code == 1
    assert words in said.out
    assert "  do: " in said.out
    assert "Traceback" not in said.err


def test_events_that_it_does_not_name_are_found_at_the_usual_place(
    shell: Shell, cameras: Cameras
) -> None:
    said = _probe(shell, cameras.add(Quirk.NO_EVENTS).port)
    assert said.code == 0, said.out
    assert "it names no event service, and has one" in _line(said, "subscription")


def test_nobody_there_and_what_is_no_camera_are_told_apart(shell: Shell) -> None:
    nobody = _probe(shell, ports.free())
    with _page() as port:
        page = _probe(shell, port)
    assert "nothing listens at that port [refused" in nobody.out
    assert "[not_soap" in page.out
    assert (nobody.code, page.code) == (1, 1)


def test_a_camera_at_another_usual_port_is_pointed_to_and_gets_no_login(
    shell: Shell, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = cameras.add()
    monkeypatch.setattr("gateway.cli.camera.asking.ELSEWHERE", (camera.port,))
    said = _probe(shell, ports.free())
    assert f"something speaks ONVIF at port {camera.port}: --port {camera.port}" in said.out
    assert camera.record.requests.keys() == {"GetSystemDateAndTime"}


@pytest.mark.parametrize("quirk", [Quirk.FOREIGN_SUBSCRIPTION, Quirk.FOREIGN_SNAPSHOT])
def test_an_address_of_somebody_else_is_never_called(
    shell: Shell, cameras: Cameras, quirk: Quirk
) -> None:
    with _page() as port:
        elsewhere = _Counted.calls
        _probe(shell, cameras.add(quirk, value=f"127.0.0.1:{port}").port)
        assert _Counted.calls == elsewhere


def test_a_camera_behind_a_router_is_spoken_with_where_it_was_found(
    shell: Shell, cameras: Cameras
) -> None:
    said = _probe(shell, cameras.add(Quirk.LAN_ADDRESS).port)
    assert said.code == 0, said.out
    assert "it calls itself 192.168.1.108" in _line(said, "addresses")


def test_a_camera_that_holds_no_pull_is_weak(shell: Shell, cameras: Cameras) -> None:
    said = _probe(shell, cameras.add(Quirk.PULL_AT_ONCE).port)
    assert said.code == 0, said.out
    assert _line(said, "listening").startswith("weak")


def test_over_https_its_certificate_is_shown(shell: Shell, cameras: Cameras) -> None:
    camera = cameras.add(place=Place(tls=True))
    said = _probe(shell, camera.port, "--tls")
    assert said.code == 0, said.out
    assert camera.fingerprint[:16] in _line(said, "line")


def test_by_the_letter_of_the_standard_it_is_read_where_one_asks(
    shell: Shell, cameras: Cameras
) -> None:
    said = _probe(shell, cameras.add().port, "--deep")
    assert "keeps to the letter of the standard" in _line(said, "deep check")


@pytest.mark.parametrize(
    "words",
    [
        ["camera", "probe", "ftp://10.0.0.9"],
        ["camera", "probe", "user@10.0.0.9"],
        ["camera", "probe", "10.0.0.9:99999"],
        ["camera", "probe", "10.0.0.9", "--user", "admin"],
        ["camera", "probe", "10.0.0.9", "--password-file", __file__],
        ["camera", "probe"],
    ],
)
def test_wrong_use_is_said_in_a_line(shell: Shell, words: list[str]) -> None:
    said = shell.run(*words)
    assert said.code == 2
    assert said.err.count("\n") == 1


def test_every_reason_has_its_words_and_its_page() -> None:
    pages = Path(__file__).parents[2]
    assert set(ADVICE) == set(Reason)
    assert [one.page for one in ADVICE.values() if not (pages / one.page).is_file()] == []


class _Counted(http.server.BaseHTTPRequestHandler):
    """A web page that counts its visitors."""

    calls = 0

    def do_POST(self) -> None:
        type(self).calls += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    do_GET = do_POST  # noqa: N815 - the library's own name

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _page() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Counted) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join(5)
