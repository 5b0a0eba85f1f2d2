"""Wakeups: something was committed, here or by another process; a slow poll stands behind."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import structlog
from sqlalchemy.engine import make_url

from gateway.clock import Clock
from gateway.store.changes import CHANNEL
from gateway.store.reach import AWAY, Reach

LOOK_EVERY_S = 0.2
RECONNECT_S = 1.0
ANSWER_WITHIN_S = 5.0
ALIVE_EVERY_S = 5.0

log = structlog.get_logger()


class Wakeups:
    """Counts wakeups; whoever waits names the last one it has seen, so that none is missed."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Something was committed."""
        self.count += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, seen: int, within_s: float) -> int:
        """The count, as soon as it is beyond what was seen, at the latest after that time."""
        if self.count == seen:
            changed = self._changed
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await changed.wait()
        return self.count


async def watch(url: str, wakeups: Wakeups, clock: Clock) -> None:
    """Wake for what other processes commit, until cancelled."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        await _watch_sqlite(Path(str(parsed.database)), wakeups, clock)
    else:
        await _watch_postgres(Reach(parsed), wakeups, clock)


async def _watch_sqlite(file: Path, wakeups: Wakeups, clock: Clock) -> None:
    """`data_version` moves when another connection commits; asking costs microseconds, no disk."""
    # Without a timeout: it runs on the loop, where nobody may wait for a file that is locked.
    connecting = sqlite3.connect(file, timeout=0, isolation_level=None)
    with contextlib.closing(connecting) as connection:
        last = None
        while True:
            try:
                (version,) = connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:
                version = None
            if version != last:
                last = version
                wakeups.wake()
            await clock.sleep(LOOK_EVERY_S)


async def _watch_postgres(reach: Reach, wakeups: Wakeups, clock: Clock) -> None:
    """LISTEN on a connection of its own; while it is away, the slow poll does the work."""
    while True:
        try:
            connection = await reach.connect(ANSWER_WITHIN_S)
        except AWAY:
            await clock.sleep(RECONNECT_S)
            continue
        try:
            await connection.add_listener(CHANNEL, lambda *_: wakeups.wake())
            wakeups.wake()
            while True:
                await clock.sleep(ALIVE_EVERY_S)
                await connection.execute("SELECT 1")
        except AWAY as error:
            reach.forget()
            log.warning("listening for changes was cut", why=str(error))
        finally:
            connection.terminate()
