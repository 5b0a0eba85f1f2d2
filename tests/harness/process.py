"""The real `dabyl` command as a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.harness import ports, servers, waiting

_COMMAND = Path(sys.executable).with_name("dabyl")
_READY_WITHIN_S = 30.0


def settings(
    *,
    port: int,
    brokers: Sequence[str],
    protocol: int = 5,
    database: str = "sqlite:///dabyl.db",
    more: str = "",
) -> str:
    """A dabyl.toml; `more` holds whole tables (`[[receiver]]`, `[[route]]`, …)."""
    tables = [
        '[installation]\nid = "test-region"',
        '[gateway]\nname = "g1"',
        f'[database]\nurl = "{database}"',
        f'[http]\nlisten = "127.0.0.1:{port}"',
        *(f'[[broker]]\nurl = "{url}"\nprotocol = {protocol}' for url in brokers),
        more,
    ]
    return "\n\n".join(tables) + "\n"


class Dabyl:
    """A gateway in a folder of its own, which holds its settings, its store and its log."""

    def __init__(  # noqa: PLR0913 - what a test may want otherwise
        self,
        folder: Path,
        *,
        brokers: Sequence[str],
        protocol: int = 5,
        database: str = "sqlite:///dabyl.db",
        more: str = "",
        verb: Sequence[str] = ("run",),
        port: int | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port or ports.free()
        self.folder = folder
        self.settings = folder / "dabyl.toml"
        self.settings.write_text(
            settings(
                port=self.port, brokers=brokers, protocol=protocol, database=database, more=more
            )
        )
        self._verb = [*verb]
        self._server = servers.Server([str(_COMMAND), *verb], log=folder / "dabyl.log", cwd=folder)

    @property
    def url(self) -> str:
        """Of its console and interface."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running gateway."""
        return self._server.pid

    def log(self) -> str:
        """All that it ever said, over all its lives."""
        return self._server.log()

    async def start(self, within_s: float = _READY_WITHIN_S) -> None:
        """Starts it, and returns when /readyz is 200."""
        self.begin()
        try:
            await waiting.until(self._ready_or_dead, within_s=within_s, what="dabyl is ready")
        except waiting.NotInTimeError as error:
            await self.kill()
            raise servers.DidNotStartError("dabyl", self.log()) from error
        if not self._server.alive():
            raise servers.DidNotStartError("dabyl", self.log())

    def begin(self, through: Sequence[str] = ()) -> None:
        """Starts it without waiting; `through` another program, which takes the verb."""
        command = [*through, *self._verb] if through else []
        self._server.start(os.environ | {"DABYL_CONFIG": str(self.settings)}, command=command)

    async def ended(self, within_s: float) -> int | None:
        """Returns when the process is gone by itself, with its exit code."""
        await waiting.until(
            lambda: not self._server.alive(), within_s=within_s, what="dabyl is gone"
        )
        return await self.stop()

    async def stop(self) -> int | None:
        """Asks it to end, as systemd does; its exit code."""
        return await asyncio.to_thread(self._server.end, signal.SIGTERM)

    async def kill(self) -> None:
        """Kill -9."""
        await asyncio.to_thread(self._server.end, signal.SIGKILL)

    async def restart(self) -> None:
        """Kill -9, and the next life."""
        await self.kill()
        await self.start()

    async def run(self, *arguments: str, within_s: float = 30.0) -> tuple[int, str]:
        """Runs another verb with the same settings; its exit code and what it said."""
        process = await asyncio.create_subprocess_exec(
            *(str(_COMMAND), *arguments),
            cwd=self.folder,
            env=os.environ | {"DABYL_CONFIG": str(self.settings)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), within_s)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        return process.returncode or 0, said.decode(errors="replace")

    async def _ready_or_dead(self) -> bool:
        if not self._server.alive():
            return True
        return await _is_ready(self.port)

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


async def _is_ready(port: int) -> bool:
    """Ask /readyz; by hand, for a new HTTP client costs 25 ms of what the gateway starts with."""
    try:
        async with asyncio.timeout(2.0):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"GET /readyz HTTP/1.1\r\nHost: dabyl\r\nConnection: close\r\n\r\n")
                return (await reader.readline()).startswith(b"HTTP/1.1 200")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
