"""The shelf: bytes by their digest, in a folder or in the database; a sick disk costs stills."""

import errno
import os
import threading
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.evidence import shelf
from gateway.evidence.shelf import Folder, NoRoom, NotKept
from tests.evidence.bench import Bench

BODY = b"\xff\xd8\xff" + os.urandom(300_000)


def folder(path: Path, *, reserve_bytes: int = 0, needed: Collection[str] = ()) -> Folder:
    async def known(digests: Collection[str]) -> set[str]:
        return {*digests} & {*needed}

    return Folder(path=path, reserve_bytes=reserve_bytes, clock=SystemClock(), known=known)


def files(path: Path) -> list[Path]:
    return [one for one in path.rglob("*") if one.is_file()]


async def test_what_was_kept_is_read_back_and_dropped_once_it_is_old(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = at.shelf()
    digest = await kept.keep(BODY)
    assert await kept.keep(BODY) == digest
    assert await kept.read(digest) == BODY
    assert await kept.read("0" * 64) is None
    assert not await kept.drop(digest)  # kept a moment ago: somebody may be about to need it
    assert await kept.read(digest) == BODY
    monkeypatch.setattr(shelf, "YOUNG", timedelta(0))
    assert await kept.drop(digest)
    assert await kept.read(digest) is None
    assert await kept.drop(digest)


async def test_what_belongs_to_nothing_is_swept_once_it_is_old(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = at.shelf()
    digest = await kept.keep(BODY)
    assert await kept.sweep() == 0
    monkeypatch.setattr(shelf, "YOUNG", timedelta(0))
    assert await kept.sweep() == 1
    assert await kept.read(digest) is None


async def test_what_is_needed_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "YOUNG", timedelta(0))
    digest = await folder(tmp_path).keep(BODY)
    assert await folder(tmp_path, needed=[digest]).sweep() == 0
    assert await folder(tmp_path).read(digest) == BODY


async def test_bytes_that_are_not_what_they_were_are_not_given(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    digest = await kept.keep(BODY)
    (tmp_path / digest[:2] / digest).write_bytes(BODY[:-1] + b"x")
    assert await kept.read(digest) is None


async def test_a_disk_that_cannot_be_read_is_not_said_to_hold_nothing(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    digest = await kept.keep(BODY)
    (tmp_path / digest[:2] / digest).unlink()
    (tmp_path / digest[:2] / digest).mkdir()  # as good as a failing disk: it cannot be read
    with pytest.raises(OSError, match="directory"):
        await kept.read(digest)


async def test_the_rest_of_the_disk_is_left_to_alarms(tmp_path: Path) -> None:
    with pytest.raises(NoRoom):
        await folder(tmp_path, reserve_bytes=2**60).keep(BODY)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, NoRoom), (errno.EDQUOT, NoRoom), (errno.EIO, NotKept)]
)
async def test_a_disk_that_fails_costs_the_still_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: type[Exception]
) -> None:
    def fails(_: int) -> None:
        raise OSError(code, os.strerror(code))

    kept = folder(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fails)
        with pytest.raises(said):
            await kept.keep(BODY)
    assert files(tmp_path) == []
    assert await kept.read(await kept.keep(BODY)) == BODY


async def test_a_disk_that_hangs_takes_a_bounded_number_of_stills_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "WITHIN_S", 0.05)
    answers, kept = threading.Event(), folder(tmp_path)
    with monkeypatch.context() as hanging:
        hanging.setattr(os, "fsync", lambda _: answers.wait(30))
        begun = time.monotonic()
        for _ in range(shelf.UNDER_WAY + 5):
            with pytest.raises(NotKept):
                await kept.keep(BODY)
        assert kept._under_way == shelf.UNDER_WAY  # noqa: SLF001 - what is held meanwhile
        assert time.monotonic() - begun < 10
        answers.set()
    monkeypatch.setattr(shelf, "WITHIN_S", 10)
    kept._threads.shutdown(wait=True)  # noqa: SLF001 - all that hung has answered


async def test_a_still_is_private_to_the_gateway(tmp_path: Path) -> None:
    digest = await folder(tmp_path).keep(BODY)
    file = tmp_path / digest[:2] / digest
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
