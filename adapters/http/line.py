"""One connection: asks, and waits for the answer; used again while both sides keep it."""

import asyncio
import hashlib
import socket
import ssl
from typing import cast

from adapters.http.reply import Cut, NotHttp, Reading, Reply, TooLarge


class Changed(Exception):
    """It shows another certificate than the one that was learnt."""


class Line(asyncio.Protocol):
    """A connection; at most one question at a time."""

    __slots__ = (
        *("_answer", "_due_s", "_is_new", "_loop", "_reading", "_timer", "_transport"),
        *("is_open", "was_used"),
    )

    def __init__(self) -> None:
        self.is_open = False
        """Whether it may be asked again."""
        self.was_used = False
        """Whether the question at hand is not its first."""
        self._is_new = True
        self._transport: asyncio.Transport | None = None
        self._reading: Reading | None = None
        self._answer: asyncio.Future[Reply] | None = None
        self._loop = asyncio.get_running_loop()
        self._due_s = 0.0
        """When it gives up: waiting for an answer, or for another question."""
        self._timer: asyncio.TimerHandle | None = None

    def fingerprint(self) -> bytes:
        """The SHA-256 of the certificate that it shows; empty without TLS."""
        tls = self._transport.get_extra_info("ssl_object") if self._transport else None
        shown = tls.getpeercert(binary_form=True) if tls else None
        return hashlib.sha256(shown).digest() if shown else b""

    async def ask(self, request: bytes, reading: Reading, within_s: float) -> Reply:
        """Send a request and wait for its answer, which that reads.

        Raises:
            NotHttp, TooLarge, Cut, TimeoutError: there is none.
        """
        transport = self._transport
        if transport is None or not self.is_open:
            raise Cut(is_silent=True)
        self.was_used, self._is_new = not self._is_new, False
        self._reading = reading
        self._answer = self._loop.create_future()
        self._give_up_in(within_s)
        transport.write(request)
        try:
            return await self._answer
        except BaseException:
            self.close()
            raise
        finally:
            self._reading = self._answer = None  # it may stand for hours: it keeps no answer

    def rest(self, for_s: float) -> None:
        """Nobody asks for now; after so long it hangs up."""
        self._give_up_in(for_s)

    def close(self) -> None:
        """Hang up at once."""
        self._forget()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport, self.is_open = cast("asyncio.Transport", transport), True

    def data_received(self, data: bytes) -> None:
        """Something came; where nothing was asked, nobody can know what it is."""
        if self._reading is None or self._answer is None or self._answer.done():
            self.close()
            return
        try:
            reply = self._reading.feed(data)
        except (NotHttp, TooLarge) as error:
            self._answer.set_exception(error)
            return
        if reply is not None:
            self.is_open = reply.keeps_open
            self._answer.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """It hung up, or we did."""
        self._forget()
        if self._reading is None or self._answer is None or self._answer.done():
            return
        if exc is not None:
            cut = Cut(is_silent=not self._reading.has_begun, because=exc)
            self._answer.set_exception(cut)
            return
        try:
            self._answer.set_result(self._reading.end())
        except Cut as cut:
            self._answer.set_exception(cut)

    def _give_up_in(self, within_s: float) -> None:
        """The timer that runs is kept unless it would ring too late: most pulls set none."""
        self._due_s = self._loop.time() + within_s
        if self._timer is not None:
            if self._timer.when() <= self._due_s:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(self._due_s, self._rings)

    def _rings(self) -> None:
        self._timer = None
        if self._loop.time() < self._due_s:
            self._timer = self._loop.call_at(self._due_s, self._rings)
        elif self._answer is not None and not self._answer.done():
            self._answer.set_exception(TimeoutError())
        else:
            self.close()

    def _forget(self) -> None:
        self.is_open = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def connected(
    host: str, port: int, context: ssl.SSLContext | None, pin: bytes | None
) -> Line:
    """A new connection, to whoever has that certificate if one is given (its SHA-256).

    Raises:
        Changed: another is shown. OSError: nobody there, no TLS.
    """
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(Line, host, port, ssl=context)
    return _trusted(line, pin)


async def over(
    sock: socket.socket, host: str, context: ssl.SSLContext | None, pin: bytes | None
) -> Line:
    """The same over a socket that is connected to that host already; TLS asks for its name."""
    loop = asyncio.get_running_loop()
    name = host if context else None
    _, line = await loop.create_connection(Line, sock=sock, ssl=context, server_hostname=name)
    return _trusted(line, pin)


def any_certificate() -> ssl.SSLContext:
    """Lets everybody in: for whoever compares the certificate once the connection stands."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _trusted(line: Line, pin: bytes | None) -> Line:
    if pin is not None and line.fingerprint() != pin:
        line.close()
        raise Changed("it shows another certificate than the one that was pinned")
    return line
