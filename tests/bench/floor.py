"""The floor: the same work by the least code that can do it, on this machine, in this run.

One press: a hop through the broker, one durable commit of one row, one way of a POST.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from tests.bench import devices, figures
from tests.bench.centre import Centre, Poster
from tests.bench.mqtt import Client

PACE_S = 0.05
_BODY = b'{"id": "%s", "data": "%s"}' % (b"0" * 32, b"x" * 1200)
_TABLE = "CREATE TABLE floor (number BIGINT PRIMARY KEY, device TEXT, body TEXT)"

Commit = Callable[[int, bytes], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """p50 of each step, ms."""

    hop_ms: float
    commit_ms: float
    post_ms: float

    @property
    def press_ms(self) -> float:
        """All three."""
        return self.hop_ms + self.commit_ms + self.post_ms


async def measure(broker: int, centre: Centre, database: str, times: int) -> Floor:
    """Each step by itself, at the presses' own pace: a rested machine is slower than a busy one."""
    came: asyncio.Queue[float] = asyncio.Queue()
    hearing = await Client.connected(
        broker, "bench-floor-in", lambda _t, _p: came.put_nowait(time.monotonic())
    )
    await hearing.subscribe(["floor/+/alarm"])
    saying = await Client.connected(broker, "bench-floor-out")
    poster = await Poster.connected(centre.port)
    commit, close = await _committer(database)
    hops, commits, posts = [], [], []
    for number in range(times):
        _, body = devices.press(number)
        begun = time.monotonic()
        saying.publish(b"floor/button-00000/alarm", body)
        hops.append(await asyncio.wait_for(came.get(), 5) - begun)
        begun = time.monotonic()
        await commit(number, body)
        commits.append(time.monotonic() - begun)
        begun = time.monotonic()
        await poster.post(_BODY)
        posts.append(centre.taken.pop()[0] - begun)
        await asyncio.sleep(PACE_S)
    await close()
    for one in (hearing, saying, poster):
        one.close()
    return Floor(
        hop_ms=figures.percentile(hops, 0.5) * 1000,
        commit_ms=figures.percentile(commits, 0.5) * 1000,
        post_ms=figures.percentile(posts, 0.5) * 1000,
    )


async def _committer(database: str) -> tuple[Commit, Callable[[], Coroutine[Any, Any, None]]]:
    if database.startswith("postgresql"):
        return await _postgres(database)
    folder = tempfile.TemporaryDirectory(prefix="dabyl-floor-")
    connection = sqlite3.connect(Path(folder.name) / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(_TABLE)

    async def commit(number: int, body: bytes) -> None:
        connection.execute("INSERT INTO floor VALUES (?, ?, ?)", (number, "b", body))

    async def close() -> None:
        connection.close()
        folder.cleanup()

    return commit, close


async def _postgres(database: str) -> tuple[Commit, Callable[[], Coroutine[Any, Any, None]]]:
    connection = await asyncpg.connect(database)
    await connection.execute(f"DROP TABLE IF EXISTS floor; {_TABLE}")
    insert = await connection.prepare("INSERT INTO floor VALUES ($1, $2, $3)")

    async def commit(number: int, body: bytes) -> None:
        await insert.fetch(number, "b", body.decode())

    async def close() -> None:
        await connection.execute("DROP TABLE floor")
        await connection.close()

    return commit, close
