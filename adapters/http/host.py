"""The host of a URL, and where it is found: looked up once for all who wait, and not for long."""

import asyncio
import socket
from typing import Final, Self
from urllib.parse import quote, urlsplit

from aiohappyeyeballs import AddrInfoType, start_connection
from msgspec import Struct

FRESH_S: Final = 10.0
"""So long an address is believed; one that nobody answers at is not believed again."""
NEXT_AFTER_S: Final = 0.25
"""Where a host has several addresses, the next is tried beside the first after this (RFC 8305)."""
_PORTS: Final = {"http": 80, "https": 443}
_SAFE: Final = "%/:@!$&'()*+,;=~-._?"


class Url(Struct, frozen=True, kw_only=True):
    """An `http://` or `https://` URL, in the parts that a request is made of."""

    host: str
    """A name in its ASCII form, or an address without brackets."""
    port: int
    tls: bool
    target: str
    """The path and query, as they stand in the first line of a request."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read it; a fragment is left out, a login stays with whoever asks.

        Raises:
            ValueError: another scheme, no host, a port or a name that cannot be one.
        """
        parts = urlsplit(text.strip())
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("it must be http:// or https:// and name a host")
        target = quote(parts.path or "/", safe=_SAFE)
        if parts.query:
            target += f"?{quote(parts.query, safe=_SAFE)}"
        return cls(
            host=_ascii(parts.hostname),
            port=_PORTS[parts.scheme] if parts.port is None else parts.port,
            tls=parts.scheme == "https",
            target=target,
        )

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS["https" if self.tls else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


class Host:
    """Finds one host and connects to it.

    However many wait for a lookup, it takes one thread of the loop's: where the name server is
    silent, whatever else needs a thread is not held up by a storm of alarms.
    """

    def __init__(self, name: str, port: int) -> None:
        self._name, self._port = name, port
        self._numeric = _numeric(name, port)
        self._found: list[AddrInfoType] = []
        self._found_at = 0.0
        self._looking: asyncio.Task[list[AddrInfoType]] | None = None

    async def connected(self) -> socket.socket:
        """A new connection to whichever of its addresses answers first.

        Raises:
            OSError: the name is unknown, or nobody answers.
        """
        found = self._numeric or await self._looked_up()
        try:
            return await start_connection(found, happy_eyeballs_delay=NEXT_AFTER_S)
        except OSError:
            self._found = []
            raise

    async def _looked_up(self) -> list[AddrInfoType]:
        loop = asyncio.get_running_loop()
        if self._found and loop.time() - self._found_at < FRESH_S:
            return self._found
        if self._looking is None:
            self._looking = loop.create_task(self._look_up())
            self._looking.add_done_callback(self._looked)
        return await asyncio.shield(self._looking)

    async def _look_up(self) -> list[AddrInfoType]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._name, self._port, type=socket.SOCK_STREAM)
        self._found, self._found_at = list(found), loop.time()
        return self._found

    def _looked(self, looking: asyncio.Task[list[AddrInfoType]]) -> None:
        self._looking = None
        if not looking.cancelled():
            looking.exception()  # whoever still waits is told; if nobody does, nobody needs to know


def _numeric(name: str, port: int) -> list[AddrInfoType]:
    """Where the name is an address already, that; nothing is asked for it."""
    try:
        return list(
            socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        )
    except OSError:
        return []


def _ascii(name: str) -> str:
    try:
        return name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        raise ValueError(f"{name} is no name of a host") from None
