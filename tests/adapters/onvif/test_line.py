"""Connections to a camera: kept, closed in time, never mixed up."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from adapters.devices.onvif import wire as wire_module
from adapters.devices.onvif.fault import CameraLost, Reason
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.wire import Ask, Wire
from tests.harness import talking, waiting

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """Answers every request with the same bytes, and counts its connections."""

    answer: bytes = _OK
    port: int = 0
    taken: int = 0
    standing: set[asyncio.StreamWriter] = field(default_factory=set)
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, unless a test wants it to answer nothing for now."""

    def __post_init__(self) -> None:
        self.answers.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        self.standing.add(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await self.answers.wait()
                writer.write(self.answer)
        finally:
            self.standing.discard(writer)

    def settings(self) -> CameraSettings:
        return CameraSettings(device="camera", host="127.0.0.1", port=self.port)


@asynccontextmanager
async def _serving(server: Server) -> AsyncIterator[CameraSettings]:
    async with talking.listening(server.serve) as server.port:
        yield server.settings()


def _ask(within_s: float = 5.0) -> Ask:
    return Ask(method="GET", url="http://x/y", headers={}, within_s=within_s, limit_bytes=100)


async def test_one_connection_serves_call_after_call(wire: Wire) -> None:
    server = Server()
    async with _serving(server) as settings:
        for _ in range(5):
            assert (await wire.call(settings, _ask())).body == b"ok"
        assert server.taken == 1


async def test_a_camera_gets_two_connections_and_a_third_call_waits_its_turn(wire: Wire) -> None:
    server = Server()
    server.answers.clear()
    async with _serving(server) as settings:
        asked = [asyncio.create_task(wire.call(settings, _ask())) for _ in range(3)]
        await waiting.until(lambda: server.taken == 2, within_s=5, what="two connections stand")
        with pytest.raises(CameraLost) as caught:
            await wire.call(settings, _ask(within_s=0.1))
        server.answers.set()
        assert [one.status for one in await asyncio.gather(*asked)] == [200] * 3
    assert (server.taken, caught.value.reason) == (2, Reason.TIMED_OUT)


async def test_a_connection_that_nobody_uses_is_closed(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_module, "KEEP_ALIVE_S", 0.05)
    server = Server()
    async with _serving(server) as settings:
        await wire.call(settings, _ask())
        await waiting.until(lambda: not server.standing, within_s=5, what="it is closed")
        await wire.call(settings, _ask())
    assert server.taken == 2


async def test_what_comes_unasked_closes_the_connection(wire: Wire) -> None:
    server = Server()
    async with _serving(server) as settings:
        await wire.call(settings, _ask())
        next(iter(server.standing)).write(_OK.replace(b"ok", b"no"))
        await waiting.until(lambda: not server.standing, within_s=5, what="it is closed")
        assert (await wire.call(settings, _ask())).body == b"ok"


async def test_an_answer_with_more_behind_it_is_not_followed_by_another(wire: Wire) -> None:
    server = Server(answer=_OK + _OK.replace(b"ok", b"no"))
    async with _serving(server) as settings:
        assert (await wire.call(settings, _ask())).body == b"ok"
        assert (await wire.call(settings, _ask())).body == b"ok"
    assert server.taken == 2


async def test_a_call_that_took_too_long_leaves_no_connection_for_the_next(wire: Wire) -> None:
    server = Server()
    server.answers.clear()
    async with _serving(server) as settings:
        with pytest.raises(CameraLost):
            await wire.call(settings, _ask(within_s=0.1))
        server.answers.set()
        assert (await wire.call(settings, _ask())).body == b"ok"
    assert server.taken == 2


async def test_a_short_call_after_a_long_one_is_given_up_in_its_own_time(wire: Wire) -> None:
    server = Server()
    async with _serving(server) as settings:
        await wire.call(settings, _ask(within_s=60))
        server.answers.clear()
        async with asyncio.timeout(5):
            with pytest.raises(CameraLost) as caught:
                await wire.call(settings, _ask(within_s=0.1))
    assert (server.taken, caught.value.reason) == (1, Reason.TIMED_OUT)


async def test_a_long_call_after_a_short_one_is_not_cut_at_the_short_ones_end(wire: Wire) -> None:
    server = Server()
    async with _serving(server) as settings:
        await wire.call(settings, _ask(within_s=0.2))
        server.answers.clear()
        asked = asyncio.create_task(wire.call(settings, _ask(within_s=60)))
        done, _ = await asyncio.wait(
            [asked], timeout=0.5
        )  # beyond where the first would have ended
        assert not done
        server.answers.set()
        assert (await asked).body == b"ok"
    assert server.taken == 1


async def test_a_camera_that_moved_is_not_asked_where_it_was(wire: Wire) -> None:
    old, new = Server(), Server()
    async with _serving(old) as settings, _serving(new):
        await wire.call(settings, _ask())
        await wire.call(replace(settings, port=new.port), _ask())
        await waiting.until(lambda: not old.standing, within_s=5, what="the old one is closed")
    assert (old.taken, new.taken) == (1, 1)


async def test_a_camera_that_is_gone_leaves_nothing_behind(wire: Wire) -> None:
    server = Server()
    async with _serving(server) as settings:
        await wire.call(settings, _ask())
        wire.forget("camera")
        await waiting.until(lambda: not server.standing, within_s=5, what="it is closed")


async def test_a_host_that_drops_everything_is_unreachable(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(wire_module, "connected", never)
    monkeypatch.setattr(wire_module, "CONNECT_S", 0.05)
    with pytest.raises(CameraLost, match="no connection within") as caught:
        await wire.call(CameraSettings(device="camera", host="192.0.2.1"), _ask())
    assert caught.value.reason is Reason.UNREACHABLE


async def test_a_kept_connection_keeps_no_answer(wire: Wire) -> None:
    server = Server()
    async with _serving(server) as settings:
        reply = await wire.call(settings, _ask())
        await asyncio.sleep(0)  # the loop lets go of what woke us
        assert sys.getrefcount(reply) == 2  # ours, and the one that counts
