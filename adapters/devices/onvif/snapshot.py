"""Stills: one picture from one camera, and from nobody else.

Whatever host the camera names, its own is asked; no redirect is followed; the login goes along
only as a digest, or in the clear over a connection whose certificate was learnt. A picture is what
begins like one. A camera that refuses the login here does not cost its events theirs.
"""

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from adapters.devices.onvif import address
from adapters.devices.onvif.digest import Challenge, Digest
from adapters.devices.onvif.fault import Reason, ended
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.wire import Ask, Wire
from adapters.http.reply import Reply

LIMIT_BYTES: Final = 5 * 1024 * 1024
WITHIN_S: Final = 5.0
TRIES: Final = 3
"""Without a login, with it, and with a newer nonce."""

_KINDS: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One picture."""

    body: bytes
    content_type: str
    """`image/jpeg` or `image/png`, by its first bytes."""
    fetched_at: datetime
    """When its last byte came."""
    sha256: str
    """Of the body, in hex."""


async def fetch(wire: Wire, settings: CameraSettings, uri: str) -> Still:
    """Fetch the still at the address that the camera gave, within 5 s and 5 MiB.

    Raises:
        CameraLost, CameraRefused: with the reason.
    """
    if not uri.strip():
        raise ended(settings.device, Reason.NO_PICTURE, "it gives no address of a still")
    url = address.mended(uri, settings.base + "/")
    try:
        async with asyncio.timeout(WITHIN_S):
            reply = await _asked(wire, settings, url)
    except TimeoutError:
        why = f"no whole still within {WITHIN_S:g} s"
        raise ended(settings.device, Reason.TIMED_OUT, why) from None
    return _still(settings, reply, wire.now())


async def _asked(wire: Wire, settings: CameraSettings, url: str) -> Reply:
    authorization: str | None = None
    digest: Digest | None = None
    for _ in range(TRIES):
        headers = {"Connection": "close"}
        if authorization is not None:
            headers["Authorization"] = authorization
        reply = await wire.still(settings, _ask(url, headers))
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return reply
        challenge = Challenge.parse(*reply.challenges)
        if authorization is not None and not (challenge and challenge.stale):
            break
        if challenge is None:
            authorization = _basic(settings, reply, *_credentials(wire, settings))
        else:
            digest = digest or Digest(*_credentials(wire, settings))
            authorization = digest.answer("GET", address.target(url), challenge)
    wire.still_logins(settings.device).failed(wire.monotonic())
    why = "it refuses the user or the password for its still"
    raise ended(settings.device, Reason.CREDENTIALS, why)


def _ask(url: str, headers: dict[str, str]) -> Ask:
    return Ask(method="GET", url=url, headers=headers, within_s=WITHIN_S, limit_bytes=LIMIT_BYTES)


def _credentials(wire: Wire, settings: CameraSettings) -> tuple[str, str]:
    at = wire.monotonic()
    logins = wire.logins(settings.device), wire.still_logins(settings.device)
    if any(one.wait_s(at) for one in logins):
        why = "three logins failed; none is tried for a quarter of an hour"
        raise ended(settings.device, Reason.LOCKED, why)
    password = settings.password()
    if settings.username is None or password is None:
        why = "its still asks for a login, and none is known"
        raise ended(settings.device, Reason.CREDENTIALS, why)
    return settings.username, password


def _basic(settings: CameraSettings, reply: Reply, username: str, password: str) -> str:
    """The login in the clear, where nobody else can read it."""
    offers = any(one.lstrip()[:5].lower() == "basic" for one in reply.challenges)
    if not offers or not settings.tls or settings.pin is None:
        why = "its still wants the password in the clear, and gets it only over a pinned https"
        raise ended(settings.device, Reason.CREDENTIALS, why)
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _still(settings: CameraSettings, reply: Reply, at: datetime) -> Still:
    if reply.status != HTTPStatus.OK:
        raise ended(settings.device, _refusal(reply), f"HTTP {reply.status} instead of a still")
    kind = next((kind for mark, kind in _KINDS.items() if reply.body.startswith(mark)), None)
    if kind is None:
        why = f"{len(reply.body)} bytes that begin neither like a JPEG nor like a PNG"
        raise ended(settings.device, Reason.NO_PICTURE, why)
    digest = hashlib.sha256(reply.body).hexdigest()
    return Still(body=reply.body, content_type=kind, fetched_at=at, sha256=digest)


def _refusal(reply: Reply) -> Reason:
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        return Reason.FOREIGN
    return Reason.ROLE if reply.status == HTTPStatus.FORBIDDEN else Reason.NO_PICTURE
