"""The page of people: who comes in, as what, and what an admin does about it; plain forms."""

from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from gateway.domain.errors import Unknown
from gateway.domain.operator import PEOPLE, May, Operator, Role
from gateway.web import auth, pages, schemas, shown, spoken, staff, visits
from gateway.web.house import Here, House
from gateway.web.staff import Given

FIELDS = 220
router = APIRouter(dependencies=auth.OPEN, include_in_schema=False)


class Slip(StrEnum):
    """Why it was not done; the page says `people.<slip>`."""

    TAKEN = "taken"
    YOURSELF = "yourself"
    WRONG = "wrong"
    GONE = "gone"


@router.get("/people")
async def see_people(request: Request, house: Here) -> Response:
    """Everybody of the admin's districts."""
    operator = await visits.visitor(request, house, May.MANAGE_PEOPLE)
    if isinstance(operator, Response):
        return operator
    return await _page(request, house, operator)


@router.post("/people")
async def change_people(request: Request, house: Here) -> Response:
    """What one of the page's forms sends."""
    operator = await visits.visitor(request, house, May.MANAGE_PEOPLE)
    if isinstance(operator, Response):
        return operator
    said = await _said(request)
    try:
        given = await _do(request, house, operator, said)
    except Unknown:
        return await _page(request, house, operator, failed=Slip.GONE)
    except ValidationError:
        return await _page(request, house, operator, failed=Slip.WRONG)
    except HTTPException as error:
        slip = {403: Slip.WRONG, 409: Slip.YOURSELF}.get(error.status_code)
        if slip is None:
            raise
        is_new = said.get("do") == ["add"]
        failed = Slip.TAKEN if is_new and slip is Slip.YOURSELF else slip
        return await _page(request, house, operator, failed=failed)
    return await _page(request, house, operator, given=given)


async def _do(
    request: Request, house: House, operator: Operator, said: dict[str, list[str]]
) -> Given | None:
    name = said.get("name", [""])[0].strip().casefold()
    match said.get("do", [""])[0]:
        case "add":
            asked = schemas.AddPerson(name=name, **_what(said))
            return await staff.add(request, house, operator, asked)
        case "change":
            await staff.change(house, operator, name, schemas.ChangePerson(**_what(said)))
        case "password":
            return await staff.renew(request, house, operator, name)
        case "disable" | "enable" as which:
            await staff.let(request, house, operator, name, is_in=which == "enable")
        case _:
            raise Unknown("deed", "")
    return None


def _what(said: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "role": said.get("role", [""])[0],
        "districts": said.get("district", []),
        "shown": said.get("shown", [""])[0].strip(),
    }


async def _said(request: Request) -> dict[str, list[str]]:
    text = (await request.body()).decode("utf-8", "replace")
    try:
        return parse_qs(text, max_num_fields=FIELDS)
    except ValueError:
        raise HTTPException(400, "this is not what the page's form sends") from None


async def _page(
    request: Request,
    house: House,
    operator: Operator,
    *,
    failed: Slip | None = None,
    given: Given | None = None,
) -> Response:
    registry = house.registry()
    known = {one.district for one in registry.sites.values() if operator.sees(one.district)}
    response = pages.page(
        request,
        "people.html",
        me=shown.me(operator),
        people=await staff.everybody(house, operator),
        roles=[one.value for one in Role if one in PEOPLE],
        districts=sorted(one for one in known if one),
        failed=None if failed is None else f"people.{failed.value}",
        given=given,
        speech=spoken.speech(request, house),
    )
    response.status_code = 200 if failed is None else 422
    return response
