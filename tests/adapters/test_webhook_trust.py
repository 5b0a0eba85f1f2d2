"""Whom the webhook trusts, and what it is trusted by: TLS, pins, secrets, settings."""

import hashlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.receivers import catalog, webhook
from adapters.receivers.contract import Accepted, Misconfigured, Reason
from tests.adapters import webhooks
from tests.adapters.webhooks import Open, notice, reason
from tests.harness.certificates import Authority
from tests.simulators.centre import SECRET, started


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    async with webhooks.opening() as opener:
        yield opener


async def tls_centre(folder: Path) -> tuple[Authority, str, Any]:
    """An authority, the fingerprint of a certificate it signed, and a centre that shows it."""
    authority = Authority(folder / "ca", "ca")
    certificate, key = authority.sign("centre")
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    pin = hashlib.sha256(der).hexdigest()
    return authority, pin, started(folder, cert_file=certificate, key_file=key)


@pytest.mark.parametrize(
    ("ca", "pin", "wanted"),
    [
        ("ours", None, None),
        (None, "right", None),
        ("ours", "right", None),
        (None, None, Reason.TLS),
        ("other", None, Reason.TLS),
        (None, "wrong", Reason.TLS),
        ("ours", "wrong", Reason.TLS),
        ("other", "right", Reason.TLS),
    ],
)
async def test_webhook_trusts_only_the_authority_and_the_pin_it_was_given(
    tmp_path: Path, opened: Open, ca: str | None, pin: str | None, wanted: Reason | None
) -> None:
    authority, fingerprint, centre_of = await tls_centre(tmp_path)
    files = {"ours": authority, "other": Authority(tmp_path / "other", "other")}
    pins = {"right": fingerprint.upper(), "wrong": "0" * 64}
    async with centre_of as centre:
        forwarder = opened(
            centre.alarms_url,
            ca_file=files[ca].certificate if ca else None,
            pin=pins[pin] if pin else None,
        )
        outcome = await forwarder.send(notice())
        assert (reason(outcome) if wanted else None) is wanted
        assert isinstance(outcome, Accepted) is (wanted is None)
        assert len(await centre.recorded()) == (wanted is None)


async def test_webhook_fails_by_tls_when_the_centre_speaks_none(
    tmp_path: Path, opened: Open
) -> None:
    async with started(tmp_path) as centre:
        url = centre.alarms_url.replace("http:", "https:")
        assert reason(await opened(url).send(notice())) is Reason.TLS


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "ftp://centre/"},
        {"url": "http:///"},
        {"url": "http://a:b@c/"},
        {"url": "http://centre:70000/"},
        {"url": "https://centre..police.kz/"},
        {"backup_url": "centre"},
        {"pin": "12"},
        {"secrets": ()},
    ],
)
def test_webhook_refuses_to_start_when_its_settings_make_no_sense(
    settings: dict[str, Any],
) -> None:
    base: dict[str, Any] = {"name": "centre", "url": "http://centre/", "secrets": (SECRET,)}
    with pytest.raises(Misconfigured, match="receiver centre: "):
        catalog.FORWARDERS["webhook"](webhook.WebhookSettings(**base | settings))


def test_webhook_reads_every_secret_when_there_are_two() -> None:
    text = "whsec_b25l\n\n whsec_dHdv \r\n"
    assert webhook.read_secrets("centre", text) == (b"one", b"two")


@pytest.mark.parametrize("text", ["", "\n", "b25l", "whsec_", "whsec_b25l\nwhsec_%"])
def test_webhook_refuses_a_secret_file_when_a_line_is_no_secret(text: str) -> None:
    with pytest.raises(Misconfigured) as told:
        webhook.read_secrets("centre", text)
    assert "b25l" not in str(told.value)


def test_webhook_hides_its_secrets_when_printed() -> None:
    settings = webhook.WebhookSettings(name="c", url="http://c/", secrets=(b"hidden",))
    assert "hidden" not in repr(settings)


def test_webhook_signs_as_the_specification_shows() -> None:
    secrets = webhook.read_secrets("centre", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = webhook.sign(
        secrets,
        notice_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
