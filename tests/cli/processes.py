"""Verbs and simulators as processes of their own."""

import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway import cli
from tests.harness.servers import Server
from tests.harness.waiting import until

_DABYL = ("-c", "import sys; from gateway import cli; sys.argv[0] = 'dabyl'; cli.main()")


class Command:
    """A verb that goes on until it is told to end."""

    def __init__(self, folder: Path, *words: str, program: Sequence[str] = _DABYL) -> None:
        command = [sys.executable, *program, *words]
        self._server = Server(command, log=folder / f"{'-'.join(words[-2:])}.log", cwd=folder)
        self._server.start({**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])})

    @classmethod
    def module(cls, folder: Path, name: str, *words: str) -> "Command":
        """Another program of ours, by its module."""
        return cls(folder, *words, program=("-m", name))

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
