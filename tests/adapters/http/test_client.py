"""A server that is asked again and again: kept connections, and what happens when they end."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

from adapters.http.client import Client
from adapters.http.reply import Cut, Reply
from adapters.http.url import Url
from tests.harness import certificates, talking, waiting
from tests.harness.certificates import Authority

_OK = b"HTTP/1.1 202 OK\r\nContent-Length: 2\r\n\r\nok"
_HALF = b"HTTP/1.1 202 OK\r\nContent-Length: 9\r\n\r\nhalf"
_NOTHING = b""
_END = b"\r\n\r\nbody"
_AT_ONCE = struct.pack("ii", 1, 0)


class Server:
    """Answers what a test says, one answer per request; after half of one or none it hangs up."""

    def __init__(self, *answers: bytes, resets: bool = False) -> None:
        self.answers: Iterator[bytes] = iter(answers or (_OK for _ in count()))
        self.resets = resets
        """Whether it hangs up by a reset."""
        self.holds = asyncio.Event()
        self.holds.set()
        self.connections = self.asked = self.standing = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.standing += 1
        try:
            await self._answer(reader, writer)
        finally:
            self.standing -= 1

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(_END):
            self.asked += 1
            answer = next(self.answers)
            await self._held(reader)
            writer.write(answer)
            if answer in {_HALF, _NOTHING}:
                await writer.drain()
                break
        if self.resets:
            await asyncio.sleep(0.05)  # what was written is there before the reset
            own = writer.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)

    async def _held(self, reader: asyncio.StreamReader) -> None:
        """Until it may answer, or nobody waits for it any more."""
        held = asyncio.create_task(self.holds.wait())
        gone = asyncio.create_task(reader.read(1))
        await asyncio.wait([held, gone], return_when=asyncio.FIRST_COMPLETED)
        is_gone = gone.done()
        for one in (held, gone):
            one.cancel()
        await asyncio.gather(held, gone, return_exceptions=True)
        if is_gone:
            raise ConnectionAbortedError


@asynccontextmanager
async def _asking(
    server: Server, *, at_once: int = 4, rest_s: float = 60.0, authority: Authority | None = None
) -> AsyncIterator[Client]:
    tls = certificates.serving(*authority.sign("centre")) if authority else None
    trusted = ssl.create_default_context(cafile=authority.certificate) if authority else None
    async with talking.listening(server.serve, tls=tls) as port:
        url = Url.read(f"{'https' if authority else 'http'}://127.0.0.1:{port}/alarms")
        client = Client(url, context=trusted, pin=None, at_once=at_once, rest_s=rest_s)
        try:
            yield client
        finally:
            client.close()
            await asyncio.sleep(0)


async def _post(client: Client) -> Reply:
    return await client.post({"A": "b"}, b"body", limit_bytes=100, within_s=60)


async def test_one_connection_serves_post_after_post() -> None:
    server = Server()
    async with _asking(server) as client:
        for _ in range(5):
            assert (await _post(client)).body == b"ok"
    assert (server.connections, server.asked) == (1, 5)


@pytest.mark.parametrize("resets", [False, True])
@pytest.mark.parametrize("tls", [False, True])
async def test_a_kept_connection_that_ends_as_it_is_used_costs_no_try(
    tmp_path: Path, *, resets: bool, tls: bool
) -> None:
    server = Server(_OK, _NOTHING, _OK, resets=resets)
    authority = Authority(tmp_path, "ca") if tls else None
    async with _asking(server, authority=authority) as client:
        await _post(client)
        assert (await _post(client)).status == 202
    assert (server.connections, server.asked) == (2, 3)


async def test_a_new_connection_that_ends_unanswered_is_told() -> None:
    server = Server(_OK, _NOTHING, _NOTHING, _OK)
    async with _asking(server) as client:
        await _post(client)
        with pytest.raises(Cut):
            await _post(client)
        assert server.asked == 3
        assert (await _post(client)).status == 202


@pytest.mark.parametrize("resets", [False, True])
async def test_half_an_answer_is_told_and_not_asked_for_again(*, resets: bool) -> None:
    server = Server(_OK, _HALF, _OK, resets=resets)
    async with _asking(server) as client:
        await _post(client)
        with pytest.raises(Cut, match="reset" if resets else "whole$"):
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
        await waiting.until(lambda: server.asked == 2, within_s=5, what="the second is asked")
        await waiting.until(lambda: server.standing == 1, within_s=5, what="the first hung up")
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
    async with _asking(server, at_once=1) as client:
        asked = asyncio.create_task(_post(client))
        await waiting.until(lambda: server.asked == 1, within_s=5, what="it is asked")
        waits = asyncio.create_task(_post(client))
        await asyncio.sleep(0)
        client.close()
        server.holds.set()
        assert (await asked).status == 202
        await waiting.until(lambda: server.standing == 0, within_s=5, what="it hung up")
        for late in (waits, _post(client)):
            with pytest.raises(ValueError, match="closed"):
                await late
    assert server.asked == 1


def test_nobody_is_asked_over_tls_without_anybody_to_trust() -> None:
    with pytest.raises(ValueError, match="trust"):
        Client(Url.read("https://centre/"), context=None, pin=None, at_once=1, rest_s=1)
