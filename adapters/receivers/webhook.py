"""The webhook: one signed CloudEvent per POST, sent byte-identical in every attempt."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from adapters.http.client import Client
from adapters.http.line import Changed, any_certificate
from adapters.http.reply import Cut
from adapters.http.url import Url
from adapters.notice import Notice
from adapters.receivers import answer
from adapters.receivers.contract import Misconfigured, Outcome, Reason, TryAgain

PATIENCE: Final = timedelta(seconds=5)
CONNECTIONS: Final = 64
KEEP_ALIVE_S: Final = 75.0

_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the mark before a secret, not one
_CONTENT_TYPE: Final = "application/cloudevents+json"
_PIN: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """How to reach one receiver, and how both sides know each other.

    `secrets` are the decoded keys, all of which sign. `pin` is the SHA-256 fingerprint of the
    receiver's certificate in hex (colons allowed): alone it stands for a CA, beside `ca_file`
    both must hold. `echo = False` takes any 2xx for acceptance.
    """

    name: str
    url: str
    secrets: tuple[bytes, ...] = field(repr=False)
    backup_url: str | None = None
    ca_file: Path | None = None
    pin: str | None = None
    echo: bool = True
    authority: bool = False


def read_secrets(receiver: str, text: str) -> tuple[bytes, ...]:
    """Decode a secret file: one `whsec_` and base64 per line, empty lines ignored.

    Raises:
        Misconfigured: no secret in it, or a line that is none (its number is told, not its text).
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    secrets = tuple(_secret(receiver, number, line) for number, line in lines if line)
    if not secrets:
        raise Misconfigured(receiver, "its secret file is empty")
    return secrets


def sign(secrets: tuple[bytes, ...], *, notice_id: str, timestamp: int, body: bytes) -> str:
    """Make the `webhook-signature` header, one signature per secret.

    Source: Standard Webhooks 1.0, "Signature scheme".
    """
    content = f"{notice_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(secret, content, hashlib.sha256) for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


class Webhook:
    """One receiver's forwarder: at most 64 kept connections to its url, and as many to its backup.

    Raises:
        Misconfigured: a URL or pin that cannot be one, or no secret.
        OSError: a CA file that cannot be read.
    """

    def __init__(
        self,
        settings: WebhookSettings,
        *,
        patience: timedelta = PATIENCE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not settings.secrets:
            raise Misconfigured(settings.name, "it has no secret to sign with")
        self._settings = settings
        self._patience_s = patience.total_seconds()
        self._now = now
        pin = _fingerprint(settings.name, settings.pin)
        urls = [_url(settings.name, one) for one in (settings.url, settings.backup_url) if one]
        trusted = _trusted(settings) if settings.ca_file or any(url.tls for url in urls) else None
        clients = [
            Client(url, context=trusted, pin=pin, at_once=CONNECTIONS, rest_s=KEEP_ALIVE_S)
            for url in urls
        ]
        self._client, self._backup = clients[0], clients[-1]

    async def send(self, notice: Notice, *, backup: bool = False) -> Outcome:
        """Try once, answering within the patience; raises nothing but CancelledError."""
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._post(self._backup if backup else self._client, notice)
        except TimeoutError:
            detail = f"no answer within {self._patience_s:g} s"
            return TryAgain(reason=Reason.TIMEOUT, detail=detail)
        except Exception as error:  # noqa: BLE001 - the promise of `send`; all of it is shown
            return TryAgain(reason=_reason(error), detail=_told(error))

    async def close(self) -> None:
        """Let go of every connection."""
        self._client.close()
        self._backup.close()
        await asyncio.sleep(0)  # in the next turn of the loop their sockets are closed

    async def _post(self, client: Client, notice: Notice) -> Outcome:
        reply = await client.post(
            self._headers(notice),
            notice.body,
            limit_bytes=answer.BODY_LIMIT_BYTES,
            within_s=self._patience_s,
        )
        return answer.read(
            reply.status,
            reply.body,
            notice_id=notice.id,
            echo=self._settings.echo,
            after=answer.retry_after(reply.headers.get("retry-after"), self._now()),
        )

    def _headers(self, notice: Notice) -> dict[str, str]:
        timestamp = int(self._now().timestamp())
        secrets = self._settings.secrets
        return {
            "Content-Type": _CONTENT_TYPE,
            "User-Agent": "Dabyl",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": notice.id,
            "webhook-id": notice.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(
                secrets, notice_id=notice.id, timestamp=timestamp, body=notice.body
            ),
        }


def _secret(receiver: str, number: int, line: str) -> bytes:
    try:
        secret = base64.b64decode(line.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        secret = b""
    if not secret or not line.startswith(_SECRET_PREFIX):
        why = f"line {number} of its secret file is not {_SECRET_PREFIX} and base64"
        raise Misconfigured(receiver, why)
    return secret


def _url(receiver: str, text: str) -> Url:
    try:
        url = Url.read(text)
    except ValueError as error:
        raise Misconfigured(receiver, f"its url: {error}") from None
    if "@" in urlsplit(text).netloc:
        raise Misconfigured(receiver, "a url holds no password; the secret signs")
    return url


def _trusted(settings: WebhookSettings) -> ssl.SSLContext:
    """Whom TLS lets in: a pin alone stands for a CA, beside a CA file both must hold."""
    is_pin_alone = settings.pin is not None and settings.ca_file is None
    context = (
        any_certificate() if is_pin_alone else ssl.create_default_context(cafile=settings.ca_file)
    )
    context.set_alpn_protocols(["http/1.1"])
    return context


def _fingerprint(receiver: str, pin: str | None) -> bytes | None:
    if pin is None:
        return None
    digest = pin.lower().replace(":", "").removeprefix("sha256")
    if not _PIN.fullmatch(digest):
        raise Misconfigured(receiver, "a pin is 64 hex digits, the SHA-256 of a certificate")
    return bytes.fromhex(digest)


def _reason(error: Exception) -> Reason:
    because = error.because if isinstance(error, Cut) else error
    return Reason.TLS if isinstance(because, Changed | ssl.SSLError) else Reason.UNREACHABLE


def _told(error: Exception) -> str:
    return answer.printable(f"{type(error).__name__}: {error}")
