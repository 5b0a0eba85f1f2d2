"""Listening, so that nobody who was let in is forgotten when it ends.

asyncio's own server forgets at its close whom it has accepted but not yet handed over: they would
be served by a door that is shut, and be nobody's to close.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Final

REST_S: Final = 1.0
"""So long nobody is let in after no file was free for them."""


async def end(server: asyncio.Server) -> None:
    """Listen no more, without TLS: who has come is a connection of its protocol now."""
    for line in server.sockets:
        asyncio.get_running_loop().remove_reader(line.fileno())
    try:
        for _ in range(2):  # the turns of the loop in which who has come is handed over
            await asyncio.sleep(0)
    finally:
        server.close()


class Listener:
    """A listening socket that knows whom it still greets: for long, where a client hangs in TLS."""

    def __init__(self, protocol: Callable[[], asyncio.BaseProtocol], backlog: int) -> None:
        self.tls: ssl.SSLContext | None = None
        self._protocol, self._backlog = protocol, backlog
        self._socket: socket.socket | None = None
        self._greeted: dict[asyncio.Task[None], socket.socket] = {}
        """Accepted, but no connection of the protocol's yet."""

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._socket is not None

    @property
    def greeting(self) -> int:
        """How many have come, and are no connection yet."""
        return len(self._greeted)

    def open(self, host: str, port: int) -> int:
        """Listen there; the port, where 0 asked for any.

        Raises:
            OSError: the address cannot be had.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        line = socket.create_server((host, port), family=family, backlog=self._backlog)
        line.setblocking(False)
        self._socket = line
        asyncio.get_running_loop().add_reader(line, self._accept, line)
        found: int = line.getsockname()[1]
        return found

    def shut(self) -> None:
        """Listen no more."""
        line, self._socket = self._socket, None
        if line is not None:
            asyncio.get_running_loop().remove_reader(line)
            line.close()

    def send_away(self) -> None:
        """Cut whoever is still being greeted."""
        for greeting in self._greeted:
            greeting.cancel()

    async def close(self) -> None:
        """Listen no more, and greet nobody any more."""
        self.shut()
        self.send_away()
        await asyncio.gather(*self._greeted, return_exceptions=True)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(self._backlog):
            try:
                line, _ = listener.accept()
            except ConnectionAbortedError:
                continue  # who knocked has left
            except BlockingIOError:
                return
            except OSError:  # no file is free: they wait at the door
                self._rest(listener)
                return
            line.setblocking(False)
            greeting = asyncio.get_running_loop().create_task(self._greet(line))
            self._greeted[greeting] = line
            greeting.add_done_callback(self._has_greeted)

    def _rest(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener)
        loop.call_later(REST_S, self._go_on, listener)

    def _go_on(self, listener: socket.socket) -> None:
        if self._socket is listener:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    async def _greet(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError):  # a client who does not trust our certificate
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, line, ssl=self.tls
            )

    def _has_greeted(self, greeting: asyncio.Task[None]) -> None:
        line = self._greeted.pop(greeting)
        if greeting.cancelled():
            line.close()
