"""What systemd is told: that the gateway listens, that its loop turns, and that it ends."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway import app, settings
from gateway.cli.systemd import Systemd
from gateway.store import migrate
from tests.cli.shell import Shell
from tests.harness import process, waiting
from tests.harness.clock import PushedClock
from tests.harness.mosquitto import Mosquitto


@contextmanager
def _manager(folder: Path, name: str = "notify") -> Iterator[socket.socket]:
    """The socket on which systemd listens; a name with a first NUL is an abstract one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(name if name.startswith("\0") else str(folder / name))
        heard.setblocking(False)
        yield heard


def _told(heard: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(heard.recv(4096).decode())
        except BlockingIOError:
            return found


def _systemd(clock: PushedClock, address: str, **more: str) -> Systemd:
    return Systemd.here(clock, {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "10000000", **more})


async def test_systemd_hears_a_sign_of_life_four_times_within_what_it_allows(
    tmp_path: Path, pushed_clock: PushedClock
) -> None:
    with _manager(tmp_path) as heard:
        systemd = _systemd(pushed_clock, str(tmp_path / "notify"))
        for _ in range(40):
            systemd.alive()
            await pushed_clock.push(0.25)
        assert _told(heard) == ["WATCHDOG=1"] * 4


def test_systemd_hears_that_it_listens_and_ends_at_an_abstract_socket_too(
    tmp_path: Path, pushed_clock: PushedClock
) -> None:
    name = f"dabyl-test-{os.getpid()}"
    with _manager(tmp_path, f"\0{name}") as heard:
        systemd = _systemd(pushed_clock, f"@{name}")
        systemd.ready("https://127.0.0.1:8443")
        systemd.stops()
        ready, stops = _told(heard)
    assert ready == "READY=1\nSTATUS=listening at https://127.0.0.1:8443"
    assert stops.startswith("STOPPING=1\n")


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}],
    ids=["no systemd", "no watchdog", "meant for another process"],
)
def test_nobody_is_told_of_life_who_did_not_ask(
    tmp_path: Path, pushed_clock: PushedClock, environment: dict[str, str]
) -> None:
    with _manager(tmp_path) as heard:
        address = {"NOTIFY_SOCKET": str(tmp_path / "notify")} if environment else {}
        Systemd.here(pushed_clock, environment | address).alive()
        assert _told(heard) == []


def test_a_systemd_that_is_gone_ends_nothing(tmp_path: Path, pushed_clock: PushedClock) -> None:
    _systemd(pushed_clock, str(tmp_path / "nobody")).ready("https://127.0.0.1:8443")


async def test_a_gateway_says_that_it_is_ready_and_lives_and_stops(
    tmp_path: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    said: list[str] = []

    def is_alive() -> bool:
        said.extend(_told(heard))
        return "WATCHDOG=1" in said

    with _manager(tmp_path) as heard:
        async with process.Dabyl(tmp_path / "dabyl", brokers=[broker.url]):
            await waiting.until(is_alive, what="a sign of life")
        said += _told(heard)
    assert said[0].startswith("READY=1\nSTATUS=listening at http://127.0.0.1:")
    # Signs of life go on while it ends: it may take some seconds, and must not be killed meanwhile.
    assert [one for one in said if one != "WATCHDOG=1"][1:] == [
        "STOPPING=1\nSTATUS=ends in good order"
    ]


async def test_no_life_is_told_while_the_event_loop_hangs(shell: Shell) -> None:
    told: list[float] = []
    shell.write("dabyl.toml", '[installation]\nid = "test"\n[http]\nlisten = "127.0.0.1:0"\n')
    found = settings.load(shell.folder / "dabyl.toml")
    migrate.prepare(found.database.address())
    told_of = app.Told(alive=lambda: told.append(time.monotonic()))
    gateway = asyncio.ensure_future(app.run(found, told=told_of))
    await waiting.until(lambda: len(told) > 1, what="signs of life")
    before = len(told)
    time.sleep(1)  # noqa: ASYNC251 - the loop shall hang
    assert len(told) == before
    await waiting.until(lambda: len(told) > before, what="a sign of life again")
    gateway.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gateway


async def test_a_gateway_that_is_aborted_writes_down_where_it_hung(
    tmp_path: Path, broker: Mosquitto
) -> None:
    dabyl = process.Dabyl(tmp_path / "dabyl", brokers=[broker.url])
    await dabyl.start()
    os.kill(dabyl.pid, signal.SIGABRT)
    await waiting.until(lambda: "most recent call first" in dabyl.log(), what="the stacks")
    assert await dabyl.stop() == -signal.SIGABRT
