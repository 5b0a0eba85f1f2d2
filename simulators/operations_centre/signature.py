"""The signature of a webhook, checked as the Standard Webhooks specification writes it."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

TOLERANCE: Final = timedelta(minutes=5)
_MARK: Final = "whsec_"


class BadSecretFile(ValueError):
    """The secret file holds nothing that could check a signature."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path}: line {line} is not {_MARK} and base64")


def read_secrets(path: Path) -> tuple[bytes, ...]:
    """Read one `whsec_…` per line.

    Raises:
        OSError: no such file.
        BadSecretFile: a line that is no secret, or no line at all.
    """
    secrets = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split() or [""], 1):
        try:
            secret = base64.b64decode(line.removeprefix(_MARK), validate=True)
        except binascii.Error as error:
            raise BadSecretFile(path, number) from error
        if not line.startswith(_MARK) or not secret:
            raise BadSecretFile(path, number)
        secrets.append(secret)
    return tuple(secrets)


def fault(
    headers: Mapping[str, str], body: bytes, *, secrets: tuple[bytes, ...], now: datetime
) -> str | None:
    """Say what is wrong with the signature, or None when one of the secrets made it.

    Source: Standard Webhooks 1.0, "Verifying webhook authenticity".
    """
    said_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not said_id or not timestamp or not headers.get("webhook-signature"):
        return "webhook-id, webhook-timestamp or webhook-signature is missing"
    if not (timestamp.isascii() and timestamp.isdecimal()):
        return "webhook-timestamp is not a number of seconds"
    if abs(now.timestamp() - int(timestamp[:12])) > TOLERANCE.total_seconds():
        return "webhook-timestamp is more than 5 minutes off"
    content = f"{said_id}.{timestamp}.".encode() + body
    wanted = [hmac.digest(secret, content, hashlib.sha256) for secret in secrets]
    given = [_digest(word) for word in headers["webhook-signature"].split(" ")]
    if any(hmac.compare_digest(one, other) for one in wanted for other in given):
        return None
    return "no signature of webhook-signature is ours"


def _digest(word: str) -> bytes:
    version, _, text = word.partition(",")
    try:
        return base64.b64decode(text, validate=True) if version == "v1" else b""
    except (binascii.Error, ValueError):
        return b""
