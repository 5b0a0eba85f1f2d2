"""Whether a request keeps the contract: its headers, its size, its signature, its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

import msgspec

from simulators.operations_centre import shape, signature
from simulators.operations_centre.records import Verdict

BODY_LIMIT_BYTES: Final = 65_536
CONTENT_TYPE: Final = "application/cloudevents+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why the centre will not take a request, and the status that says so."""

    status: HTTPStatus
    verdict: Verdict
    says: tuple[str, ...]


def judge(
    headers: Mapping[str, str], body: bytes, *, secrets: tuple[bytes, ...], now: datetime
) -> Fault | dict[str, object]:
    """Find the first reason to refuse a request, or the event in it."""
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != CONTENT_TYPE:
        says = f"Content-Type is not {CONTENT_TYPE}"
        return _fault(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Verdict.REFUSED, says)
    if len(body) > BODY_LIMIT_BYTES:
        says = f"the body is longer than {BODY_LIMIT_BYTES} bytes"
        return _fault(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Verdict.REFUSED, says)
    unsigned = signature.fault(headers, body, secrets=secrets, now=now)
    if unsigned is not None:
        return _fault(HTTPStatus.UNAUTHORIZED, Verdict.UNSIGNED, unsigned)
    return _read(headers, body)


def _read(headers: Mapping[str, str], body: bytes) -> Fault | dict[str, object]:
    try:
        event = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _fault(HTTPStatus.BAD_REQUEST, Verdict.MALFORMED, "the body is not JSON")
    if found := shape.faults(event):
        return _fault(HTTPStatus.UNPROCESSABLE_ENTITY, Verdict.MALFORMED, *found)
    kept: dict[str, object] = event
    if not kept["id"] == headers.get("Idempotency-Key") == headers.get("webhook-id"):
        says = "id, Idempotency-Key and webhook-id are not the same"
        return _fault(HTTPStatus.BAD_REQUEST, Verdict.MALFORMED, says)
    return kept


def _fault(status: HTTPStatus, verdict: Verdict, *says: str) -> Fault:
    return Fault(status=status, verdict=verdict, says=says)
