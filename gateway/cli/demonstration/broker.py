"""The demo's broker: Mosquitto where it is installed, else an embedded one that forgets."""

import asyncio
import contextlib
import logging
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.cli import late
from gateway.cli.failures import NotDone

STARTS_WITHIN_S = 10.0
STOPS_WITHIN_S = 10.0
_FOLDERS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A broker that runs."""

    url: str
    protocol: int
    """4 is MQTT 3.1.1."""
    name: str


@asynccontextmanager
async def running(folder: Path, *, embedded: bool) -> AsyncIterator[Broker]:
    """Hold a broker open on a free port of this machine."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path=_FOLDERS)
    opened = _embedded() if embedded or program is None else _mosquitto(program, folder)
    async with opened as broker:
        yield broker


def free_port() -> int:
    """A port on this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _settings(folder: Path, port: int) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [
        # Mosquitto gives up root for a user who may not read this folder.
        *(["user root"] if os.geteuid() == 0 else []),
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "use_username_as_clientid true",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 2",
        "max_queued_messages 1000000",
        "max_inflight_messages 512",
        "set_tcp_nodelay true",
    ]
    path = folder / "mosquitto.conf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@asynccontextmanager
async def _mosquitto(program: str, folder: Path) -> AsyncIterator[Broker]:
    port = free_port()
    settings, log = _settings(folder, port), folder / "mosquitto.log"
    with log.open("ab") as file:
        # In a session of its own: a Ctrl-C is for us, and we end it when all else has ended.
        process = await asyncio.create_subprocess_exec(
            program,
            "-c",
            str(settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        await _until_it_listens(process, port, log)
        yield Broker(url=f"mqtt://127.0.0.1:{port}", protocol=5, name="Mosquitto")
    finally:
        await _end(process)


@asynccontextmanager
async def _embedded() -> AsyncIterator[Broker]:
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    port = free_port()
    broker = late.load("amqtt.broker").Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    await broker.start()
    try:
        name = "an embedded broker, which forgets when it ends; with Mosquitto nothing is forgotten"
        yield Broker(url=f"mqtt://127.0.0.1:{port}", protocol=4, name=name)
    finally:
        await broker.shutdown()


async def _until_it_listens(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    try:
        async with asyncio.timeout(STARTS_WITHIN_S):
            while process.returncode is None:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)
    except TimeoutError:
        pass
    raise NotDone(f"Mosquitto did not start: {_last_line(log)}; try --embedded")


def _last_line(log: Path) -> str:
    return log.read_text("utf-8", "replace").strip().rpartition("\n")[2] or "it said nothing"


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOPS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
