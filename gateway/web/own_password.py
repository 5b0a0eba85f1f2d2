"""One's own password: changed by whoever knows the old one, on a page or over the API."""

from enum import StrEnum
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from gateway.domain.operator import May, Operator
from gateway.store import people
from gateway.web import auth, entering, pages, refusals, schemas, shown, visits
from gateway.web.entering import WeakPassword
from gateway.web.house import Here
from gateway.web.reception import Refused

FIELDS = 5
router = APIRouter()


class Slip(StrEnum):
    """What else may be wrong with a new password; the page says `password.<slip>`."""

    NONE_HERE = "none_here"
    UNEQUAL = "unequal"
    NOT_THE_OLD = "not_the_old"
    THROTTLED = "throttled"


@router.post("/api/v1/session/password", status_code=204, response_model=None, tags=["session"])
async def change_over_api(
    request: Request, house: Here, operator: auth.Watcher, body: schemas.NewPassword
) -> Response:
    """Change your own password; your other sessions end, this one goes on under a new cookie."""
    entered = await entering.change_password(request, house, operator, body.old, body.new)
    request.app.state.doorman.forget()
    return entering.with_cookie(Response(status_code=204), house, entered.session)


@router.get("/password", dependencies=auth.OPEN, include_in_schema=False)
async def see_password(request: Request, house: Here) -> Response:
    """The page to change it at."""
    operator = await visits.visitor(request, house, May.WATCH_WALL)
    if isinstance(operator, Response):
        return operator
    person = await house.database.read(lambda c: people.get(c, operator.name))
    has_one = person is not None and person.hash is not None
    return _page(request, operator, None if has_one else Slip.NONE_HERE)


@router.post("/password", dependencies=auth.OPEN, include_in_schema=False)
async def change_by_form(request: Request, house: Here) -> Response:
    """What the page's form sends."""
    operator = await visits.visitor(request, house, May.WATCH_WALL)
    if isinstance(operator, Response):
        return operator
    old, new, again = await _said(request)
    if new != again:
        return _page(request, operator, Slip.UNEQUAL, 422)
    try:
        entered = await entering.change_password(request, house, operator, old, new)
    except WeakPassword as weak:
        return _page(request, operator, weak.weak, 422)
    except Refused as refused:
        await refusals.note(request, refused)
        is_early = refused.status_code == 429  # noqa: PLR2004 - HTTP's own number
        slip = Slip.THROTTLED if is_early else Slip.NOT_THE_OLD
        return _page(request, operator, slip, refused.status_code)
    request.app.state.doorman.forget()
    return entering.with_cookie(RedirectResponse("/", 303), house, entered.session)


async def _said(request: Request) -> tuple[str, str, str]:
    text = (await request.body()).decode("utf-8", "replace")
    try:
        found = parse_qs(text, max_num_fields=FIELDS)
    except ValueError:
        raise HTTPException(400, "this is not what the page's form sends") from None
    old, new, again = (found.get(name, [""])[0] for name in ("old", "new", "again"))
    return old, new, again


def _page(
    request: Request, operator: Operator, failed: StrEnum | None, status: int = 200
) -> Response:
    response = pages.page(
        request,
        "password.html",
        me=shown.me(operator),
        failed=None if failed is None else f"password.{failed.value}",
        has_none=failed is Slip.NONE_HERE,
    )
    response.status_code = status
    return response
