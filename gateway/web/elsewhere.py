"""Coming in by the organisation's own sign-in: there with a sealed note, and back with it.

The note is a cookie of ten minutes that lets no other browser finish what this one began. It is
SameSite=Lax, or it would not come along from the foreign page; the session that is given then is
Strict, and so is shown first by a page of ours: the answer leads on by itself.
"""

import secrets
from datetime import timedelta
from typing import Annotated

import msgspec
import structlog
from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from gateway.vouching import Elsewhere, NotVouched
from gateway.web import auth, doors, entering, pages
from gateway.web.house import Here, House
from gateway.web.reception import Refused, Why

LASTS = timedelta(minutes=10)
BACK = "/signin/elsewhere/back"
router = APIRouter(prefix="/signin/elsewhere", dependencies=auth.OPEN, include_in_schema=False)
log = structlog.get_logger()
Said = Annotated[str, Query(max_length=4000)]


class Note(msgspec.Struct, frozen=True):
    """What the browser carries there and back, sealed."""

    state: str
    nonce: str
    verifier: str
    way_on: str
    until_s: float


@router.get("")
async def leave_for_elsewhere(request: Request, house: Here, onward: doors.WayOn = "/") -> Response:
    """Lead to the organisation's own sign-in."""
    provider = _provider(house)
    if not auth.is_sealed(request):
        return await doors.turned_away(request, Refused(Why.PLAIN, auth.PLAIN), onward)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    until_s = (house.clock.now() + LASTS).timestamp()
    note = Note(state, nonce, verifier, doors.way_on(onward), until_s)
    try:
        place = await provider.begin(state, nonce, verifier, _back(house))
    except NotVouched as error:
        return await _not_vouched(request, error, onward)
    response = RedirectResponse(place, 303)
    response.set_cookie(
        _cookie(house),
        house.seal.seal(msgspec.json.encode(note)).decode(),
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=house.is_tls,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/back")
async def come_back(request: Request, house: Here, state: Said = "", code: Said = "") -> Response:
    """Who it was there is somebody here, or is not."""
    provider = _provider(house)
    note = _note(request, house)
    if note is None or not code or not secrets.compare_digest(note.state, state):
        return await _not_vouched(request, NotVouched("no note, or another's"), "/")
    try:
        subject = await provider.finish(code, note.nonce, note.verifier, _back(house))
        entered = await entering.from_elsewhere(request, house, provider.issuer, subject)
    except NotVouched as error:
        response = await _not_vouched(request, error, note.way_on)
    except Refused as refused:
        log.info("nobody here is that one", reason=refused.detail)
        response = await doors.turned_away(request, refused, note.way_on)
    else:
        response = pages.page(request, "onward.html", way_on=note.way_on)
        entering.with_cookie(response, house, entered.session)
    response.delete_cookie(_cookie(house), path="/", secure=house.is_tls)
    return response


def _provider(house: House) -> Elsewhere:
    if house.elsewhere is None:
        raise HTTPException(404, "people sign in here alone")
    return house.elsewhere


def _note(request: Request, house: House) -> Note | None:
    sealed = request.cookies.get(_cookie(house), "").encode()
    try:
        note = msgspec.json.decode(house.seal.open(sealed), type=Note)
    except msgspec.DecodeError:
        return None
    return note if house.clock.now().timestamp() < note.until_s else None


async def _not_vouched(request: Request, error: NotVouched, onward: str) -> Response:
    log.warning("sign-in elsewhere failed", why=str(error))
    return await doors.turned_away(
        request, Refused(Why.ELSEWHERE, str(error)), doors.way_on(onward)
    )


def _back(house: House) -> str:
    return house.base_url + BACK


def _cookie(house: House) -> str:
    return "__Host-dabyl-elsewhere" if house.is_tls else "dabyl-elsewhere"
