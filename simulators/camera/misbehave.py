"""The ways a camera fails on the wire, each as a client would see it."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from aiohttp import web

from simulators.camera.quirks import Quirk, Switches

HUGE_BYTES: Final = 64 * 1024 * 1024
STILL_BYTES: Final = 300 * 1000 * 1000
_PAGE: Final = (
    "<html><head><title>404 File Not Found</title></head>\n"
    "<body>The requested URL was not found on this server</body></html>"
)
_CHUNK: Final = b" " * 65_536
_DRIP_S: Final = 0.25
_DEPTH: Final = 10_000
_XML: Final = "application/soap+xml; charset=utf-8"

Misbehaviour = Callable[[web.BaseRequest, Switches, bytes], Awaitable[web.StreamResponse]]


def hang_up(transport: asyncio.BaseTransport | None) -> None:
    """Cut a connection so that the other side sees a reset."""
    if not isinstance(transport, asyncio.Transport):
        return
    line = transport.get_extra_info("socket")
    if line is not None and line.fileno() >= 0:
        # Lingering for no time makes the kernel say RST instead of a polite end.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def never() -> web.StreamResponse:
    """Take the request and never answer."""
    await asyncio.Event().wait()  # until the client leaves, which cancels us
    return web.Response(status=500)


async def huge_still(request: web.BaseRequest) -> web.StreamResponse:
    """Begin as a picture and go on and on."""
    response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
    response.content_length = STILL_BYTES
    await response.prepare(request)
    await response.write(b"\xff\xd8\xff\xe0")
    await _pour(response, STILL_BYTES - 4)
    return response


async def page(_request: web.BaseRequest, _switches: Switches, _good: bytes) -> web.StreamResponse:
    """Answer with a web page as if all were well."""
    return web.Response(text=_PAGE, content_type="text/html")


async def _reset(request: web.BaseRequest, _switches: Switches, _good: bytes) -> web.StreamResponse:
    hang_up(request.transport)
    raise ConnectionResetError


async def _hang(_request: web.BaseRequest, _switches: Switches, _good: bytes) -> web.StreamResponse:
    return await never()


async def _status(
    _request: web.BaseRequest, switches: Switches, _good: bytes
) -> web.StreamResponse:
    return web.Response(status=int(switches.number(Quirk.STATUS, 503)))


async def _drip(request: web.BaseRequest, _switches: Switches, good: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": _XML})
    response.content_length = len(good)
    await response.prepare(request)
    for letter in good:
        await response.write(bytes([letter]))
        await asyncio.sleep(_DRIP_S)
    return response


async def _half(request: web.BaseRequest, _switches: Switches, good: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": _XML})
    response.content_length = len(good)
    await response.prepare(request)
    await response.write(good[: len(good) // 2])
    if request.transport is not None:
        request.transport.close()
    raise ConnectionResetError


async def _huge(request: web.BaseRequest, _switches: Switches, good: bytes) -> web.StreamResponse:
    before, mark, after = good.partition(b"<s:Header>")
    response = web.StreamResponse(headers={"Content-Type": _XML})
    response.content_length = HUGE_BYTES + len(good)
    await response.prepare(request)
    await response.write(before + mark)
    await _pour(response, HUGE_BYTES)
    await response.write(after)
    return response


async def _endless(
    request: web.BaseRequest, _switches: Switches, good: bytes
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": _XML})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(good.partition(b"<s:Body>")[0])
    while True:
        await response.write(_CHUNK)
        await asyncio.sleep(0)


async def _doctype(
    _request: web.BaseRequest, _switches: Switches, good: bytes
) -> web.StreamResponse:
    document = b'<!DOCTYPE s:Envelope [<!ENTITY who SYSTEM "file:///etc/hostname">]>'
    return _xml(good.replace(b"?>\n", b"?>\n" + document, 1))


async def _bomb(_request: web.BaseRequest, _switches: Switches, good: bytes) -> web.StreamResponse:
    lines = [b'<!ENTITY a0 "boom boom boom">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    document = b"<!DOCTYPE s:Envelope [" + b"".join(lines) + b"]>"
    armed = good.replace(b"<s:Body>", b"<s:Body><boom>&a9;</boom>", 1)
    return _xml(armed.replace(b"?>\n", b"?>\n" + document, 1))


async def _deep(_request: web.BaseRequest, _switches: Switches, good: bytes) -> web.StreamResponse:
    tower = b"<a>" * _DEPTH + b"</a>" * _DEPTH
    return _xml(good.replace(b"<s:Header>", b"<s:Header>" + tower, 1))


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": _XML})


async def _pour(response: web.StreamResponse, size_bytes: int) -> None:
    while size_bytes > 0:
        piece = _CHUNK[:size_bytes]
        await response.write(piece)
        size_bytes -= len(piece)
        await asyncio.sleep(0)


WAYS: Final[Mapping[Quirk, Misbehaviour]] = MappingProxyType(
    {
        Quirk.RESET: _reset,
        Quirk.HANG: _hang,
        Quirk.STATUS: _status,
        Quirk.HTML_200: page,
        Quirk.DRIP: _drip,
        Quirk.HALF: _half,
        Quirk.HUGE_REPLY: _huge,
        Quirk.ENDLESS_CHUNKS: _endless,
        Quirk.DOCTYPE: _doctype,
        Quirk.ENTITY_BOMB: _bomb,
        Quirk.DEEP: _deep,
    }
)
BEFORE: Final = (Quirk.RESET, Quirk.HANG, Quirk.STATUS, Quirk.HTML_200)
AFTER: Final = tuple(way for way in WAYS if way not in BEFORE)
