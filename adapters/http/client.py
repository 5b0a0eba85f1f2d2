"""One server, asked again and again over connections that are kept. Why our own: ADR 0113."""

import asyncio
import ssl
from collections.abc import Mapping

from adapters.http import reply
from adapters.http.host import Host, Url
from adapters.http.kept import Kept
from adapters.http.line import Line, over
from adapters.http.reply import Cut, Reply


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
        self._url = url
        self._context, self._pin = (context, pin) if url.tls else (None, None)
        self._host = Host(url.host, url.port)
        self._turn = asyncio.Semaphore(at_once)
        self._kept = Kept(rest_s)

    async def post(
        self, headers: Mapping[str, str], body: bytes, *, limit_bytes: int, within_s: float
    ) -> Reply:
        """Send it, and wait for the answer, whose body is cut once it is longer than the limit.

        A server may close a connection that it kept just when it is asked over it: then it is
        asked once more, over a new one. The time is counted from when a connection stands.

        Raises:
            OSError: nobody there, no TLS, no answer in time. Changed: another certificate.
            NotHttp, Cut: no whole answer. ValueError: a line break in a header, or closed.
        """
        if self._kept.is_closed:
            raise ValueError("its connections were closed")
        url = self._url
        request = reply.request("POST", url.target, url.authority, headers, body)
        async with self._turn:
            line = self._kept.take()
            if line is not None:
                try:
                    return await self._asked(line, request, limit_bytes, within_s)
                except Cut as cut:
                    if not cut.is_silent:
                        raise
            return await self._asked(await self._connected(), request, limit_bytes, within_s)

    def close(self) -> None:
        """Hang up."""
        self._kept.close()

    async def _asked(self, line: Line, request: bytes, limit_bytes: int, within_s: float) -> Reply:
        answer = await line.ask(request, limit_bytes, within_s, cuts=True)
        self._kept.give(line)
        return answer

    async def _connected(self) -> Line:
        return await over(await self._host.connected(), self._url.host, self._context, self._pin)
