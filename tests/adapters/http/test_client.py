"""A server that is asked again and again: kept connections, and what happens when they end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count

import pytest

from adapters.http.client import Client
from adapters.http.host import Url
from adapters.http.reply import Cut, Reply
from tests.harness import talking, waiting

_OK = b"HTTP/1.1 202 OK\r\nContent-Length: 2\r\n\r\nok"
_END = b"\r\n\r\nbody"


class Server:
    """Answers what a test says, one answer per request; without any left it hangs up."""

    def __init__(self, *answers: bytes) -> None:
        self.answers: Iterator[bytes] = iter(answers or (_OK for _ in count()))
        self.last = b""
        """The answer after which it hangs up."""
        self.holds = asyncio.Event()
        self.holds.set()
        self.connections = self.asked = self.standing = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.standing += 1
        try:
            while await reader.readuntil(_END):
                self.asked += 1
                await self.holds.wait()
                answer = next(self.answers, b"")
                if not answer:
                    return
                writer.write(answer)
                if answer == self.last:
                    return
        finally:
            self.standing -= 1


@asynccontextmanager
async def _asking(
    server: Server, *, at_once: int = 4, rest_s: float = 60.0
) -> AsyncIterator[Client]:
    async with talking.listening(server.serve) as port:
        url = Url.read(f"http://127.0.0.1:{port}/alarms")
        client = Client(url, context=None, pin=None, at_once=at_once, rest_s=rest_s)
        yield client
        client.close()
        await asyncio.sleep(0)


async def _post(client: Client) -> Reply:
    return await client.post({"A": "b"}, b"body", limit_bytes=100, within_s=5)


async def test_one_connection_serves_post_after_post() -> None:
    server = Server()
    async with _asking(server) as client:
        for _ in range(5):
            assert (await _post(client)).body == b"ok"
    assert (server.connections, server.asked) == (1, 5)


async def test_a_kept_connection_that_ends_as_it_is_used_costs_no_try() -> None:
    server = Server(_OK, b"", _OK)
    async with _asking(server) as client:
        await _post(client)
        assert (await _post(client)).status == 202
    assert (server.connections, server.asked) == (2, 3)


async def test_a_new_connection_that_ends_unanswered_is_told() -> None:
    server = Server(_OK, b"", b"", _OK)
    async with _asking(server) as client:
        await _post(client)
        with pytest.raises(Cut):
            await _post(client)
        assert server.asked == 3
        assert (await _post(client)).status == 202


async def test_half_an_answer_is_told_and_not_asked_for_again() -> None:
    half = b"HTTP/1.1 202 OK\r\nContent-Length: 9\r\n\r\nhalf"
    server = Server(_OK, half, _OK)
    server.last = half
    async with _asking(server) as client:
        await _post(client)
        with pytest.raises(Cut):
            await _post(client)
        assert server.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 202 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000,
        b"HTTP/1.1 202 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 101,
        b"HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + b"x" * 101 + b"\r\n",
        b"HTTP/1.1 202 OK\r\n\r\n" + b"x" * 101,
    ],
)
async def test_an_answer_that_is_too_long_is_cut_and_its_connection_not_kept(
    answer: bytes,
) -> None:
    server = Server(answer, _OK)
    async with _asking(server) as client:
        reply = await _post(client)
        assert (reply.status, reply.body[:101]) == (202, b"x" * 101)
        assert (await _post(client)).body == b"ok"
    assert server.connections == 2


async def test_so_many_ask_at_once_and_no_more() -> None:
    server = Server()
    server.holds.clear()
    async with _asking(server, at_once=2) as client:
        asked = [asyncio.create_task(_post(client)) for _ in range(5)]
        await waiting.until(lambda: server.asked == 2, within_s=5, what="two are asked")
        server.holds.set()
        assert [one.status for one in await asyncio.gather(*asked)] == [202] * 5
    assert server.connections == 2


async def test_who_gives_up_hangs_up_and_leaves_its_turn_to_the_next() -> None:
    server = Server()
    server.holds.clear()
    async with _asking(server, at_once=1) as client:
        first = asyncio.create_task(_post(client))
        await waiting.until(lambda: server.asked == 1, within_s=5, what="the first is asked")
        second = asyncio.create_task(_post(client))
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
        server.holds.set()
        assert (await second).status == 202
    assert server.connections == 2


async def test_a_connection_that_nobody_uses_is_closed() -> None:
    server = Server()
    async with _asking(server, rest_s=0.05) as client:
        await _post(client)
        await waiting.until(lambda: server.standing == 0, within_s=5, what="it hung up")
        assert (await _post(client)).status == 202


async def test_who_is_closed_keeps_no_connection_and_asks_no_more() -> None:
    server = Server()
    server.holds.clear()
    async with _asking(server) as client:
        asked = asyncio.create_task(_post(client))
        await waiting.until(lambda: server.asked == 1, within_s=5, what="it is asked")
        client.close()
        server.holds.set()
        assert (await asked).status == 202
        await waiting.until(lambda: server.standing == 0, within_s=5, what="it hung up")
        with pytest.raises(ValueError, match="closed"):
            await _post(client)
