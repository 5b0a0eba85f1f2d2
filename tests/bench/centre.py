"""A lean operations centre: takes webhooks as the contract wants, and remembers when they came."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any, Self

import msgspec

from simulators import listening

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_KEY = re.compile(rb"\r\nidempotency-key: *([^\r]+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class Centre:
    """Listens on a port; what it took is a list of (monotonic seconds, body)."""

    def __init__(self) -> None:
        self.taken: list[tuple[float, bytes]] = []
        self._arrivals: dict[tuple[str, str], float] = {}
        self._read = 0
        self._port = 0
        self._lines: set[_Line] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def arrivals(self) -> dict[tuple[str, str], float]:
        """When the first word of each press came, by device and event id."""
        for at, body in self.taken[self._read :]:
            event: dict[str, Any] = msgspec.json.decode(body) if body else {}
            if event.get("type") in {"dabyl.alarm.raised", "dabyl.alarm.repeated"}:
                device = event["data"]["device"]
                for event_id in (device["event_id"], *device["event_ids"]):
                    self._arrivals.setdefault((device["id"], event_id), at)
        self._read = len(self.taken)
        return self._arrivals

    async def open(self) -> None:
        """Listen; on the same port as before."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Line(self._take, self._lines), "127.0.0.1", self._port
        )
        self._port = self.port

    async def shut(self) -> None:
        """Listen no more, and cut every connection."""
        assert self._server is not None
        await listening.end(self._server)
        for line in [*self._lines]:
            line.cut()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    def _take(self, at: float, body: bytes) -> None:
        self.taken.append((at, body))


class _Line(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, take: Callable[[float, bytes], None], lines: set["_Line"]) -> None:
        self._take, self._lines = take, lines
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._lines.add(self)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's call
        self._lines.discard(self)

    def cut(self) -> None:
        """Hang up without a word."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        while (end := buffer.find(_END)) >= 0:
            head = bytes(buffer[:end])
            length = _LENGTH.search(head)
            stop = end + len(_END) + (int(length[1]) if length else 0)
            if len(buffer) < stop:
                return
            self._take(time.monotonic(), bytes(buffer[end + len(_END) : stop]))
            del buffer[:stop]
            key = _KEY.search(head)
            body = b'{"id": "%s"}' % (key[1] if key else b"")
            assert self._transport is not None
            self._transport.write(_ANSWER % (len(body), body))


class Poster(asyncio.Protocol):
    """A kept connection that posts one body at a time: the floor of what a forwarder can do."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[None] | None = None

    @classmethod
    async def connected(cls, port: int) -> Self:
        """A poster on a fresh connection."""
        loop = asyncio.get_running_loop()
        _, poster = await loop.create_connection(cls, "127.0.0.1", port)
        return poster

    async def post(self, body: bytes) -> None:
        """Post it, and wait for the answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        head = b"POST /alarms HTTP/1.1\r\nHost: centre\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)
        await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data and self._answer is not None and not self._answer.done():
            self._answer.set_result(None)
