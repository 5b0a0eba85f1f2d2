"""Checks of certificates: until when each is good, ours on the disk and theirs on the line."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Settings

SOON = timedelta(days=30)
"""A new one must be asked for, made, carried to each host and tried."""


def all_of(settings: Settings) -> Iterator[Finding]:
    """Each file of certificates that the settings name."""
    named = [("http: cert_file", settings.http.cert_file)]
    for broker in settings.broker:
        named += [
            (f"broker {broker.label}: ca_file", broker.ca_file),
            (f"broker {broker.label}: cert_file", broker.cert_file),
        ]
    named += [(f"receiver {one.name}: ca_file", one.ca_file) for one in settings.receiver]
    for what, path in named:
        if path is not None:
            yield _in_file(f"certificate {what}", path)


def on_the_line(what: str, der: bytes | None) -> Iterator[Finding]:
    """The one that somebody showed us, who is trusted."""
    if der is not None:
        yield until(f"certificate {what}", [x509.load_der_x509_certificate(der)])


def until(what: str, found: list[x509.Certificate]) -> Finding:
    """Until when all of them are good."""
    now = datetime.now(UTC)
    ends = min(one.not_valid_after_utc for one in found)
    begins = max(one.not_valid_before_utc for one in found)
    if ends < now:
        return wrong(what, f"ended on {ends:%Y-%m-%d}: nobody takes it; make a new one")
    if begins > now:
        return wrong(what, f"begins only on {begins:%Y-%m-%d %H:%M} UTC: is the clock right?")
    if ends - now < SOON:
        return weak(what, f"ends on {ends:%Y-%m-%d}, in {(ends - now).days} days: renew it now")
    return ok(what, f"good until {ends:%Y-%m-%d}")


def _in_file(what: str, path: Path) -> Finding:
    try:
        return until(what, x509.load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        return wrong(what, f"{path}: {error.strerror}")
    except ValueError:
        return wrong(what, f"{path} holds no certificate (PEM)")
