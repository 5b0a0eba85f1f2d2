"""The server that a test lets hang: nothing of it is left, and it hides no failure."""

import asyncio
import socket

import pytest

from tests.harness import talking, unclosed


async def _hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(50_000_000))  # more than the sockets take: a polite end would never come
    await asyncio.Event().wait()


async def _leave(turns: int) -> None:
    async with talking.listening(_hang) as port:
        with socket.create_connection(("127.0.0.1", port)):
            for _ in range(turns):
                await asyncio.sleep(0)


@pytest.mark.parametrize("turns", range(6))
def test_server_that_hangs_leaves_no_connection_when_it_ends(turns: int) -> None:
    assert unclosed.after(_leave(turns)) == []


async def test_server_that_fails_fails_its_test_when_it_ends() -> None:
    async def fail(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        raise ArithmeticError

    async def visit() -> None:
        async with talking.listening(fail) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            writer.close()

    with pytest.raises(ArithmeticError):
        await visit()
