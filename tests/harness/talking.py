"""A server on loopback that does what a test says, and leaves no connection when it ends."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from simulators.listening import end as end_listening

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(
    serve: Serve, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Its port. `serve` may hang, for it is cancelled at the end; if it fails, the test does."""
    serving = dict[asyncio.Task[None], asyncio.StreamWriter]()

    async def attended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await serve(reader, writer)
        finally:
            writer.close()

    def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving[asyncio.get_running_loop().create_task(attended(reader, writer))] = writer

    server = await asyncio.start_server(taken, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await end_listening(server)
        for task, writer in serving.items():
            task.cancel()
            with contextlib.suppress(AttributeError):  # asyncio's, of TLS that was closed twice
                writer.transport.abort()
        ends = await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0)  # what is aborted closes its socket in the next turn
    for end in ends:
        if isinstance(end, Exception):
            raise end
