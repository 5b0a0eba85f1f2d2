"""A gateway's name has one holder; keys are their owner's alone."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from gateway.clock import SystemClock
from gateway.store import sealed, tenure
from gateway.store.database import NameLost, StoreDown, WrongDatabase
from gateway.store.sealed import Seal, WrongKey
from gateway.store.tenure import Tenure
from tests.harness import waiting
from tests.harness.cable import Cable
from tests.harness.trio import Trio

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


@contextlib.asynccontextmanager
async def kept(url: str) -> AsyncIterator[tuple[Tenure, "asyncio.Task[None]"]]:
    """A name held, and its keeping beside, as the gateway does."""
    async with tenure.hold(url, "g1", SystemClock()) as held:
        keeping = asyncio.create_task(held.keep())
        try:
            yield held, keeping
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])


async def cut(url: str) -> None:
    """The server ends the connection on which the name is held."""
    administrator = await asyncpg.connect(url)
    await administrator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    )
    await administrator.close()


async def holders(url: str) -> set[int]:
    """The server's processes behind the connections on which names are held."""
    administrator = await asyncpg.connect(url)
    found = await administrator.fetch("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")
    await administrator.close()
    return {row["pid"] for row in found}


async def test_a_name_whose_connection_was_cut_is_taken_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenure, "LOOK_EVERY_S", 0.1)
    async with kept(database_url) as (held, _):
        before = await holders(database_url)
        await cut(database_url)

        async def is_held_anew() -> bool:
            return bool(await holders(database_url) - before) and held.is_held

        await waiting.until(is_held_anew, within_s=10, what="the name is held again")
        with pytest.raises(WrongDatabase):
            async with tenure.hold(database_url, "g1", SystemClock()):
                pass


async def test_a_gateway_whose_name_another_took_meanwhile_stops_with_one_line(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenure, "PATIENCE_AGAIN_S", 1.0)
    async with kept(database_url) as (_, keeping):
        await cut(database_url)
        async with tenure.hold(database_url, "g1", SystemClock()):
            with pytest.raises(NameLost, match="another gateway named 'g1'"):
                await asyncio.wait_for(keeping, 8)


async def test_our_own_dead_connection_does_not_keep_our_name_from_us(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is half-open: the server believes that the former connection lives."""
    monkeypatch.setattr(tenure, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(tenure, "ANSWER_WITHIN_S", 0.5)
    there = make_url(database_url)
    async with Cable(there.port or 0) as first, Cable(there.port or 0) as second:
        hosts = f"host=127.0.0.1:{first.port}&host=127.0.0.1:{second.port}"
        async with kept(f"postgresql://postgres@/{there.database}?{hosts}") as (held, _):
            first.stall()
            await waiting.until(lambda: not held.is_held, within_s=3, what="silence is noticed")
            await waiting.until(lambda: held.is_held, within_s=8, what="the name is held again")


async def test_a_name_is_held_at_the_promoted_server_without_a_restart(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenure, "LOOK_EVERY_S", 0.1)
    async with kept(trio.url("postgres")) as (held, _):
        await asyncio.to_thread(trio.servers["pg1"].kill)
        await waiting.until(lambda: not held.is_held, within_s=3, what="the cut is noticed")
        await asyncio.to_thread(trio.promote, "pg2")
        await waiting.until(lambda: held.is_held, within_s=8, what="the name is held again")


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
