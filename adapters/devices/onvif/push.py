"""Push: one HTTP listener for every camera that sends its events by itself (BaseNotification).

A path is a secret: 128 random bits for each subscription, short, because cameras cut long ones. Who
is not at a camera's address is not even read; a body is capped, answered, and only then looked at.
"""

import asyncio
import ipaddress
import logging
import secrets
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

BODY_LIMIT = 256 * 1024
"""A hundred notifications have 60 KiB."""
READ_WITHIN_S = 10.0
KEEPALIVE_S = 60.0
RATE_PER_S = 50.0
BURST = 200.0
"""So many bodies of one camera are taken at once; a camera gone mad is not felt by the others."""
TOKEN_BYTES = 16

Hear = Callable[[bytes], None]
"""Takes a body; must not raise."""
Miss = Callable[[], None]
"""Told that a body of the camera's was not taken; must not raise."""


class Refusal(StrEnum):
    """Why something was not taken; a closed set."""

    SOURCE = "source"
    """Nobody at that address was asked to push there."""
    PATH = "path"
    METHOD = "method"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    TOO_MANY = "too_many"


@dataclass(slots=True)
class _Expected:
    """One camera that was asked to push."""

    sources: frozenset[str]
    hear: Hear
    miss: Miss
    tokens: float = BURST
    at_s: float = 0.0

    def may(self, now_s: float) -> bool:
        """Whether it keeps to its rate."""
        self.tokens = min(BURST, self.tokens + (now_s - self.at_s) * RATE_PER_S)
        self.at_s = now_s
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Listener:
    """The one door, for all cameras."""

    def __init__(self, base: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`base` is how cameras reach it, `http://host:port`, without a slash at the end."""
        self._base = base
        self._monotonic = monotonic
        self._expected: dict[str, _Expected] = {}
        self._sources: Counter[str] = Counter()
        self._runner: web.ServerRunner | None = None
        self.refused: Counter[Refusal] = Counter()
        self.taken = 0

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen there; the port, where 0 asked for any.

        Raises:
            OSError: it cannot be listened there.
        """
        runner = web.ServerRunner(_Server(self._answer, self._is_known))
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, ssl_context=tls).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        return int(runner.addresses[0][1])

    async def close(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def expect(self, sources: Collection[str], hear: Hear, miss: Miss = lambda: None) -> str:
        """Expect a camera at these addresses; the URL to give to it."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        found = frozenset(plain(one) for one in sources)
        self._expected[token] = _Expected(found, hear, miss)
        self._sources.update(found)
        return f"{self._base}/{token}"

    def forget(self, url: str) -> None:
        """Expect nothing there any more."""
        gone = self._expected.pop(url.rpartition("/")[2], None)
        if gone is not None:
            self._sources -= Counter(gone.sources)

    def _is_known(self, source: str) -> bool:
        if source in self._sources:
            return True
        self.refused[Refusal.SOURCE] += 1
        return False

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        expected = self._expected.get(request.path.strip("/"))
        body = await self._body(request, expected)
        if expected is None or isinstance(body, Refusal):
            why = body if isinstance(body, Refusal) else Refusal.PATH
            self.refused[why] += 1
            if expected is not None and why in _MISSED:
                expected.miss()
            refusal = web.Response(status=_STATUS[why])
            refusal.force_close()
            return refusal
        answer = web.Response()
        await answer.prepare(request)
        await answer.write_eof()
        self.taken += 1
        expected.hear(body)
        return answer

    async def _body(self, request: web.BaseRequest, expected: _Expected | None) -> bytes | Refusal:
        if expected is None:
            return Refusal.PATH
        if plain(request.remote or "") not in expected.sources:
            return Refusal.SOURCE
        if request.method != "POST":
            return Refusal.METHOD
        if not expected.may(self._monotonic()):
            return Refusal.TOO_MANY
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                return await _read(request)
        except TimeoutError:
            return Refusal.TOO_SLOW


def plain(address: str) -> str:
    """An address in its one spelling; IPv4 stays IPv4 where a socket hears both."""
    with suppress(ValueError):
        found = ipaddress.ip_address(address.partition("%")[0])
        mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
        return str(mapped or found)
    return address


async def _read(request: web.BaseRequest) -> bytes | Refusal:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            return Refusal.TOO_LARGE
    return bytes(body)


_STATUS = {
    Refusal.SOURCE: 404,  # who guesses a path is not told that it is one
    Refusal.PATH: 404,
    Refusal.METHOD: 405,
    Refusal.TOO_LARGE: 413,
    Refusal.TOO_SLOW: 408,
    Refusal.TOO_MANY: 429,
}
_MISSED = frozenset({Refusal.TOO_LARGE, Refusal.TOO_SLOW, Refusal.TOO_MANY})
"""Of what the camera itself said."""

_Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Server(web.Server):
    """Aiohttp's own, but it hangs up on strangers before a byte of theirs is read."""

    def __init__(self, answer: _Answer, is_known: Callable[[str], bool]) -> None:
        super().__init__(
            answer,
            keepalive_timeout=KEEPALIVE_S,
            # What is no HTTP is a stranger's affair, not an error of ours with a traceback.
            logger=logging.Logger("push", logging.CRITICAL + 1),  # noqa: LOG001 - nobody else's
            access_log=None,
            auto_decompress=False,
            lingering_time=1,
            max_line_size=1024,
        )
        self._is_known = is_known

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Let it in, or not."""
        super().connection_made(handler, transport)
        peer = transport.get_extra_info("peername")
        if not peer or not self._is_known(plain(str(peer[0]))):
            transport.abort()
