"""The ways a real receiver goes wrong, each as the sender would see it on the wire."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from aiohttp import web

from simulators.operations_centre.modes import Behaviour, Garbage, Mode

FOLLOWED: Final = "/followed"
_PAGE: Final = "<!doctype html><title>Proxy</title><p>Please sign in to use this network.</p>"
_DRIP_S: Final = 0.25
_CHUNK: Final = b" " * 16_384

Misbehaviour = Callable[[web.BaseRequest, Mode, str], Awaitable[web.StreamResponse]]


async def _status(_request: web.BaseRequest, mode: Mode, _key: str) -> web.StreamResponse:
    status = mode.status or 500
    headers = {} if mode.retry_after is None else {"Retry-After": str(mode.retry_after)}
    body = None if status in {204, 304} else f"the centre answers {status} by its switch"
    return web.Response(status=status, headers=headers, text=body)


async def _hang(_request: web.BaseRequest, _mode: Mode, _key: str) -> web.StreamResponse:
    await asyncio.Event().wait()  # until the sender leaves, which cancels us
    return web.Response(status=500)


async def _drip(request: web.BaseRequest, _mode: Mode, _key: str) -> web.StreamResponse:
    transport = request.transport
    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"o" * 400:
        if transport is None or transport.is_closing():
            break
        transport.write(bytes([letter]))
        await asyncio.sleep(_DRIP_S)
    raise ConnectionResetError


async def _reset(request: web.BaseRequest, _mode: Mode, _key: str) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        # Lingering for no time makes the kernel say RST instead of a polite end.
        line: socket.socket = transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    raise ConnectionResetError


async def _forget(_request: web.BaseRequest, _mode: Mode, key: str) -> web.StreamResponse:
    return web.json_response({"id": key, "reference": "KUI-000000"})


async def _busy(_request: web.BaseRequest, _mode: Mode, _key: str) -> web.StreamResponse:
    return web.json_response({"error": "still at work on it"}, status=409)


async def _redirect(_request: web.BaseRequest, _mode: Mode, _key: str) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": FOLLOWED})


async def _proxy_page(_request: web.BaseRequest, _mode: Mode, _key: str) -> web.StreamResponse:
    return web.Response(text=_PAGE, content_type="text/html")


async def _garbage(request: web.BaseRequest, mode: Mode, key: str) -> web.StreamResponse:
    match mode.garbage:
        case Garbage.NO_JSON:
            return web.Response(body=b"\x00\xff{{{ not json", content_type="application/json")
        case Garbage.WRONG_ID:
            return web.json_response({"id": f"not-{key}", "reference": "KUI-999999"})
        case Garbage.HALF:
            return await _half(request, key)
        case Garbage.ENDLESS:
            return await _endless(request)


async def _half(request: web.BaseRequest, key: str) -> web.StreamResponse:
    whole = json.dumps({"id": key, "reference": "KUI-000000"}).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(whole)
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    raise ConnectionResetError


async def _endless(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    while True:
        await response.write(_CHUNK)
        await asyncio.sleep(0)


WAYS: Final[Mapping[Behaviour, Misbehaviour]] = MappingProxyType(
    {
        Behaviour.STATUS: _status,
        Behaviour.HANG: _hang,
        Behaviour.DRIP: _drip,
        Behaviour.RESET: _reset,
        Behaviour.FORGET: _forget,
        Behaviour.BUSY: _busy,
        Behaviour.REDIRECT: _redirect,
        Behaviour.PROXY_PAGE: _proxy_page,
        Behaviour.GARBAGE: _garbage,
    }
)
