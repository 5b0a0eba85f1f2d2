"""Signing in and out: a token or a one-time link for a session's cookie."""

import secrets
from datetime import timedelta
from functools import partial
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from gateway.domain.operator import Operator
from gateway.store import entry
from gateway.store.database import Urgency
from gateway.web import auth, pages, schemas, shapes, shown
from gateway.web.house import Here, House

LASTS = timedelta(hours=12)
"""A dispatcher's shift."""
router = APIRouter(tags=["session"])


@router.post("/api/v1/session", dependencies=auth.OPEN, response_model=shapes.Me)
async def open_session(request: Request, house: Here, body: schemas.SignIn) -> Response:
    """Show a token, get an HttpOnly SameSite=Strict cookie."""
    operator, session = await _sign_in(request, house, body.token, once=False)
    return _with_cookie(shown.answer(shown.me(operator)), house, session)


@router.get("/api/v1/session", response_model=shapes.Me)
async def see_session(operator: auth.Seer) -> Response:
    """Who you are here."""
    return shown.answer(shown.me(operator))


@router.delete("/api/v1/session", status_code=204)
async def close_session(request: Request, house: Here, _: auth.Seer) -> Response:
    """Sign out."""
    credential = auth.shown_by(request, house)
    if credential is not None and credential.is_session:
        await house.database.write(partial(entry.leave, session=credential.secret), Urgency.STEP)
        request.app.state.doorman.forget()
    response = Response(status_code=204)
    response.delete_cookie(auth.cookie_name(house), path="/", secure=house.is_tls)
    return response


@router.get("/signin", dependencies=auth.OPEN, include_in_schema=False)
async def see_sign_in(
    request: Request, once: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """The page to sign in at; a one-time link is not spent by opening it: prefetchers do too."""
    return pages.page(request, "signin.html", once=once, failed=None)


@router.post("/signin", dependencies=auth.OPEN, include_in_schema=False)
async def sign_in_by_form(request: Request, house: Here) -> Response:
    """What the page's form sends."""
    said = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=5)
    once, token = (said.get(name, [""])[0].strip() for name in ("once", "token"))
    try:
        _, session = await _sign_in(request, house, once or token, once=bool(once))
    except HTTPException as error:
        failed = "signin.throttled" if error.status_code == 429 else "signin.failed"  # noqa: PLR2004
        response = pages.page(request, "signin.html", once="", failed=failed)
        response.status_code = error.status_code
        return response
    return _with_cookie(RedirectResponse("/", 303), house, session)


async def _sign_in(
    request: Request, house: House, secret: str, *, once: bool
) -> tuple[Operator, str]:
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        auth.refuse_foreign(request)
    throttle: auth.Throttle = request.app.state.throttle
    address = "" if request.client is None else request.client.host
    now = house.clock.monotonic()
    wait_s = throttle.wait_s(address, now)
    if wait_s > 0:
        raise HTTPException(429, "too many failed sign-ins", {"Retry-After": f"{wait_s:.0f}"})
    session = secrets.token_urlsafe(32)
    begins = house.clock.now()
    token = await house.database.write(
        lambda c: entry.enter(c, secret, session, begins, begins + LASTS, once=once),
        Urgency.STEP,
    )
    if token is None:
        throttle.fail(address, now)
        raise HTTPException(401, "nobody has this token", {"WWW-Authenticate": "Bearer"})
    return auth.known(house, token), session


def _with_cookie(response: Response, house: House, session: str) -> Response:
    response.set_cookie(
        auth.cookie_name(house),
        session,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=house.is_tls,
        httponly=True,
        samesite="strict",
    )
    return response
