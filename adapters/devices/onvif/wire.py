"""The wire to all cameras: their connections, and limits on everything that comes over them.

A camera's answer goes no further than this: at most so many bytes, in so much time, from the very
host that was asked. No redirect is followed, no proxy asked, no cookie kept, nothing inflated.
Why not aiohttp's client: ADR 0091.
"""

import asyncio
import ssl
import time
from asyncio import sslproto
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from msgspec import Struct

from adapters.devices.onvif import address
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason, ended
from adapters.devices.onvif.logins import Logins
from adapters.devices.onvif.settings import CameraSettings
from adapters.http import reply
from adapters.http.kept import Kept
from adapters.http.line import Changed, Line, any_certificate, connected
from adapters.http.reply import Cut, NotHttp, Reading, Reply, TooLarge

CONNECT_S: Final = 10.0
KEEP_ALIVE_S: Final = 30.0
PER_CAMERA: Final = 2
"""One connection for the open pull, one for everything else."""
STILLS_AT_ONCE: Final = 50
TLS_BUFFER_BYTES: Final = 32 * 1024
RACE_S: Final = 1.0
"""Hung up so soon after a call, the camera had closed the connection that we still kept."""
_SAID_LIMIT: Final = 200
_SHA_256_BYTES: Final = 32


class Ask(Struct, frozen=True, kw_only=True):
    """One request, and what its reply may cost."""

    method: Literal["GET", "POST"]
    url: str
    """On the camera's own host (address.py sees to it)."""
    headers: Mapping[str, str]
    body: bytes = b""
    within_s: float
    """From when the connection stands."""
    limit_bytes: int
    may_repeat: bool = True
    """Whether it may be sent twice, where the camera had closed a kept connection."""


@dataclass(slots=True)
class _Lines:
    """The connections of one camera."""

    place: tuple[str, int, bool, str | None]
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PER_CAMERA))
    kept: Kept = field(default_factory=lambda: Kept(KEEP_ALIVE_S))


class Wire:
    """Made once by the process and closed once; needs a running loop."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        # asyncio gives every TLS connection a read buffer of 256 KiB, which is most of what a
        # camera costs. There is no public way to ask for less.
        sslproto.SSLProtocol.max_size = TLS_BUFFER_BYTES
        self.now, self.monotonic = now, monotonic
        self._tls = any_certificate()  # cameras sign their own; a pin is asked once a line stands
        self._lines: dict[str, _Lines] = {}
        self._stills = asyncio.Semaphore(STILLS_AT_ONCE)
        self._logins: dict[tuple[str, str], Logins] = {}
        self.aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="onvif-aside")
        """One thread for what would hold up the loop; more would each keep a heap of their own."""

    def logins(self, device: str) -> Logins:
        """The failed logins of a camera, which outlive its links."""
        return self._logins.setdefault((device, "calls"), Logins())

    def still_logins(self, device: str) -> Logins:
        """The failed logins of its stills: where these have users of their own, events go on."""
        return self._logins.setdefault((device, "stills"), Logins())

    def forget(self, device: str) -> None:
        """A camera is gone, or a person gave it another login."""
        self._logins.pop((device, "calls"), None)
        self._logins.pop((device, "stills"), None)
        lines = self._lines.pop(device, None)
        if lines is not None:
            lines.kept.close()

    async def call(self, settings: CameraSettings, ask: Ask) -> Reply:
        """Send a call over a kept connection, or a new one where the camera had closed that.

        Raises:
            CameraLost, CameraRefused: with the reason, where no whole reply came back.
        """
        lines = self._lines_to(settings)
        try:
            if lines.turn.locked():
                async with asyncio.timeout(ask.within_s):
                    await lines.turn.acquire()
            else:
                await lines.turn.acquire()
            try:
                return await self._exchange(lines, settings, ask)
            finally:
                lines.turn.release()
        except _FAILURES as error:
            raise _ended(settings, ask, error) from None

    async def still(self, settings: CameraSettings, ask: Ask) -> Reply:
        """Ask for a picture, beside the calls and never in their way.

        Raises:
            CameraLost, CameraRefused: with the reason, where no whole reply came back.
        """
        try:
            async with asyncio.timeout(ask.within_s), self._stills:
                line = await self._connected(settings)
                try:
                    return await line.ask(
                        _bytes(settings, ask), Reading(ask.limit_bytes), ask.within_s
                    )
                finally:
                    line.close()
        except _FAILURES as error:
            raise _ended(settings, ask, error) from None

    async def close(self) -> None:
        """Hang up on every camera."""
        self.aside.shutdown(wait=False, cancel_futures=True)
        for lines in self._lines.values():
            lines.kept.close()
        await asyncio.sleep(0)  # in the next turn of the loop their sockets are closed

    async def _exchange(self, lines: _Lines, settings: CameraSettings, ask: Ask) -> Reply:
        request = _bytes(settings, ask)
        begun = self.monotonic()
        line = lines.kept.take() or await self._connected(settings)
        try:
            answer = await line.ask(request, Reading(ask.limit_bytes), ask.within_s)
        except Cut as cut:
            is_race = cut.is_silent and line.was_used and self.monotonic() - begun <= RACE_S
            if not (is_race and ask.may_repeat):
                raise
            line = await self._connected(settings)
            answer = await line.ask(request, Reading(ask.limit_bytes), ask.within_s)
        lines.kept.give(line)
        return answer

    async def _connected(self, settings: CameraSettings) -> Line:
        pin = _pin(settings)
        context = self._tls if settings.tls else None
        try:
            async with asyncio.timeout(CONNECT_S):
                return await connected(settings.host, settings.port, context, pin)
        except TimeoutError:
            raise _NoWay from None

    def _lines_to(self, settings: CameraSettings) -> _Lines:
        place = (settings.host, settings.port, settings.tls, settings.pin)
        lines = self._lines.get(settings.device)
        if lines is not None and lines.place != place:  # it hangs elsewhere now
            lines.kept.close()
            lines = None
        if lines is None:
            lines = self._lines[settings.device] = _Lines(place)
        return lines


async def certificate(host: str, port: int, *, within_s: float = CONNECT_S) -> str:
    """The SHA-256 fingerprint of a camera's certificate, in hex, before anything is said to it.

    Raises:
        OSError: nobody there, no TLS, or not within the time.
    """
    async with asyncio.timeout(within_s):
        line = await connected(host, port, any_certificate(), None)
    shown = line.fingerprint().hex()
    line.close()
    return shown


class _NoWay(Exception):
    """No connection came about."""


_FAILURES: Final = (_NoWay, Changed, NotHttp, TooLarge, Cut, OSError, ValueError)
"""TimeoutError is an OSError; a host that is no name is a ValueError."""

_REASONS: Final[tuple[tuple[type[Exception], Reason], ...]] = (
    (_NoWay, Reason.UNREACHABLE),
    (Changed, Reason.CHANGED),
    (NotHttp, Reason.NOT_SOAP),
    (TooLarge, Reason.TOO_LARGE),
    (Cut, Reason.RESET),
    (ssl.SSLError, Reason.TLS),
    (TimeoutError, Reason.TIMED_OUT),
    (ConnectionRefusedError, Reason.REFUSED),
    (ConnectionError, Reason.RESET),
)
"""The first that fits; of what fits none there is no way there."""


def _ended(settings: CameraSettings, ask: Ask, error: Exception) -> CameraLost | CameraRefused:
    reason = next((one for kind, one in _REASONS if isinstance(error, kind)), Reason.UNREACHABLE)
    match reason:
        case Reason.TIMED_OUT:
            why = f"no whole answer within {ask.within_s:g} s"
        case Reason.TOO_LARGE:
            why = f"its reply is longer than {ask.limit_bytes} bytes"
        case Reason.CHANGED:
            why = "it shows another certificate than the one that was learnt"
        case _:
            why = f"no connection within {CONNECT_S:g} s" if type(error) is _NoWay else str(error)
    said = " ".join((why or type(error).__name__).split())
    said = "".join(sign for sign in said if sign.isprintable())[:_SAID_LIMIT]
    return ended(settings.device, reason, said)


def _bytes(settings: CameraSettings, ask: Ask) -> bytes:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    headers = {"User-Agent": "Dabyl", "Accept": "*/*", **ask.headers}
    target = address.target(ask.url)
    return reply.request(ask.method, target, f"{host}:{settings.port}", headers, ask.body)


def _pin(settings: CameraSettings) -> bytes | None:
    """The certificate that is let in; None where none was learnt yet."""
    if not settings.tls or settings.pin is None:
        return None
    try:
        pin = bytes.fromhex(settings.pin.replace(":", ""))
    except ValueError:
        pin = b""
    if len(pin) != _SHA_256_BYTES:
        why = "its pin is no SHA-256 fingerprint in hex: learn it again"
        raise ended(settings.device, Reason.CHANGED, why)
    return pin
