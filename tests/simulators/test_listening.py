"""Who comes as a door is shut is let in and sent away: asyncio would forget them."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import pytest

from simulators.listening import Listener
from simulators.operations_centre.desk import Desk
from simulators.operations_centre.records import Records
from simulators.operations_centre.server import Door
from tests.harness import waiting
from tests.harness.cable import Cable


@asynccontextmanager
async def door() -> AsyncIterator[int]:
    """The centre's, shut at the end."""
    held = Door(Desk((b"secret",), Records(None), lambda: datetime.now(UTC)), "127.0.0.1:0", None)
    await held.open()
    try:
        yield int(held.url.rpartition(":")[2])
    finally:
        await held.shut()


@asynccontextmanager
async def cable() -> AsyncIterator[int]:
    """A cable to a port on which nobody accepts."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        async with Cable(deaf.getsockname()[1]) as laid:
            yield laid.port


@pytest.mark.parametrize("opened", [door, cable])
@pytest.mark.parametrize("turns", range(8))
async def test_whoever_comes_as_it_is_shut_is_refused_or_cut_off(
    opened: Callable[[], AbstractAsyncContextManager[int]], turns: int
) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setblocking(False)
        async with opened() as port:
            coming = asyncio.create_task(loop.sock_connect(client, ("127.0.0.1", port)))
            for _ in range(turns):
                await asyncio.sleep(0)
        with contextlib.suppress(ConnectionError):
            await coming
            assert await asyncio.wait_for(loop.sock_recv(client, 1), 5) == b""


async def test_whoever_has_not_ended_their_greeting_when_it_is_shut_is_cut_off() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setblocking(False)
        listener = Listener(asyncio.Protocol, 1)
        listener.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        port = listener.open("127.0.0.1", 0)
        await loop.sock_connect(client, ("127.0.0.1", port))
        await waiting.until(lambda: listener.greeting, what="they are greeted")
        await listener.close()
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(loop.sock_recv(client, 1), 5) == b""
