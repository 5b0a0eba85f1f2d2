"""The server that may be written to is found wherever it is; an old primary is not taken for it."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from gateway.store.database import WrongDatabase
from gateway.store.reach import Nowhere, Reach, Server
from tests.harness.trio import Trio


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word, as a frozen server does."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("postgresql://u@db/d", [("db", 5432)]),
        ("postgresql://u@db:5433/d", [("db", 5433)]),
        (
            "postgresql://u@/d?host=a:1&host=b:2&target_session_attrs=read-write",
            [("a", 1), ("b", 2)],
        ),
        ("postgresql://u@/d?host=a,b&port=1,2", [("a", 1), ("b", 2)]),
        ("postgresql://u@/d?host=a&host=b&port=7", [("a", 7), ("b", 7)]),
        (
            "postgresql://u@/d?host=[::1]:5&host=/run/postgresql",
            [("::1", 5), ("/run/postgresql", 5432)],
        ),
    ],
)
def test_the_servers_of_an_url_are_read(url: str, servers: list[tuple[str, int]]) -> None:
    assert Reach(make_url(url)).servers == tuple(Server(*one) for one in servers)


@pytest.mark.parametrize("query", ["host=a:x", "host=a&target_session_attrs=standby"])
def test_an_url_that_cannot_lead_to_a_primary_is_refused(query: str) -> None:
    with pytest.raises(WrongDatabase):
        Reach(make_url(f"postgresql://u@/d?{query}"))


async def where(reach: Reach) -> int:
    connection = await reach.connect()
    found: int = await connection.fetchval("SELECT inet_server_port()")
    await connection.close()
    return found


async def test_the_primary_is_found_behind_a_silent_server(
    database_url: str, silent_port: int
) -> None:
    there = make_url(database_url)
    name = there.database
    hosts = f"host=127.0.0.1:{silent_port}&host=127.0.0.1:{there.port}"
    reach = Reach(make_url(f"postgresql://postgres@/{name}?{hosts}"))
    async with asyncio.timeout(2.5):
        assert await where(reach) == there.port


async def test_a_promoted_standby_is_found_and_the_old_primary_never_again(trio: Trio) -> None:
    reach = Reach(make_url(trio.url("postgres")))
    first, second = (trio.servers[name] for name in ("pg1", "pg2"))
    assert await where(reach) == first.port
    await asyncio.to_thread(first.kill)
    with pytest.raises(Nowhere, match="is a standby"):
        await where(reach)
    await asyncio.to_thread(trio.promote, "pg2")
    assert await where(reach) == second.port
    await asyncio.to_thread(first.start)  # it still believes that it may be written to
    reach.forget()
    assert await where(reach) == second.port
    fresh = Reach(make_url(trio.url("postgres")))
    assert await where(fresh) == second.port
    await asyncio.to_thread(second.kill)
    with pytest.raises(Nowhere, match="old primary"):
        await where(reach)


async def test_a_dozen_that_ask_at_once_wait_for_one_search(silent_port: int) -> None:
    hosts = f"host=127.0.0.1:{silent_port}&host=127.0.0.1:{silent_port}"
    reach = Reach(make_url(f"postgresql://postgres@/postgres?{hosts}"))
    async with asyncio.timeout(8):
        ended = await asyncio.gather(*(where(reach) for _ in range(12)), return_exceptions=True)
    assert {type(one) for one in ended} == {Nowhere}
