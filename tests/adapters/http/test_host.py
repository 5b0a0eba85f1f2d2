"""Hosts: found when names are slow, and reached when half of their addresses are dead."""

import asyncio
import hashlib
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.http import host
from adapters.http.host import Host
from adapters.http.line import Changed, Line, any_certificate
from tests.harness import certificates, talking
from tests.harness.certificates import Authority

FIRST, SECOND = "127.0.0.2", "127.0.0.1"
Asked = list[str]
Names = Callable[..., Asked]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Let the name server answer with these addresses, or none, after waiting for something."""

    def answer(*found: str, after: Callable[[], Awaitable[Any]] | None = None) -> Asked:
        asked: Asked = []

        async def look_up(name: str, port: int, **_more: Any) -> list[Any]:  # noqa: ANN401
            asked.append(name)
            if after is not None:
                await after()
            if not found:
                raise socket.gaierror(-2, "unknown")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
        return asked

    return answer


class Server:
    """Takes connections at some addresses, and says nothing."""

    def __init__(self) -> None:
        self.port = 0
        self.taken = Counter[str]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken[writer.get_extra_info("sockname")[0]] += 1
        await reader.read()


@asynccontextmanager
async def _at(**tls: ssl.SSLContext | None) -> AsyncIterator[Server]:
    """There, with that: `second`, and `first` on the same port."""
    server = Server()
    places = {"second": SECOND, "first": FIRST}
    async with AsyncExitStack() as stack:
        for place in [one for one in places if one in tls]:
            listening = talking.listening(server.serve, places[place], server.port, tls[place])
            server.port = await stack.enter_async_context(listening)
        yield server


async def _connect(found: Host, context: ssl.SSLContext | None = None) -> str:
    """Where it was connected to."""
    line = await found.connected(context, None)
    return _hung_up(line)


def _hung_up(line: Line) -> str:
    assert line._transport is not None  # noqa: SLF001 - a line has no name for it
    peer: str = line._transport.get_extra_info("peername")[0]  # noqa: SLF001
    line.close()
    return peer


async def test_a_name_is_looked_up_once_for_all_who_wait(names: Names) -> None:
    answers = asyncio.Event()
    async with _at(second=None) as server:
        asked = names(SECOND, after=answers.wait)
        centre = Host("centre", server.port)
        waiters = [asyncio.create_task(_connect(centre)) for _ in range(20)]
        await asyncio.sleep(0)
        waiters[0].cancel()  # who asked first gives up; the others still want to know
        await asyncio.sleep(0)
        answers.set()
        results = await asyncio.gather(*waiters, return_exceptions=True)
        assert results[1:] == [SECOND] * 19
        assert await _connect(centre) == SECOND
    assert asked == ["centre"]


async def test_a_lookup_that_fails_when_nobody_waits_any_more_is_no_error(names: Names) -> None:
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
    answers = asyncio.Event()
    asked = names(after=answers.wait)
    waiting = asyncio.create_task(_connect(Host("centre", 80)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    answers.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert (asked, errors) == (["centre"], [])


async def test_a_name_is_looked_up_again_when_it_is_old(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "FRESH_S", 0.0)
    async with _at(second=None) as server:
        asked = names(SECOND)
        centre = Host("centre", server.port)
        for _ in range(2):
            await _connect(centre)
    assert len(asked) == 2


async def test_a_name_that_nobody_knows_is_told_and_asked_for_again(names: Names) -> None:
    asked = names()
    centre = Host("centre", 80)
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            await _connect(centre)
    assert len(asked) == 2


async def test_an_address_that_refuses_is_not_believed_again(names: Names) -> None:
    async with _at(second=None) as server:
        names(FIRST)
        centre = Host("centre", server.port)
        with pytest.raises(OSError, match=FIRST):
            await _connect(centre)
        names(SECOND)
        assert await _connect(centre) == SECOND


async def test_an_address_that_is_silent_is_not_believed_again(
    names: Names, tmp_path: Path
) -> None:
    authority = Authority(tmp_path, "ca")
    tls = certificates.serving(*authority.sign("centre"))
    async with _at(first=None, second=tls) as server:  # the first never begins with TLS
        names(FIRST)
        centre = Host("centre", server.port)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await _connect(centre, any_certificate())
        names(SECOND)
        assert await _connect(centre, any_certificate()) == SECOND


async def test_the_next_address_is_tried_where_the_first_refuses(names: Names) -> None:
    async with _at(second=None) as server:
        names(FIRST, SECOND)
        assert await _connect(Host("centre", server.port)) == SECOND


async def test_a_host_is_asked_at_each_of_its_addresses_in_turn(names: Names) -> None:
    async with _at(first=None, second=None) as server:
        names(FIRST, SECOND)
        centre = Host("centre", server.port)
        assert [await _connect(centre) for _ in range(4)] == [FIRST, SECOND] * 2


async def test_the_next_address_is_tried_where_the_first_shows_another_certificate(
    names: Names, tmp_path: Path
) -> None:
    ours, other = Authority(tmp_path / "a", "ca"), Authority(tmp_path / "b", "ca")
    shown = ours.sign("centre", "centre.kz")
    context = ssl.create_default_context(cafile=ours.certificate)
    pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown[0].read_text())).digest()
    tls = {
        "first": certificates.serving(*other.sign("centre", "centre.kz")),
        "second": certificates.serving(*shown),
    }
    async with _at(**tls) as server:
        names(FIRST, SECOND)
        centre = Host("centre.kz.", server.port)  # as an absolute name; no certificate says it so
        assert [await _connect(centre, context) for _ in range(2)] == [SECOND] * 2
        for _ in range(2):
            assert _hung_up(await centre.connected(any_certificate(), pin)) == SECOND
        names(FIRST)
        with pytest.raises(ssl.SSLCertVerificationError):
            await _connect(Host("centre.kz", server.port), context)
        with pytest.raises(Changed):
            await Host("centre.kz", server.port).connected(any_certificate(), pin)


async def test_a_connection_that_is_gone_at_once_is_told_and_left_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = socket.socket()

    async def start(*_: object, **__: object) -> socket.socket:
        return gone

    monkeypatch.setattr(host, "start_connection", start)
    with pytest.raises(OSError, match="not connected"):
        await Host(SECOND, 80).connected(None, None)
    assert gone.fileno() == -1


async def test_an_address_is_asked_of_no_name_server(names: Names) -> None:
    async with _at(second=None) as server:
        asked = names(FIRST)
        assert await _connect(Host(SECOND, server.port)) == SECOND
    assert asked == []
