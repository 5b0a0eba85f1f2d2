"""`dabyl demo` and `dabyl run`, as processes of their own."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from gateway import cli
from tests.cli.shell import SETTINGS
from tests.harness import ports, programs
from tests.harness.mosquitto import Mosquitto
from tests.harness.servers import Server, accepts
from tests.harness.waiting import until

_PROGRAM = "import sys; from gateway import cli; sys.argv[0] = 'dabyl'; cli.main()"
pytestmark = pytest.mark.servers


class _Command:
    """A verb that goes on until it is told to end."""

    def __init__(self, folder: Path, *words: str) -> None:
        command = [sys.executable, "-c", _PROGRAM, *words]
        self._server = Server(command, log=folder / f"{'-'.join(words[-2:])}.log", cwd=folder)
        self._server.start({**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])})

    async def says(self, pattern: str, within_s: float = 30) -> str:
        """Wait until it says something like that; all that it said."""

        def said() -> str | None:
            assert self._server.alive(), self._server.log()
            return self._server.log() if re.search(pattern, self._server.log()) else None

        await until(said, within_s=within_s, what=f"it says {pattern}")
        return self._server.log()

    def end(self, how: signal.Signals) -> int | None:
        """Its exit code."""
        return self._server.end(how)

    async def ended(self) -> int | None:
        """Its exit code, once it ended by itself."""
        await until(lambda: not self._server.alive(), within_s=40, what="it ends by itself")
        return self._server.end()

    def log(self) -> str:
        """All that it said."""
        return self._server.log()


async def test_a_demo_shows_a_press_at_the_centre_and_ends_without_a_trace(
    tmp_path: Path,
) -> None:
    programs.find("mosquitto")
    demo = _Command(tmp_path, "demo", "--port", "0", "--data", "kept")
    try:
        said = await demo.says(r"panic\.pressed.*\n.*pressed → heard .* stored.* · centre .* ms")
        assert re.search(r"live page +http://127.0.0.1:\d+/signin\?once=\S{40}", said)
    finally:
        code = demo.end(signal.SIGINT)
    broker = re.search(r"listener (\d+)", (tmp_path / "kept/broker/mosquitto.conf").read_text())
    assert code == 0
    assert broker is not None
    assert not await accepts(int(broker[1]))


async def test_a_demo_on_a_port_that_is_taken_says_which_and_what_to_do(
    tmp_path: Path, broker: Mosquitto
) -> None:
    demo = _Command(tmp_path, "demo", "--port", str(broker.port))
    assert await demo.ended() == 1
    assert "say another" in demo.log()
    assert demo.log().count("\n") == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_gateway_that_is_told_to_end_ends_with_nought(
    tmp_path: Path, broker: Mosquitto, how: signal.Signals
) -> None:
    port = ports.free()
    (tmp_path / "dabyl.toml").write_text(
        SETTINGS.partition("[[receiver]]")[0]
        + f'[http]\nlisten = "127.0.0.1:{port}"\n[[broker]]\nurl = "{broker.url}"\n'
    )
    gateway = _Command(tmp_path, "run")
    try:
        await gateway.says("gateway started")
    finally:
        code = gateway.end(how)
    assert code == 0
    assert "Traceback" not in gateway.log()


async def test_a_device_that_is_asked_to_test_itself_is_heard(tmp_path: Path) -> None:
    programs.find("mosquitto")
    demo = _Command(tmp_path, "demo", "--port", "0", "--data", "kept")
    try:
        await demo.says("connections up")
        tried = _Command(tmp_path, "--config", "kept/dabyl.toml", "device", "test", "s002-button-1")
        code = await tried.ended()
    finally:
        demo.end(signal.SIGTERM)
    assert code == 0, tried.log()
    assert "it replied: done" in tried.log()
    assert "panic.pressed, marked TEST" in tried.log()
