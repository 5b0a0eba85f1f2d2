"""The shelf: where the bytes of stills lie, under their SHA-256: in a folder, or in the database.

A folder serves one machine, or several that share it; in the database of several gateways a still
can be had from each of them. What cannot be kept costs the still, never an alarm.
"""

import asyncio
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from gateway.clock import Clock
from gateway.store import keeping
from gateway.store.database import Database, StoreError, Urgency

T = TypeVar("T")
THREADS = 2
WITHIN_S = 10.0
UNDER_WAY = 24
"""A disk that hangs takes no more than so many bodies with it."""
SLICE_BYTES = 64 * 1024
"""Of one transaction: a press behind it waits a few milliseconds at most."""
BREATH_S = 0.01
YOUNG = timedelta(hours=1)
"""What was written so lately may be about to be needed."""
SWEPT_AT_ONCE = 200
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NoRoom(Exception):
    """The disk is as full as it may get."""


class NotKept(Exception):
    """It could not be written."""


class Shelf(Protocol):
    """Keeps bytes by their digest."""

    async def keep(self, body: bytes) -> str:
        """Their SHA-256, once they are on stable storage.

        Raises:
            NoRoom, NotKept: they are not.
        """

    async def read(self, sha256: str) -> bytes | None:
        """They, unharmed; None where they are not there, or are not what they were.

        Raises:
            OSError, StoreError: whether they are there cannot be told now.
        """

    async def drop(self, sha256: str) -> bool:
        """Throw them away, unless they were kept again lately; whether they are gone."""

    async def sweep(self) -> int:
        """Throw away what belongs to nothing, since a crash came between; how many."""


@dataclass(slots=True, kw_only=True)
class Folder:
    """Files: written under another name, synced, renamed."""

    path: Path
    reserve_bytes: int
    clock: Clock
    known: Callable[[Collection[str]], Awaitable[set[str]]]
    """Which of those digests are needed."""
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="dabyl-stills")
    )
    _under_way: int = 0

    async def keep(self, body: bytes) -> str:
        """See Shelf."""
        try:
            return await self._do(partial(self._write, body))
        except OSError as error:
            if error.errno in _FULL:
                raise NoRoom(str(error)) from error
            raise NotKept(str(error)) from error

    async def read(self, sha256: str) -> bytes | None:
        """See Shelf."""
        return await self._do(partial(self._read, sha256))

    async def drop(self, sha256: str) -> bool:
        """See Shelf."""
        before = (self.clock.now() - YOUNG).timestamp()
        try:
            return await self._do(partial(self._unlink, self._file(sha256), before))
        except OSError:
            return False

    async def sweep(self) -> int:
        """See Shelf."""
        before, gone = (self.clock.now() - YOUNG).timestamp(), 0
        for number in range(256):
            folder = self.path / f"{number:02x}"
            files = await self._do(partial(_files, folder))
            for start in range(0, len(files), SWEPT_AT_ONCE):
                some = files[start : start + SWEPT_AT_ONCE]
                needed = await self.known([file.name for file in some])
                for file in some:
                    if file.name not in needed:
                        gone += await self._do(partial(self._unlink, file, before))
        return gone

    async def _do(self, work: Callable[[], T]) -> T:
        """In a thread of its own: a disk that hangs takes none that others need."""
        if self._under_way >= UNDER_WAY:
            raise TimeoutError("the disk does not answer")
        self._under_way += 1
        done = asyncio.wrap_future(self._threads.submit(work))
        done.add_done_callback(self._answered)
        # Not cancelled where it takes too long: the body is held until its thread is there.
        finished, _ = await asyncio.wait({done}, timeout=WITHIN_S)
        if not finished:
            raise TimeoutError("the disk does not answer in time")
        return done.result()

    def _answered(self, done: "asyncio.Future[T]") -> None:
        self._under_way -= 1
        if not done.cancelled():
            done.exception()  # seen, also where nobody waits for it any longer

    def _file(self, sha256: str) -> Path:
        return self.path / sha256[:2] / sha256

    def _write(self, body: bytes) -> str:
        digest = hashlib.sha256(body).hexdigest()
        file = self._file(digest)
        if not file.parent.is_dir():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(self.path)
        if shutil.disk_usage(file.parent).free - len(body) < self.reserve_bytes:
            raise OSError(errno.ENOSPC, "the rest of the disk is kept for alarms")
        new = file.with_name(f".{digest}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(new, _NEW, 0o600), "wb") as stream:
                stream.write(body)
                stream.flush()
                os.fsync(stream.fileno())
            new.rename(file)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        _sync(file.parent)
        return digest

    def _read(self, sha256: str) -> bytes | None:
        try:
            body = self._file(sha256).read_bytes()
        except FileNotFoundError:
            return None
        return body if hashlib.sha256(body).hexdigest() == sha256 else None

    def _unlink(self, file: Path, before: float) -> bool:
        try:
            if file.stat().st_mtime >= before:
                return False
            file.unlink()
        except FileNotFoundError:
            pass
        return True


@dataclass(slots=True, kw_only=True)
class Rows:
    """Rows of the database, each still in slices: every gateway has it, and every standby."""

    database: Database
    clock: Clock

    async def keep(self, body: bytes) -> str:
        """See Shelf."""
        digest = await asyncio.to_thread(lambda: hashlib.sha256(body).hexdigest())
        now = self.clock.now()
        try:
            for number, start in enumerate(range(0, len(body), SLICE_BYTES)):
                part = body[start : start + SLICE_BYTES]
                work = partial(keeping.keep_slice, sha256=digest, number=number, body=part, now=now)
                await self.database.write(work, Urgency.BULK)
                await self.clock.sleep(BREATH_S)
        except StoreError as error:
            raise NotKept(str(error)) from error
        return digest

    async def read(self, sha256: str) -> bytes | None:
        """See Shelf."""
        body = await self.database.read(partial(keeping.slices, sha256=sha256))
        found = await asyncio.to_thread(lambda: hashlib.sha256(body).hexdigest())
        return body if found == sha256 else None

    async def drop(self, sha256: str) -> bool:
        """See Shelf."""
        before = self.clock.now() - YOUNG
        work = partial(keeping.drop_slices, sha256=sha256, before=before)
        return await self.database.write(work, Urgency.BULK)

    async def sweep(self) -> int:
        """See Shelf."""
        before, gone = self.clock.now() - YOUNG, 0
        work = partial(keeping.strays, before=before, limit=SWEPT_AT_ONCE)
        while some := await self.database.read(work):
            dropped = [await self.drop(one) for one in some]
            gone += sum(dropped)
            if not any(dropped):
                break
        return gone


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
