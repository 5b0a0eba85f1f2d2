"""The wire to all cameras: one session, one pool of connections, and limits on everything.

A camera's answer goes no further than this: at most so many bytes, in so much time, from the very
host that was asked. No redirect is followed, no proxy asked, no cookie kept, nothing inflated.
"""

import asyncio
import hashlib
import ssl
import time
from asyncio import sslproto
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

import aiohttp
from yarl import URL

from adapters.devices.onvif.fault import CameraLost, Reason, ended
from adapters.devices.onvif.logins import Logins
from adapters.devices.onvif.settings import CameraSettings

CONNECT_S: Final = 10.0
KEEP_ALIVE_S: Final = 30.0
PER_HOST: Final = 2
"""One for the open pull, one for everything else."""
STILLS_AT_ONCE: Final = 50
TLS_BUFFER_BYTES: Final = 32 * 1024
RACE_S: Final = 1.0
"""Hung up so soon after a call, the camera had closed the connection that we still kept."""
_SAID_LIMIT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, whatever it is."""

    status: int
    headers: Mapping[str, str]
    challenges: tuple[str, ...]
    """Its `WWW-Authenticate` headers."""
    body: bytes
    is_second: bool = False
    """Whether the call was sent twice, because the camera had closed the kept connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request, and what its reply may cost."""

    method: Literal["GET", "POST"]
    url: str
    """On the camera's own host (address.py sees to it)."""
    headers: Mapping[str, str]
    body: bytes | None = None
    within_s: float
    limit_bytes: int


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
        self._calls = _session(limit=0, limit_per_host=PER_HOST, keepalive_timeout=KEEP_ALIVE_S)
        self._stills = _session(limit=STILLS_AT_ONCE, force_close=True)
        self._pins: dict[str, tuple[str, aiohttp.Fingerprint]] = {}
        self._logins: dict[tuple[str, str], Logins] = {}

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
        self._pins.pop(device, None)

    async def call(self, settings: CameraSettings, ask: Ask) -> Reply:
        """Send a call; once more where the camera had closed the connection kept from before.

        Raises:
            CameraLost, CameraRefused: with the reason, where no whole reply came back.
        """
        begun = self.monotonic()
        try:
            return await self._exchange(self._calls, settings, ask)
        except CameraLost as lost:
            if lost.reason is not Reason.RESET or self.monotonic() - begun > RACE_S:
                raise
        reply = await self._exchange(self._calls, settings, ask)
        return replace(reply, is_second=True)

    async def still(self, settings: CameraSettings, ask: Ask) -> Reply:
        """Ask for a picture, beside the calls and never in their way.

        Raises:
            CameraLost, CameraRefused: with the reason, where no whole reply came back.
        """
        return await self._exchange(self._stills, settings, ask)

    async def close(self) -> None:
        """Hang up on every camera."""
        await self._calls.close()
        await self._stills.close()

    async def _exchange(
        self, session: aiohttp.ClientSession, settings: CameraSettings, ask: Ask
    ) -> Reply:
        try:
            async with (
                asyncio.timeout(ask.within_s),
                session.request(
                    ask.method,
                    URL(ask.url, encoded=True),
                    data=ask.body,
                    headers=ask.headers,
                    allow_redirects=False,
                    ssl=self._trust(settings),
                ) as response,
            ):
                return await _reply(response, ask.limit_bytes)
        except _TooLarge:
            why = f"its reply is longer than {ask.limit_bytes} bytes"
            raise ended(settings.device, Reason.TOO_LARGE, why) from None
        except _FAILURES as error:
            reason = _reason(error)
            raise ended(settings.device, reason, _why(error, reason, ask)) from None

    def _trust(self, settings: CameraSettings) -> aiohttp.Fingerprint | bool:
        """The one certificate that is let in; any, where none was learnt yet."""
        if not settings.tls:
            return True
        if settings.pin is None:
            return False
        known, pin = self._pins.get(settings.device, ("", None))
        if pin is None or known != settings.pin:
            pin = _fingerprint(settings)
            self._pins[settings.device] = settings.pin, pin
        return pin


async def certificate(host: str, port: int, *, within_s: float = CONNECT_S) -> str:
    """The SHA-256 fingerprint of a camera's certificate, in hex, before anything is said to it.

    Raises:
        OSError, TimeoutError: nobody there, or no TLS.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    async with asyncio.timeout(within_s):
        _, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    return hashlib.sha256(shown or b"").hexdigest()


class _TooLarge(Exception):
    """More bytes than are read."""


_FAILURES: Final = (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError)
"""TimeoutError is an OSError; what a hostile header breaks in aiohttp is a ValueError."""

_REASONS: Final[tuple[tuple[type[BaseException], Reason], ...]] = (
    (aiohttp.ServerFingerprintMismatch, Reason.CHANGED),
    (aiohttp.ClientSSLError, Reason.TLS),
    (ssl.SSLError, Reason.TLS),
    (aiohttp.ConnectionTimeoutError, Reason.UNREACHABLE),
    (TimeoutError, Reason.TIMED_OUT),
    (aiohttp.ClientResponseError, Reason.NOT_SOAP),
    (aiohttp.ClientConnectorDNSError, Reason.UNREACHABLE),
    (aiohttp.ServerDisconnectedError, Reason.RESET),
    (aiohttp.ClientPayloadError, Reason.RESET),
    (ConnectionRefusedError, Reason.REFUSED),
    (ConnectionError, Reason.RESET),
    (OSError, Reason.UNREACHABLE),
    (aiohttp.ClientConnectionError, Reason.RESET),
)
"""The first that fits; rubbish instead of HTTP is what fits none."""


def _reason(error: BaseException) -> Reason:
    if isinstance(error, aiohttp.ClientConnectorError) and not isinstance(
        error, (aiohttp.ClientSSLError, aiohttp.ClientConnectorDNSError)
    ):
        error = error.os_error
    elif type(error) is aiohttp.ClientOSError:
        return Reason.RESET
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), Reason.NOT_SOAP)


def _why(error: BaseException, reason: Reason, ask: Ask) -> str:
    match reason:
        case Reason.TIMED_OUT:
            return f"no whole answer within {ask.within_s:g} s"
        case Reason.CHANGED:
            return "it shows another certificate than the one that was learnt"
        case Reason.RESET:
            return "it hung up before its answer was whole"
        case _:
            said = " ".join((str(error) or type(error).__name__).split())
            return "".join(sign for sign in said if sign.isprintable())[:_SAID_LIMIT]


async def _reply(response: aiohttp.ClientResponse, limit_bytes: int) -> Reply:
    try:
        body = await _bounded(response, limit_bytes)
    except _TooLarge:
        response.close()  # the rest may have no end
        raise
    return Reply(
        status=response.status,
        headers=response.headers,
        challenges=tuple(response.headers.getall("WWW-Authenticate", ())),
        body=body,
    )


async def _bounded(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    if (response.content_length or 0) > limit_bytes:
        raise _TooLarge
    parts, size_bytes = [], 0
    async for part in response.content.iter_any():
        size_bytes += len(part)
        if size_bytes > limit_bytes:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


def _session(**limits: Any) -> aiohttp.ClientSession:  # noqa: ANN401 - the connector's own words
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(**limits),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
        headers={"User-Agent": "Dabyl", "Accept-Encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
    )


def _fingerprint(settings: CameraSettings) -> aiohttp.Fingerprint:
    digest = (settings.pin or "").lower().replace(":", "")
    try:
        return aiohttp.Fingerprint(bytes.fromhex(digest))
    except ValueError:
        why = "its pin is no SHA-256 fingerprint in hex: learn it again"
        raise ended(settings.device, Reason.CHANGED, why) from None
