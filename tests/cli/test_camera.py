"""`dabyl camera login`: approved for one address, learnt, sealed; and what is shown of a camera."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from gateway.domain.camera import Facts, LinkState
from gateway.store import camera_logins, camera_states, sealed
from gateway.store.camera_logins import Login
from gateway.store.sealed import Seal
from simulators.camera.camera import Camera, Place
from simulators.camera.doorkeeper import Account
from simulators.camera.machine import Character
from tests.cli.shell import AT, Shell
from tests.siteplan.files import text

PASSWORD = "hush"


@contextmanager
def simulated(*, tls: bool = False, port: int = 0, serial: str = "S-1") -> Iterator[Camera]:
    """A camera that lives in a thread of its own: the command has a loop of its own."""

    async def started() -> Camera:
        made = Camera(
            Character(name="c-1", serial=serial, accounts={"dabyl": Account(PASSWORD)}),
            Place(tls=tls, port=port),
        )
        await made.start()
        return made

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        made = asyncio.run_coroutine_threadsafe(started(), loop).result(10)
        yield made
        asyncio.run_coroutine_threadsafe(made.stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def registered(shell: Shell, port: int) -> None:
    row = f"s1,М,Ш,S,T,А,43.25,76.95,c-1,camera,Кіреберіс,127.0.0.1,{port},"
    assert shell.run("site", "import", shell.write("s.csv", text(row)), "--apply").code == 0


def kept(shell: Shell) -> Login | None:
    """What is kept of it."""
    found: list[Login | None] = []

    def look(connection: Connection) -> None:
        seal = Seal(sealed.key_from(shell.folder / "seal.key"))
        found.append(camera_logins.of(connection, seal, "c-1"))

    shell.store(look)
    return found[0]


def log_in(shell: Shell, *more: str, password: str = PASSWORD) -> tuple[int, str]:
    file = shell.write("password", password + "\n")
    done = shell.run("camera", "login", "c-1", "--user", "dabyl", "--password-file", file, *more)
    return done.code, done.out + done.err


@pytest.mark.parametrize("tls", [False, True])
def test_a_login_that_works_is_kept_with_what_the_camera_is(shell: Shell, *, tls: bool) -> None:
    with simulated(tls=tls) as camera:
        registered(shell, camera.port)
        code, said = log_in(shell, *(["--tls"] if tls else []))
        assert code == 0, said
        login = kept(shell)
        assert login is not None
        assert login.secret is not None
        assert (login.host, login.port, login.tls) == ("127.0.0.1", camera.port, tls)
        assert (login.serial, login.secret.password) == ("S-1", PASSWORD)
        assert login.pin == (camera.fingerprint or None)
        assert PASSWORD not in said


def test_a_wrong_password_is_not_kept_and_is_named(shell: Shell) -> None:
    with simulated() as camera:
        registered(shell, camera.port)
        code, said = log_in(shell, password="guess")
    assert code == 1
    assert "credentials" in said
    assert kept(shell) is None


def test_another_camera_at_that_address_is_refused_unless_a_person_says_so(shell: Shell) -> None:
    with simulated() as camera:
        registered(shell, camera.port)
        assert log_in(shell)[0] == 0
        port = camera.port
    with simulated(port=port, serial="S-2"):
        code, said = log_in(shell)
        assert (code, "another serial number" in said) == (1, True)
        assert log_in(shell, "--exchanged")[0] == 0
    login = kept(shell)
    assert login is not None
    assert login.serial == "S-2"


def test_without_a_terminal_nothing_is_asked_for(shell: Shell) -> None:
    registered(shell, 80)
    assert shell.run("camera", "login", "c-1", "--user", "dabyl").code == 2
    assert shell.run("camera", "login", "nobody", "--user", "x").code == 2


def test_a_camera_is_shown_with_why_its_link_is_not_there(shell: Shell) -> None:
    registered(shell, 80)
    facts = Facts(
        state=LinkState.REFUSED,
        reason="credentials",
        model="IPC-1",
        unknown_topics={"tns1/Odd": 4},
        pulses=(1,),
        clock_offset_s=-7.0,
    )
    shell.store(lambda c: camera_states.save(c, {"c-1": facts}, "g1", AT))
    rows = shell.run("device", "list", "--json").json
    assert isinstance(rows, list)
    (row,) = rows
    assert (row["state"], row["why"]) == ("silent", "refused")
    lines = {" ".join(line.split()) for line in shell.run("device", "show", "c-1").out.splitlines()}
    assert {
        "camera link refused",
        "camera reason wrong user or password",
        "camera is IPC-1",
        "camera clock -7 s from ours",
        "camera unknown topics tns1/Odd (4)",
        "camera inputs parts 1 do not latch",
    } <= lines
    shown = shell.run("device", "show", "c-1", "--json").json
    assert isinstance(shown, dict)
    assert shown["camera"]["reason"] == "credentials"
