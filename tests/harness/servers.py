"""One server process: started, stopped, killed, by its own id."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.harness import waiting

_STOP_WITHIN_S = 15.0


class DidNotStartError(AssertionError):
    """A server ended, or never answered, instead of starting."""

    def __init__(self, name: str, log: str) -> None:
        super().__init__(f"{name} did not start; the end of its log:\n{log[-2_000:]}")


class Server:
    """A process that writes what it says to a file, over all its lives."""

    def __init__(self, command: Sequence[str], *, log: Path, cwd: Path) -> None:
        self._command = [*command]
        self._log = log
        self._cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        command: Sequence[str] = (),
    ) -> None:
        """Starts the process, in a session of its own so that a Ctrl-C does not reach it first.

        With a `command` of its own, this life is another program's.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command or self._command,
                cwd=self._cwd,
                env=dict(os.environ if environment is None else environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )

    @property
    def pid(self) -> int:
        """The process's id while it lives."""
        assert self._process is not None, "not started"
        return self._process.pid

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """All that it ever said."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def end(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Ends it by a signal and waits; SIGKILL where it does not go. Its exit code, if it ran."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


async def accepts(port: int) -> bool:
    """Whether somebody listens on this loopback port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def listening(server: Server, *ports: int, name: str, within_s: float = 15.0) -> None:
    """Returns when all ports are listened on.

    Raises:
        DidNotStartError: the process ended first, or the time was over.
    """

    async def up_or_dead() -> bool:
        return not server.alive() or all([await accepts(port) for port in ports])

    try:
        await waiting.until(up_or_dead, within_s=within_s, what=f"{name} listens")
    except waiting.NotInTimeError as error:
        raise DidNotStartError(name, server.log()) from error
    if not server.alive():
        raise DidNotStartError(name, server.log())
