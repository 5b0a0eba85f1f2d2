"""A raw MQTT 3.1.1 client: a packet cutter and nothing else, so that the load costs little."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from typing import Self

PUBLISH_QOS1 = 0x32
_CONNACK, _PUBLISH, _PUBACK, _SUBACK = 2, 3, 4, 9
_TIMEOUT_S = 10.0
_LAST_MID = 65_535

Hear = Callable[[bytes, bytes], None]
"""Topic and payload."""


class Client(asyncio.Protocol):
    """One anonymous connection; every QoS 1 message is acknowledged as soon as it is heard."""

    def __init__(self, hear: Hear = lambda _topic, _payload: None) -> None:
        self._hear = hear
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answered = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._mid = 0
        self.lost = asyncio.Event()
        """The connection has ended."""
        self.unacknowledged = 0
        """Published, and not yet taken by the broker."""

    @classmethod
    async def connected(
        cls,
        port: int,
        name: str,
        hear: Hear = lambda _topic, _payload: None,
        *,
        password: str | None = None,
        tls: ssl.SSLContext | None = None,
        within_s: float = _TIMEOUT_S,
    ) -> Self:
        """A client that the broker has accepted, with a clean session.

        Raises:
            OSError, TimeoutError: it was not.
        """
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(
            lambda: cls(hear),
            "127.0.0.1",
            port,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else within_s,
        )
        flags, login = b"\x02", b""
        if password is not None:
            flags, login = b"\xc2", _text(name.encode()) + _text(password.encode())
        body = b"\x00\x04MQTT\x04" + flags + b"\x00\x00" + _text(name.encode()) + login
        try:
            await client.ask(b"\x10" + _length(len(body)) + body, within_s)
        except BaseException:
            client.close()
            raise
        return client

    async def subscribe(self, topics: Iterable[str], within_s: float = _TIMEOUT_S) -> None:
        """Subscribe to all of them at once, QoS 1."""
        wanted = b"".join(_text(topic.encode()) + b"\x01" for topic in topics)
        self._mid += 1
        body = self._mid.to_bytes(2) + wanted
        await self.ask(b"\x82" + _length(len(body)) + body, within_s)

    def publish(self, topic: bytes, payload: bytes) -> None:
        """Publish with QoS 1; does not wait."""
        self._mid = self._mid % _LAST_MID + 1
        head = _text(topic)
        length = _length(len(head) + 2 + len(payload))
        self.unacknowledged += 1
        self.send(b"".join((b"\x32", length, head, self._mid.to_bytes(2), payload)))

    def send(self, data: bytes) -> None:
        """Write bytes as they are."""
        assert self._transport is not None
        self._transport.write(data)

    async def room(self) -> None:
        """Returns when the socket takes more."""
        await self._room.wait()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    async def ask(self, packet: bytes, within_s: float = _TIMEOUT_S) -> None:
        """Send it, and wait for the answer.

        Raises:
            OSError, TimeoutError: there was none.
        """
        self._answered.clear()
        self.send(packet)
        await asyncio.wait_for(self._answered.wait(), within_s)
        if self.lost.is_set():
            raise ConnectionResetError("the broker hung up")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's call
        self.lost.set()
        self._room.set()
        self._answered.set()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        at, acknowledged = 0, []
        while (cut := _packet(buffer, at)) is not None:
            start, end = cut
            kind = buffer[at] >> 4
            if kind == _PUBACK:
                self.unacknowledged -= 1
            elif kind == _PUBLISH:
                acknowledged.append(self._take(buffer[at], bytes(buffer[start:end])))
            elif kind in {_CONNACK, _SUBACK}:
                self._answered.set()
            at = end
        del buffer[:at]
        answer = b"".join(acknowledged)
        if answer:
            self.send(answer)

    def _take(self, flags: int, body: bytes) -> bytes:
        after = 2 + int.from_bytes(body[:2])
        has_mid = flags & 0x06
        self._hear(body[2:after], body[after + 2 :] if has_mid else body[after:])
        return b"\x40\x02" + body[after : after + 2] if has_mid else b""


def _packet(buffer: bytearray, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at that place begins and ends, if all of it is there."""
    length, shift, start = 0, 0, at + 1
    while True:
        if start >= len(buffer):
            return None
        byte = buffer[start]
        length |= (byte & 0x7F) << shift
        start, shift = start + 1, shift + 7
        if byte < 0x80:
            break
    end = start + length
    return (start, end) if end <= len(buffer) else None


def _text(text: bytes) -> bytes:
    return len(text).to_bytes(2) + text


def _length(length: int) -> bytes:
    out = bytearray()
    while True:
        byte, length = length & 0x7F, length >> 7
        if not length:
            out.append(byte)
            return bytes(out)
        out.append(byte | 0x80)
