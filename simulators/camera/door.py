"""The listening socket of one camera: opened, shut, opened again at the same address, cut."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable

from aiohttp import web

from simulators.camera import misbehave

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
_BACKLOG = 16


class _Listening(web.Server):
    """Counts connections, and says when one has closed."""

    def __init__(self, handler: Handler, closed: Callable[[int], None]) -> None:
        # A client who leaves ends his request: else a held pull would be held for ever.
        super().__init__(handler, handler_cancellation=True, access_log=None)
        self.accepted = 0
        self._closed = closed

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Count it."""
        self.accepted += 1
        super().connection_made(handler, transport)

    def connection_lost(
        self,
        handler: web.RequestHandler,
        exc: BaseException | None = None,
    ) -> None:
        """Say which one closed."""
        self._closed(id(handler))
        super().connection_lost(handler, exc)


class Door:
    """Where a camera is reached."""

    def __init__(
        self, handler: Handler, host: str, port: int, closed: Callable[[int], None]
    ) -> None:
        self.host = host
        self.port = port
        self.tls: ssl.SSLContext | None = None
        self._server = _Listening(handler, closed)
        self._listener: socket.socket | None = None
        self._greeted: dict[asyncio.Task[None], socket.socket] = {}
        """Accepted, but no connection of the server's yet: perhaps for long, if a client hangs."""

    @property
    def base(self) -> str:
        """Its address, the real port included."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def accepted(self) -> int:
        """How many connections there have been."""
        return self._server.accepted

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._server.connections)

    async def open(self) -> None:
        """Listen; nothing happens when it is open already.

        Raises:
            OSError: the address cannot be had.
        """
        if self._listener is not None:
            return
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        address = (self.host, self.port)
        self._listener = socket.create_server(address, family=family, backlog=_BACKLOG)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._listener, self._accept, self._listener)

    def shut(self) -> None:
        """Stop listening and cut every connection."""
        listener, self._listener = self._listener, None
        if listener is not None:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
        self.cut()

    def cut(self) -> None:
        """Cut every connection."""
        for greeting in self._greeted:
            greeting.cancel()
        for connection in self._server.connections:
            misbehave.hang_up(connection.transport)

    async def close(self) -> None:
        """Shut for good."""
        self.shut()
        await asyncio.gather(*self._greeted, return_exceptions=True)
        await self._server.shutdown(0.1)
        await asyncio.sleep(0)  # what was cut closes its socket in the next turn of the loop

    def _accept(self, listener: socket.socket) -> None:
        """By ourselves: asyncio's own server forgets whom it is greeting when it closes."""
        try:
            line, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # who knocked has left
        line.setblocking(False)
        greeting = asyncio.get_running_loop().create_task(self._greet(line))
        self._greeted[greeting] = line
        greeting.add_done_callback(self._has_greeted)

    async def _greet(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError):  # a client who does not trust our certificate
            await asyncio.get_running_loop().connect_accepted_socket(
                self._server, line, ssl=self.tls
            )

    def _has_greeted(self, greeting: asyncio.Task[None]) -> None:
        line = self._greeted.pop(greeting)
        if greeting.cancelled():
            line.close()
