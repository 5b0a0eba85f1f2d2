"""A gateway's name has one holder; keys are their owner's alone."""

import asyncio
import sys
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.store import sealed, tenure
from gateway.store.database import StoreDown, WrongDatabase
from gateway.store.sealed import Seal, WrongKey

HOLDER = """
import asyncio, sys
from gateway.clock import SystemClock
from gateway.store import tenure
async def main():
    async with tenure.hold(sys.argv[1], "g1", SystemClock()):
        print("held", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenure, "PATIENCE_S", 0.3)


async def test_a_second_holder_of_a_name_is_refused_and_another_name_is_not(url: str) -> None:
    clock = SystemClock()
    async with tenure.hold(url, "g1", clock), tenure.hold(url, "g2", clock):
        with pytest.raises(WrongDatabase, match="'g1'"):
            async with tenure.hold(url, "g1", clock):
                pass
    async with tenure.hold(url, "g1", clock):
        pass


async def test_who_asks_whether_a_name_is_held_disturbs_nobody(url: str) -> None:
    assert not await tenure.is_held(url, "g1")
    async with tenure.hold(url, "g1", SystemClock()):
        assert await tenure.is_held(url, "g1")
        assert not await tenure.is_held(url, "g2")
    assert not await tenure.is_held(url, "g1")


async def test_a_database_that_does_not_answer_does_not_say_who_holds_a_name() -> None:
    with pytest.raises(StoreDown):
        await tenure.is_held("postgresql://nobody@127.0.0.1:1/none", "g1")


async def test_a_killed_holder_holds_no_longer(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenure, "PATIENCE_S", 5.0)
    command = [sys.executable, "-c", HOLDER, url]
    holder = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout is not None
    assert await asyncio.wait_for(holder.stdout.readline(), 20) == b"held\n"
    holder.kill()
    await holder.wait()
    async with tenure.hold(url, "g1", SystemClock()):
        pass


def test_a_key_is_made_for_its_owner_alone_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "seal.key"
    key = sealed.key_from(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sealed.key_from(path) == key
    assert Seal(key).open(Seal(key).seal(b"x")) == b"x"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "seal.key"
    sealed.key_from(path)
    path.chmod(mode)
    with pytest.raises(WrongKey, match="chmod 600"):
        sealed.key_from(path)


def test_an_empty_or_broken_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    path.touch(0o600)
    with pytest.raises(WrongKey, match="empty"):
        sealed.key_from(path)
    with pytest.raises(WrongKey):
        Seal(b"short")


def test_a_card_number_is_hashed_by_its_key() -> None:
    assert sealed.hashed("12", b"k") == sealed.hashed("12", b"k")
    assert len({sealed.hashed(c, k) for c in ("12", "13") for k in (b"k", b"l")}) == 4
