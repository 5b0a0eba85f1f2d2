"""Problems: every error as application/problem+json.

Source: RFC 9457.
"""

from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from gateway import metrics
from gateway.domain.deed import Why
from gateway.domain.errors import (
    Alarmed,
    Claimed,
    Incomplete,
    NotYours,
    Refusal,
    Stale,
    StaysClosed,
    StepRefused,
    Unknown,
)
from gateway.store.database import BadData, StoreError
from gateway.web import refusals, shield

_REFUSED: dict[type[Refusal], int] = {
    Unknown: 404,
    Stale: 409,
    Claimed: 409,
    Alarmed: 409,
    StepRefused: 409,
    NotYours: 403,
    Incomplete: 422,
}
_TOLD = {
    Stale: ("version", "by"),
    Claimed: ("by", "seconds_ago"),
    Alarmed: ("alarm", "site", "site_name"),
    StepRefused: ("step", "state"),
    StaysClosed: ("step", "state", "reason"),
}
"""What a program may want to read beside the sentence: who was first, where the alarm is."""


def answer(
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    *,
    why: Why | None = None,
    **more: object,
) -> Response:
    """One problem as a response, counted by why, or by its status."""
    metrics.refused_requests.labels(why or HTTPStatus(status).name.lower()).inc()
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return Response(
        msgspec.json.encode(body), status, headers, media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Make every error of that application a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(StoreError, _store)
    app.add_exception_handler(Exception, _broken)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = None if error.headers is None else dict(error.headers)
    why = await refusals.note(request, error)
    return answer(error.status_code, str(error.detail), headers, why=why)


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return answer(400, "the body is not JSON")
    found = [_fault(one) for one in error.errors()]
    said = "; ".join(f"{one['where']}: {one['what']}" for one in found[:10])
    return answer(422, said, errors=found[:50])


def _fault(one: dict[str, Any]) -> dict[str, str]:
    # Never the input itself: it may be a token in the wrong field.
    return {"where": ".".join(str(part) for part in one["loc"]), "what": str(one["msg"])}


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, Unknown) and request.app.state.house.is_unstored(error.key):
        return answer(503, "it is not stored yet; say it again", {"Retry-After": "1"})
    told = {name: getattr(error, name) for name in _TOLD.get(type(error), ())}
    status = next((code for kind, code in _REFUSED.items() if isinstance(error, kind)), 409)
    why = await refusals.note(request, error)
    return answer(status, str(error), why=why, **told)


async def _store(_: Request, error: Exception) -> Response:
    if isinstance(error, BadData):
        return answer(422, "this cannot be stored as it is")
    return answer(
        503, "the store does not answer; nothing is known to be done", {"Retry-After": "1"}
    )


async def _broken(_: Request, __: Exception) -> Response:
    # This answer is made outside the shield.
    return answer(500, "something broke here; it is in the gateway's log", shield.HEADERS)
