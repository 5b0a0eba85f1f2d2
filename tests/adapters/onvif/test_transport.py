"""What cameras do to a call, and that each of it ends with its reason."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from adapters.devices.onvif import calls, element, soap
from adapters.devices.onvif.calls import Action
from adapters.devices.onvif.fault import CameraLost, Reason
from adapters.devices.onvif.transport import Caller
from tests.adapters.onvif import cameras
from tests.adapters.onvif.cameras import FakeCamera
from tests.adapters.onvif.conftest import Calling
from tests.adapters.onvif.samples import sample
from tests.harness import talking

_EMPTY = sample("pull_nothing.xml")
Talk = talking.Serve


async def _pull(caller: Caller, within_s: float = 5, action: Action = Action.PULL) -> calls.Pulled:
    url = caller.settings.base + "/onvif/subscription"
    return calls.pulled(await caller.call(url, calls.pull(30), action=action, within_s=within_s))


async def _lost(caller: Caller, within_s: float = 5) -> CameraLost:
    with pytest.raises(CameraLost) as caught:
        await _pull(caller, within_s)
    assert caught.value.link == "camera"
    assert str(caught.value).isprintable()
    return caught.value


@asynccontextmanager
async def _talking(talk: Talk) -> AsyncIterator[FakeCamera]:
    """A server that says what it likes, byte by byte."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"Envelope>")
        await talk(reader, writer)

    async with talking.listening(serve) as port:
        yield FakeCamera(port=port)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (sample("page_not_found.html"), Reason.NOT_SOAP),
        (b"", Reason.NOT_SOAP),
        (b"\x1f\x8b\x08\x00" + b"rubbish" * 20, Reason.NOT_SOAP),
        (b'<!DOCTYPE a [<!ENTITY b "b">]>' + _EMPTY, Reason.NOT_SOAP),
        (_EMPTY[:-30], Reason.NOT_SOAP),
        (b"x" * (64 * 1024 * 1024), Reason.TOO_LARGE),
    ],
    ids=["web page", "nothing", "rubbish", "document type", "half", "64 MiB"],
)
async def test_an_answer_that_is_none_ends_the_call_with_its_reason(
    calling: Calling, body: bytes, reason: Reason
) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return cameras.soap(body)

    async with cameras.standing(answer) as camera:
        assert (await _lost(calling(camera))).reason is reason


async def test_an_answer_without_end_ends_at_a_mebibyte(calling: Calling) -> None:
    sent_bytes = 0

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent_bytes
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            await writer.drain()
            sent_bytes += 0x10000

    async with _talking(talk) as camera:
        assert (await _lost(calling(camera))).reason is Reason.TOO_LARGE
        await asyncio.sleep(0)
    assert sent_bytes < 16 * soap.LIMIT_BYTES


async def _hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def _drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.05)  # slowly, for ever


async def _reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    own: socket.socket = writer.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _half(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<s:Envelope")


async def _no_http(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-dropbear\r\n")


async def _long_line(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (_hang, Reason.TIMED_OUT),
        (_drip, Reason.TIMED_OUT),
        (_reset, Reason.RESET),
        (_half, Reason.RESET),
        (_no_http, Reason.NOT_SOAP),
        (_long_line, Reason.NOT_SOAP),
    ],
)
async def test_a_connection_that_fails_ends_the_call_with_its_reason(
    calling: Calling, talk: Talk, reason: Reason
) -> None:
    async with _talking(talk) as camera:
        assert (await _lost(calling(camera), within_s=0.5)).reason is reason


async def test_where_nobody_listens_it_is_refused(calling: Calling) -> None:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        port = own.getsockname()[1]
    assert (await _lost(calling(FakeCamera(port=port)))).reason is Reason.REFUSED


async def test_a_name_that_nobody_knows_is_unreachable(
    calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = calling(FakeCamera(port=80))
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    object.__setattr__(caller.settings, "host", "camera.invalid")
    assert (await _lost(caller)).reason is Reason.UNREACHABLE


def _unknown(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def test_no_redirect_is_followed(calling: Calling) -> None:
    async def inside(_: web.BaseRequest) -> web.StreamResponse:
        return cameras.soap(_EMPTY)

    async with cameras.standing(inside) as other:

        async def answer(_: web.BaseRequest) -> web.StreamResponse:
            raise web.HTTPTemporaryRedirect(f"http://127.0.0.1:{other.port}/admin")

        async with cameras.standing(answer) as camera:
            lost = await _lost(calling(camera))
    assert lost.reason is Reason.FOREIGN
    assert other.heard == []


async def test_a_proxy_of_the_environment_is_not_asked(
    calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return cameras.soap(_EMPTY)

    async with cameras.standing(answer) as camera:
        assert (await _pull(calling(camera))).messages == []


async def test_a_call_is_addressed_and_bears_what_the_subscription_wants_echoed(
    calling: Calling,
) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return cameras.soap(_EMPTY)

    async with cameras.standing(answer) as camera:
        caller, echoed = calling(camera), (b'<q:Id xmlns:q="u"> 17 </q:Id>',)
        url, pull = caller.settings.base + "/onvif/subscription", calls.pull(30)
        await caller.call(url, pull, action=Action.PULL, reference=echoed)
    (heard,) = camera.heard
    assert b'<q:Id xmlns:q="u"> 17 </q:Id>' in heard.body
    assert f">http://127.0.0.1:{camera.port}/onvif/subscription</wsa:To>".encode() in heard.body
    assert f'action="{Action.PULL}"' in heard.headers["Content-Type"]


async def test_a_connection_closed_while_kept_is_opened_again(calling: Calling) -> None:
    answered = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        answered += 1
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(_EMPTY)}\r\n\r\n"
        writer.write(head.encode() + _EMPTY)
        if answered == 1:
            await reader.readuntil(b"Envelope>")  # takes the next call, and hangs up

    async with _talking(talk) as camera:
        caller = calling(camera)
        await _pull(caller)
        assert answered == 1
        await _pull(caller, action=Action.SYNCHRONISE)
    assert answered == 2


async def test_a_pull_is_never_sent_twice_for_what_the_first_one_took_is_lost(
    calling: Calling,
) -> None:
    answered = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        answered += 1
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(_EMPTY)}\r\n\r\n"
        writer.write(head.encode() + _EMPTY)
        await reader.readuntil(b"Envelope>")  # takes the next call, and hangs up

    async with _talking(talk) as camera:
        caller = calling(camera)
        await _pull(caller)
        with pytest.raises(CameraLost) as lost:
            await _pull(caller)
    assert (lost.value.reason, answered) == (Reason.RESET, 1)


async def test_a_long_answer_is_taken_apart_beside_the_loop(calling: Calling) -> None:
    one = b"<wsnt:NotificationMessage>" + b" " * 400 + b"</wsnt:NotificationMessage>"
    body = _EMPTY.replace(b"</tev:Pull", one * 1000 + b"</tev:Pull")

    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return cameras.soap(body)

    async with cameras.standing(answer) as camera:
        assert len((await _pull(calling(camera))).messages) == 1000


async def _empty(_: web.BaseRequest) -> web.StreamResponse:
    return cameras.soap(_EMPTY)


async def test_a_cancelled_call_is_cancelled(calling: Calling) -> None:
    is_asked = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_asked.set()
        await _hang(reader, writer)

    async with _talking(talk) as camera:
        task = asyncio.ensure_future(_pull(calling(camera)))
        await asyncio.wait_for(is_asked.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_body_alone_is_handed_on(calling: Calling) -> None:
    async with cameras.standing(_empty) as camera:
        caller = calling(camera)
        url = caller.settings.base + "/onvif/subscription"
        answer = await caller.call(url, calls.pull(30), action=Action.PULL)
    assert element.name(answer) == "PullMessagesResponse"


async def test_some_say_yes_with_nothing_at_all_but_never_to_a_pull(calling: Calling) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=202)

    async with cameras.standing(answer) as camera:
        caller = calling(camera)
        for body, action in (
            (calls.unsubscribe(), Action.UNSUBSCRIBE),
            (calls.synchronise(), Action.SYNCHRONISE),
        ):
            assert element.name(await caller.call(caller.device_url, body, action=action)) == "Body"
        assert (await _lost(caller)).reason is Reason.NOT_SOAP
