"""The listening socket of one camera: opened, shut, opened again at the same address, cut."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from aiohttp import web

from simulators.camera import misbehave
from simulators.listening import Listener

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
        self._server = _Listening(handler, closed)
        self._listener = Listener(self._server, _BACKLOG)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """With what it greets, where it speaks https."""
        return self._listener.tls

    @tls.setter
    def tls(self, context: ssl.SSLContext | None) -> None:
        self._listener.tls = context

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
        if not self._listener.is_open:
            self.port = self._listener.open(self.host, self.port)

    def shut(self) -> None:
        """Stop listening and cut every connection."""
        self._listener.shut()
        self.cut()

    def cut(self) -> None:
        """Cut every connection."""
        self._listener.send_away()
        for connection in self._server.connections:
            misbehave.hang_up(connection.transport)

    async def close(self) -> None:
        """Shut for good."""
        self.shut()
        await self._listener.close()
        await self._server.shutdown(0.1)
        await asyncio.sleep(0)  # what was cut closes its socket in the next turn of the loop
