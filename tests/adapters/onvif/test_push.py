"""The listener for what cameras push: who is heard, who is not, and what it costs to be hostile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from adapters.devices.onvif import push
from adapters.devices.onvif.push import BODY_LIMIT, BURST, Listener, Refusal
from tests.harness import waiting

HERE = "127.0.0.1"


@dataclass
class Door:
    """An open listener, and what it heard."""

    listener: Listener
    port: int
    session: aiohttp.ClientSession
    heard: list[bytes] = field(default_factory=list)

    def expect(self, *sources: str) -> str:
        """A path for a camera at these addresses."""
        url = self.listener.expect(sources or (HERE,), self.heard.append)
        return f"http://{HERE}:{self.port}/{url.rpartition('/')[2]}"

    async def post(self, url: str, body: object = b"<a/>") -> int:
        """Its answer."""
        async with self.session.post(url, data=body) as answer:
            return answer.status


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    listener = Listener("http://gateway")
    port = await listener.open(HERE, 0)
    async with aiohttp.ClientSession() as session:
        yield Door(listener, port, session)
    await listener.close()


async def test_a_camera_that_was_asked_is_answered_and_heard(door: Door) -> None:
    url = door.expect()
    assert await door.post(url, b"<Notify/>") == 200
    await waiting.until(lambda: door.heard == [b"<Notify/>"], within_s=5, what="it is heard")


async def test_a_path_is_short_and_never_the_same(door: Door) -> None:
    paths = {door.listener.expect([HERE], door.heard.append) for _ in range(1000)}
    assert len(paths) == 1000
    assert max(len(path) for path in paths) < 60


async def test_it_is_answered_before_anything_is_made_of_it() -> None:
    order: list[str] = []
    listener = Listener("http://gateway")
    port = await listener.open(HERE, 0)
    url = listener.expect([HERE], lambda _: order.append("heard"))
    reader, writer = await asyncio.open_connection(HERE, port)
    path = url.rpartition("/")[2]
    writer.write(f"POST /{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    writer_of_server = await reader.readline()
    order.append("answered")
    assert writer_of_server.startswith(b"HTTP/1.1 200")
    await waiting.until(lambda: "heard" in order, within_s=5, what="it is heard")
    writer.close()
    await listener.close()


async def test_a_guessed_path_another_source_or_a_get_is_not_heard(door: Door) -> None:
    mine = door.expect()
    theirs = door.expect("192.0.2.7")
    assert await door.post(mine[:-1]) == 404
    assert await door.post(theirs) == 404
    async with door.session.get(mine) as answer:
        assert answer.status == 405
    assert door.listener.refused == {Refusal.PATH: 1, Refusal.SOURCE: 1, Refusal.METHOD: 1}
    assert not door.heard


async def test_a_stranger_is_hung_up_on_before_he_is_read(door: Door) -> None:
    door.expect("192.0.2.7")
    with pytest.raises(aiohttp.ClientError):
        await door.post(f"http://{HERE}:{door.port}/anything")
    assert door.listener.refused == {Refusal.SOURCE: 1}


async def test_a_forgotten_path_is_none_and_its_source_a_stranger(door: Door) -> None:
    url = door.expect()
    door.listener.forget(url)
    with pytest.raises(aiohttp.ClientError):
        await door.post(url)


async def test_a_body_beyond_the_limit_is_refused_also_where_it_has_no_length(door: Door) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    url = door.expect()
    assert await door.post(url, b"x" * (BODY_LIMIT + 1)) == 413
    with contextlib.suppress(aiohttp.ClientError):  # hung up on while it wrote
        assert await door.post(url, endless()) == 413
    assert door.listener.refused == {Refusal.TOO_LARGE: 2}
    assert not door.heard


async def test_one_that_goes_mad_is_told_to_wait_and_the_other_is_heard() -> None:
    listener = Listener("http://gateway", monotonic=lambda: 7.0)
    port = await listener.open(HERE, 0)
    async with aiohttp.ClientSession() as session:
        door = Door(listener, port, session)
        mad, calm = door.expect(), door.expect()
        said = [await door.post(mad) for _ in range(int(BURST) + 5)]
        assert said == [200] * int(BURST) + [429] * 5
        assert await door.post(calm) == 200
    await listener.close()


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("camera.school", "camera.school"),
    ],
)
def test_an_address_has_one_spelling(spelt: str, meant: str) -> None:
    assert push.plain(spelt) == meant


@pytest.mark.parametrize(
    "said", [b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/9.9\r\n\r\n", b"POST /%\r\nA" * 5000]
)
async def test_what_is_no_http_harms_nobody(
    door: Door, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    url = door.expect()
    reader, writer = await asyncio.open_connection(HERE, door.port)
    writer.write(said)
    writer.write_eof()
    await asyncio.wait_for(_all(reader), 5)
    writer.close()
    assert await door.post(url) == 200
    assert not [one for one in caplog.records if one.levelname in {"ERROR", "CRITICAL"}]


async def _all(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""
