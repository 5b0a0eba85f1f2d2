"""Debian's Mosquitto on a free loopback port, in a folder of its own."""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.harness import ports, programs, servers

# Mosquitto gives up root for `mosquitto`, who may not read a test's folder.
_AS_ROOT = "user root\n" if os.geteuid() == 0 else ""


def plain(folder: Path, *, port: int, lines: Sequence[str] = ()) -> str:
    """A configuration: anonymous, saving each second, dropping nothing; `lines` come last."""
    settings = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 1",
        "max_queued_messages 0",
        *lines,
    ]
    return "\n".join(settings) + "\n"


class Mosquitto:
    """A broker that can be stopped, killed and started again on the same port with what it kept."""

    def __init__(
        self,
        folder: Path,
        *,
        lines: Sequence[str] = (),
        port: int | None = None,
        configuration: str | None = None,
        listens_on: Sequence[int] = (),
    ) -> None:
        """With `lines` added to the plain configuration, or with a whole one and all its ports."""
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port or (listens_on[0] if listens_on else ports.free())
        self._ports = [*listens_on] or [self.port]
        whole = configuration or plain(folder, port=self.port, lines=lines)
        settings = folder / "mosquitto.conf"
        settings.write_text(_AS_ROOT + whole)
        command = [programs.find("mosquitto"), "-c", str(settings)]
        self._server = servers.Server(command, log=folder / "mosquitto.log", cwd=folder)

    @property
    def url(self) -> str:
        """As dabyl.toml writes it."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running broker."""
        return self._server.pid

    def log(self) -> str:
        """All that it ever said."""
        return self._server.log()

    async def start(self) -> None:
        """Starts it, and returns when it accepts connections."""
        self._server.start()
        try:
            await servers.listening(self._server, *self._ports, name="mosquitto")
        except servers.DidNotStartError:
            self._server.end(signal.SIGKILL)
            raise

    async def stop(self) -> None:
        """Ends it in good order: it writes its store first."""
        await asyncio.to_thread(self._server.end)

    async def kill(self) -> None:
        """Ends it as a power cut does."""
        await asyncio.to_thread(self._server.end, signal.SIGKILL)

    async def restart(self) -> None:
        """Stops it and starts it, on the same port."""
        await self.stop()
        await self.start()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
