"""A host, found and connected to: looked up once for all who wait, its addresses in turn."""

import asyncio
import socket
import ssl
from typing import Final

from aiohappyeyeballs import AddrInfoType, remove_addr_infos, start_connection

from adapters.http.line import Changed, Line, over

FRESH_S: Final = 10.0
"""So long an address is believed; after a failure it is looked up anew."""
NEXT_AFTER_S: Final = 0.25
"""Where an address is silent, the next is tried beside it after this (RFC 8305)."""


class Host:
    """Finds one host and connects to it.

    However many wait for a lookup, it takes one thread of the loop's: where the name server is
    silent, whatever else needs a thread is not held up by a storm of alarms. A host with several
    addresses is asked at each in turn: the first may take connections and answer nothing.
    """

    def __init__(self, name: str, port: int) -> None:
        self._name, self._port = name, port
        self._numeric = _numeric(name, port)
        self._found: list[AddrInfoType] = []
        self._found_at = 0.0
        self._turn = 0
        self._looking: asyncio.Task[list[AddrInfoType]] | None = None

    async def connected(self, context: ssl.SSLContext | None, pin: bytes | None) -> Line:
        """A new connection, to whoever has that certificate if one is given (its SHA-256).

        Raises:
            Changed: another is shown. OSError: the name is unknown, nobody there, no TLS.
        """
        found = self._numeric or await self._looked_up()
        turn, self._turn = self._turn % len(found), self._turn + 1
        try:
            return await self._first_of([*found[turn:], *found[:turn]], context, pin)
        except BaseException:  # also where its time is over: at a silent address, that is the end
            self._found = []
            raise

    async def _first_of(
        self, places: list[AddrInfoType], context: ssl.SSLContext | None, pin: bytes | None
    ) -> Line:
        """The first that answers, by TLS too where that is asked."""
        while True:
            stands = await start_connection(places, happy_eyeballs_delay=NEXT_AFTER_S)
            try:
                remove_addr_infos(places, stands.getpeername())
            except (OSError, ValueError):  # it hung up at once, or nobody knows who answered
                stands.close()
                raise
            try:
                return await over(stands, self._name.rstrip("."), context, pin)
            except (OSError, Changed):
                if not places:
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
        found = await loop.getaddrinfo(
            self._name, self._port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        self._found, self._found_at = list(found), loop.time()
        return self._found

    def _looked(self, looking: asyncio.Task[list[AddrInfoType]]) -> None:
        self._looking = None
        if not looking.cancelled():
            looking.exception()  # whoever still waits is told; if nobody does, nobody needs to know


def _numeric(name: str, port: int) -> list[AddrInfoType]:
    """Where the name is an address already, that; nothing is asked for it."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return []
    return list(found)
