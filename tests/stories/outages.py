"""The ways in which a store is away: locked, full, frozen, killed."""

import asyncio
import json
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.harness import waiting
from tests.harness.postgres import Postgres
from tests.stories import town as towns
from tests.stories.town import Body, Town

KINDS = ("locked", "full", "frozen", "killed")


@dataclass(slots=True, kw_only=True)
class Outage:
    """A town, and how its store goes and comes back."""

    town: Town
    _begin: Callable[[], None]
    _end: Callable[[], None]

    async def begin(self) -> None:
        """From now on nothing is stored."""
        await asyncio.to_thread(self._begin)

    async def end(self) -> None:
        """The store is there again."""
        await asyncio.to_thread(self._end)


@asynccontextmanager
async def outage(
    kind: str,
    folder: Path,
    cluster: Callable[[], Postgres],
    **more: Any,  # noqa: ANN401 - what the town wants
) -> AsyncIterator[Outage]:
    """A town whose store can be away in that way; `cluster` gives a PostgreSQL of its own."""
    async with AsyncExitStack() as stack:
        if kind in {"frozen", "killed"}:
            own = cluster()
            url = own.new_database()
            town = await stack.enter_async_context(towns.opened(folder, database=url, **more))
            if kind == "frozen":
                stack.callback(own.thaw)  # a story that fails leaves nothing frozen behind
                yield Outage(town=town, _begin=own.freeze, _end=own.thaw)
            else:
                yield Outage(town=town, _begin=own.kill, _end=own.start)
            return
        disk = stack.enter_context(_small_disk(folder / "disk")) if kind == "full" else folder
        file = disk / "store.db"
        url = f"sqlite:///{file}"
        town = await stack.enter_async_context(towns.opened(folder, database=url, **more))
        made = _Full(disk, file) if kind == "full" else _Locked(file)
        stack.callback(made.end)
        yield Outage(town=town, _begin=made.begin, _end=made.end)


async def unstored(town: Town, device: str, *, within_s: float = 2.0) -> Body:
    """The first notice about a device that calls itself unstored."""

    async def found() -> Body | None:
        for item in await town.centre.recorded():
            event: Body = json.loads(item["body"])
            data = event["data"]
            if event["type"] == "dabyl.alarm.raised" and data["device"]["id"] == device:
                return None if data["stored"] else event
        return None

    what = f"{device} is told unstored"
    return await waiting.until(found, within_s=within_s, what=what) or {}


async def keys(town: Town, event_id: str) -> set[str]:
    """The keys under which notices name an event."""
    found = set()
    for item in await town.centre.recorded():
        event = json.loads(item["body"])
        if event["type"].startswith("dabyl.alarm."):
            device = event["data"]["device"]
            if event_id in {device["event_id"], *device["event_ids"]}:
                found.add(event["id"])
    return found


async def stored(town: Town, event_id: str) -> Body:
    """The ordinary notice that names an event, once it was taken."""

    async def found() -> Body | None:
        for item in await town.centre.recorded():
            event: Body = json.loads(item["body"])
            data = event["data"]
            is_told = event["type"].startswith("dabyl.alarm.") and data["stored"]
            if is_told and data["device"]["event_id"] == event_id:
                return event
        return None

    return await waiting.until(found, within_s=15, what=f"{event_id} is told as stored") or {}


def none() -> Postgres:
    """For an outage that needs no cluster."""
    raise AssertionError("no cluster is needed")


class _Locked:
    """Another process holds the file's write lock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._other: sqlite3.Connection | None = None

    def begin(self) -> None:
        self._other = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        if self._other is not None:
            self._other.execute("ROLLBACK")
            self._other.close()
            self._other = None


class _Full:
    """Something else has taken all that was left of the disk.

    And somebody reads: else the log is written back and begins anew, in the room it already has.
    """

    def __init__(self, disk: Path, store: Path) -> None:
        self._filling, self._store = disk / "filling", store
        self._reader: sqlite3.Connection | None = None

    def begin(self) -> None:
        self._reader = sqlite3.connect(self._store, isolation_level=None, check_same_thread=False)
        self._reader.execute("BEGIN")
        self._reader.execute("SELECT count(*) FROM journal_alarm").fetchone()
        file = os.open(self._filling, os.O_WRONLY | os.O_CREAT)
        try:
            for size in (65536, 1):
                try:
                    while True:
                        os.write(file, bytes(size))
                except OSError:
                    continue
        finally:
            os.close(file)

    def end(self) -> None:
        self._filling.unlink(missing_ok=True)
        if self._reader is not None:
            self._reader.close()
            self._reader = None


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 8 MB, where we may mount one."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "dabyl-test", str(folder)]
    done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk without the right to mount: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
