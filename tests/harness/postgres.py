"""A throw-away PostgreSQL cluster on a free loopback port."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from tests.harness import ports, programs, servers

# PostgreSQL refuses root, so a run as root (CI, a container) starts it as its package's own user.
_USER = "postgres" if os.geteuid() == 0 else None
_START_WITHIN_S = 30.0

# A killed process loses nothing without fsync (only a power cut does), and tests start faster.
QUICK = ("fsync=off", "full_page_writes=off")


class Postgres:
    """One cluster: fresh empty databases, stop, kill and start on the same port."""

    def __init__(
        self, settings: Sequence[str] = QUICK, *, port: int | None = None, made: bool = True
    ) -> None:
        """Makes the cluster, not yet started; `settings` as `name=value` (benches want fsync).

        Not `made`: an empty folder, for what follows another (see trio.py).
        """
        self.port = port or ports.free()
        self._number = count(1)
        self._folder = Path(tempfile.mkdtemp(prefix="dabyl-postgres-"))
        if _USER:
            shutil.chown(self._folder, _USER, _USER)
        self.data = self._folder / "data"
        if made:
            self.run(
                *("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"),
                *("--locale=C.UTF-8", f"--pgdata={self.data}"),
            )
        self._server = servers.Server(
            [
                *(programs.find("postgres"), "-D", str(self.data), "-p", str(self.port)),
                *("-h", "127.0.0.1", "-k", str(self._folder)),
                *(word for setting in settings for word in ("-c", setting)),
            ],
            log=self._folder / "log",
            cwd=self._folder,
        )

    def start(self) -> None:
        """Starts it, and returns when it answers."""
        self._server.start(user=_USER)
        limit = time.monotonic() + _START_WITHIN_S
        ready = [programs.find("pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={self.port}"]
        while subprocess.run(ready, check=False).returncode != 0:
            if time.monotonic() < limit and self._orphans_linger():
                self._server.start(user=_USER)
            elif not self._server.alive() or time.monotonic() > limit:
                self._server.end(signal.SIGKILL)
                raise servers.DidNotStartError("postgres", self._server.log())
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Of the running server."""
        return self._server.pid

    def stop(self) -> None:
        """Ends it at once and in order (its fast shutdown), whoever is connected."""
        self._server.end(signal.SIGINT)

    def kill(self) -> None:
        """Ends the server as a crash does; its children notice within a moment."""
        self._server.end(signal.SIGKILL)

    def freeze(self) -> None:
        """Stops it and its children in the midst of what they do: it hangs, and says nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stops it and forgets everything."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """The url of a fresh, empty database, as dabyl.toml writes it."""
        name = f"dabyl_{next(self._number)}"
        self.run("createdb", "--host=127.0.0.1", f"--port={self.port}", "-U", "postgres", name)
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    async def stopped(self) -> None:
        """`stop`, for a test that runs on a loop."""
        await asyncio.to_thread(self.stop)

    async def started(self) -> None:
        """`start`, for a test that runs on a loop."""
        await asyncio.to_thread(self.start)

    def log(self) -> str:
        """All that it ever said."""
        return self._server.log()

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's own programs, as its user."""
        done = subprocess.run(
            [programs.find(program), *arguments],
            cwd=self._folder,
            user=_USER,
            group=_USER,
            extra_groups=[] if _USER else None,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def _signal(self, how: signal.Signals) -> None:
        for pid in (self._server.pid, *_children(self._server.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)

    def _orphans_linger(self) -> bool:
        """After a kill the children of the former life hold its memory for a moment."""
        return not self._server.alive() and "shared memory block" in self._server.log()[-1_000:]


def _children(parent: int) -> list[int]:
    """The ids of a process's children."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            if int(words[1]) == parent:
                found.append(int(stat.parent.name))
    return found
