"""The door: the page to sign in at, and what its form sends."""

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from gateway.domain.operator import NAME_LIMIT
from gateway.web import auth, entering, pages, refusals
from gateway.web.house import Here, House
from gateway.web.reception import Refused, Why

FIELDS = 8
router = APIRouter(dependencies=auth.OPEN, include_in_schema=False)
WayOn = Annotated[str, Query(alias="next", max_length=500)]


@router.get("/signin")
async def see_sign_in(
    request: Request, once: Annotated[str, Query(max_length=200)] = "", onward: WayOn = "/"
) -> Response:
    """The page to sign in at; a one-time link is not spent by opening it: prefetchers do too."""
    failed = None if auth.is_sealed(request) else Why.PLAIN
    return _page(request, failed, once=once, onward=way_on(onward))


@router.post("/signin")
async def sign_in_by_form(request: Request, house: Here) -> Response:
    """What the page's form sends."""
    said = await _said(request)
    onward = way_on(said["next"])
    try:
        entered = await _enter(request, house, said)
    except Refused as refused:
        return await turned_away(request, refused, onward, said["name"])
    return entering.with_cookie(RedirectResponse(onward, 303), house, entered.session)


async def turned_away(request: Request, refused: Refused, onward: str, name: str = "") -> Response:
    """The page again, with the reason why not; it is written down."""
    await refusals.note(request, refused)
    response = _page(request, refused.why, onward=onward, name=name)
    response.status_code = refused.status_code
    response.headers.update(refused.headers or {})
    return response


def way_on(text: str) -> str:
    """Where to go after the door: a page of ours, and no other host's however it is spelt."""
    parts = urlsplit(text)
    is_ours = text.startswith("/") and not text.startswith("//") and not parts.netloc
    is_plain = text.isascii() and text.isprintable() and "\\" not in text
    is_page = not parts.path.startswith(("/signin", "/api/"))
    return text if is_ours and is_plain and is_page else "/"


async def _enter(request: Request, house: House, said: dict[str, str]) -> entering.Entered:
    if said["once"]:
        return await entering.by_secret(request, house, said["once"], once=True)
    if said["token"]:
        return await entering.by_secret(request, house, said["token"], once=False)
    return await entering.by_password(request, house, said["name"], said["password"])


async def _said(request: Request) -> dict[str, str]:
    text = (await request.body()).decode("utf-8", "replace")
    try:
        found = parse_qs(text, max_num_fields=FIELDS)
    except ValueError:
        raise HTTPException(400, "this is not what the page's form sends") from None
    said = {name: found.get(name, [""])[0] for name in ("once", "token", "name", "next")}
    # A password is taken as it was typed, blanks and all.
    return {k: v.strip() for k, v in said.items()} | {"password": found.get("password", [""])[0]}


def _page(
    request: Request, failed: Why | None, *, onward: str, once: str = "", name: str = ""
) -> Response:
    house: House = request.app.state.house
    return pages.page(
        request,
        "signin.html",
        once=once,
        failed=None if failed is None else f"signin.{failed.value}",
        way_on=onward,
        name=name[:NAME_LIMIT],
        elsewhere=None if house.elsewhere is None else house.elsewhere.name,
        is_foreign=request.headers.get("sec-fetch-site") in {"cross-site", "same-site"},
    )
