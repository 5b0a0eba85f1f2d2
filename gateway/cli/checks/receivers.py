"""Checks of the receivers: reachable, trusted, not moved elsewhere, and awake at the same time."""

import asyncio
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from adapters.receivers import webhook
from adapters.receivers.contract import Misconfigured
from gateway.cli.checks import certificates
from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Receiver, Settings

PATIENCE_S = 5.0
CLOCK_OFF = timedelta(seconds=30)
"""Signatures are refused five minutes off; an HTTP date is in whole seconds, and may be stale."""
_REDIRECTS = range(300, 400)
_GONE = (404, 410)
_DENIED = (401, 403)


def all_of(settings: Settings) -> Iterator[Finding]:
    """Every receiver, at its address and at its backup's."""
    for receiver in settings.receiver:
        what = f"receiver {receiver.name}"
        try:
            text = receiver.secret_file.read_text(encoding="utf-8")
            _pass_muster(receiver, text)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            yield wrong(what, f"secret_file {receiver.secret_file}: {reason}")
            continue
        except Misconfigured as error:
            yield wrong(what, error.why)
            continue
        yield from asyncio.run(_reached(receiver, what))
        if not receiver.echo:
            yield weak(what, "echo = false: any 2xx, even a proxy's page, counts as delivered")


def _pass_muster(receiver: Receiver, text: str) -> None:
    """Raise Misconfigured for what the forwarder itself would refuse at the start."""
    webhook.Webhook(
        webhook.WebhookSettings(
            name=receiver.name,
            url=receiver.url,
            secrets=webhook.read_secrets(receiver.name, text),
            backup_url=receiver.backup_url,
            ca_file=receiver.ca_file,
            pin=receiver.pin,
        )
    )


async def _reached(receiver: Receiver, what: str) -> list[Finding]:
    addresses = [(what, receiver.url)]
    if receiver.backup_url is not None:
        addresses.append((f"{what} (backup)", receiver.backup_url))
    return [found for name, url in addresses for found in await _asked(receiver, name, url)]


async def _asked(receiver: Receiver, what: str, url: str) -> list[Finding]:
    """A GET, which no receiver takes for an alarm, with the trust of a real delivery."""
    try:
        context = ssl.create_default_context(cafile=receiver.ca_file) if receiver.ca_file else None
        pin = _fingerprint(receiver.pin)
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=pin or True),
                timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
            ) as session,
            session.get(url, allow_redirects=False, ssl=context or pin or True) as answer,
        ):
            status, date = answer.status, answer.headers.get("Date")
            shown = _shown(answer)
    except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as error:
        return [wrong(what, f"{url}: its certificate is not trusted ({error}); see ca_file, pin")]
    except TimeoutError:
        return [wrong(what, f"{url}: no answer within {PATIENCE_S:.0f} s")]
    except aiohttp.ClientConnectorError as error:
        return [
            wrong(what, f"{url} does not answer ({_reason(error)}); does it run, is url right?")
        ]
    except (aiohttp.ClientError, OSError) as error:
        return [wrong(what, f"{url}: {error}")]
    return [
        _judged(what, url, status),
        *certificates.on_the_line(what, shown),
        *_clock(what, date),
    ]


def _reason(error: aiohttp.ClientConnectorError) -> str:
    """Why there is no line, as the system says it, without the numbers around it."""
    number = error.os_error.errno
    return os.strerror(number) if number and number > 0 else error.os_error.strerror or str(error)


def _shown(answer: aiohttp.ClientResponse) -> bytes | None:
    """The certificate that the receiver showed, while the line stands."""
    line = answer.connection.transport if answer.connection is not None else None
    sealed = line.get_extra_info("ssl_object") if line is not None else None
    return None if sealed is None else sealed.getpeercert(binary_form=True)


def _judged(what: str, url: str, status: int) -> Finding:
    if status in _REDIRECTS:
        return wrong(what, f"{url} sends elsewhere (HTTP {status}), which is never followed")
    if status in _GONE:
        return weak(what, f"{url} answers, but HTTP {status}: see that the path is right")
    if status in _DENIED:
        return weak(what, f"{url} answers, but HTTP {status}: it may refuse alarms too")
    if status >= 500:  # noqa: PLR2004 - server errors
        return wrong(what, f"{url} answers HTTP {status}: the receiver is ill")
    return ok(what, f"{url} answers (HTTP {status} to a question that is no alarm)")


def _clock(what: str, date: str | None) -> Iterator[Finding]:
    if date is None:
        return
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return
    off = abs(datetime.now(UTC) - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)))
    if off > CLOCK_OFF:
        seconds = f"{off.total_seconds():.0f}"
        yield wrong(f"{what} clock", f"{seconds} s apart from ours: it will refuse our signatures")


def _fingerprint(pin: str | None) -> aiohttp.Fingerprint | None:
    if pin is None:
        return None
    return aiohttp.Fingerprint(bytes.fromhex(pin.lower().replace(":", "").removeprefix("sha256")))
