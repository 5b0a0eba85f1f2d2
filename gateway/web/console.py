"""The dispatcher's live page: a shell from the server, filled and kept true by the stream."""

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from gateway.domain.alarm import Disposition
from gateway.domain.operator import May
from gateway.store import operators
from gateway.web import auth, pages, shown, when, words
from gateway.web.house import Here

router = APIRouter(dependencies=auth.OPEN, include_in_schema=False)


@router.get("/")
async def see_console(request: Request, house: Here) -> Response:
    """The live page; whoever is not signed in is led to where that is done."""
    operator = await auth.asking(request, house)
    if operator is None or not operator.may(May.SEE):
        return RedirectResponse(auth.way_in(request), 303)
    known = await house.database.read(operators.tokens)
    return pages.page(
        request,
        "console.html",
        me=shown.me(operator),
        centre=[one.name for one in known if one.receiver in house.authorities],
        authorities=" ".join(sorted(house.authorities)),
        called=house.desk.teller.called or "",
        dispositions=[one.value for one in Disposition],
    )


@router.get("/words/{language}.json")
async def read_words(language: str, house: Here) -> Response:
    """The words that the page's scripts speak, and how they write moments and figures."""
    if language not in words.LANGUAGES:
        raise HTTPException(404, "we do not speak that language")
    manner = when.patterns(language, house.zone, house.clock.now())
    return shown.answer({"words": dict(words.spoken(language)), "manner": manner})
