"""Visits: a page for a person who may see it; whoever is not signed in is led to the door."""

from http import HTTPStatus

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from gateway.domain.deed import Why
from gateway.domain.operator import May, Operator
from gateway.web import auth, pages, refusals
from gateway.web.house import House


async def visitor(request: Request, house: House, right: May) -> Operator | Response:
    """Who has come; else what they get to see instead."""
    operator = await auth.asking(request, house)
    if operator is None:
        await refusals.note(request, HTTPException(HTTPStatus.UNAUTHORIZED))
        return RedirectResponse(auth.way_in(request), 303)
    if operator.may(right):
        return operator
    request.app.state.refusals.add(Why.FORBIDDEN, request, operator=operator)
    response = pages.page(request, "denied.html")
    response.status_code = HTTPStatus.FORBIDDEN
    return response
