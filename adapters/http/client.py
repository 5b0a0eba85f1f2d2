"""One server, asked again and again over connections that are kept. Why our own: ADR 0113."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final

from adapters.http import reply
from adapters.http.host import Host
from adapters.http.kept import Kept
from adapters.http.line import Line
from adapters.http.reply import Cut, Reading, Reply
from adapters.http.url import Url

HEAD_LIMIT_BYTES: Final = 64 * 1024
"""Servers are few, and what stands before them may add much."""


class Client:
    """At most so many connections to the host of one URL; no redirects, proxies or cookies.

    What it sends must be harmless when it is sent twice. `context` is for `https`; with a `pin`
    (the SHA-256 of a certificate) the server must show that one, too.
    """

    def __init__(
        self,
        url: Url,
        *,
        context: ssl.SSLContext | None,
        pin: bytes | None,
        at_once: int,
        rest_s: float,
    ) -> None:
        if url.tls and context is None:
            raise ValueError("https without anybody to trust")
        self._url = url
        self._context, self._pin = (context, pin) if url.tls else (None, None)
        self._host = Host(url.host, url.port)
        self._turn = asyncio.Semaphore(at_once)
        self._kept = Kept(rest_s)

    async def post(
        self, headers: Mapping[str, str], body: bytes, *, limit_bytes: int, within_s: float
    ) -> Reply:
        """Send it, and wait for the answer, whose body is cut a little beyond the limit.

        A server may close a connection that it kept just when it is asked over it: then it is
        asked once more, over a new one. The time is counted from when a connection stands.

        Raises:
            OSError: nobody there, no TLS, no answer in time. Changed: another certificate.
            NotHttp, Cut: no whole answer. ValueError: a line break in a header, or closed.
        """
        url = self._url
        request = reply.request("POST", url.target, url.authority, headers, body)
        async with self._turn:
            if self._kept.is_closed:
                raise ValueError("its connections were closed")
            line = self._kept.take()
            if line is not None:
                try:
                    return await self._asked(line, request, limit_bytes, within_s)
                except Cut as cut:
                    if not cut.is_silent:
                        raise
            line = await self._host.connected(self._context, self._pin)
            return await self._asked(line, request, limit_bytes, within_s)

    def close(self) -> None:
        """Hang up; what is under way ends, and is not kept."""
        self._kept.close()

    async def _asked(self, line: Line, request: bytes, limit_bytes: int, within_s: float) -> Reply:
        reading = Reading(limit_bytes, cuts=True, head_limit_bytes=HEAD_LIMIT_BYTES)
        answer = await line.ask(request, reading, within_s)
        self._kept.give(line)
        return answer
