"""Pages rendered on the server: one template, one language, nothing from elsewhere."""

import re
from functools import partial
from urllib.parse import urlencode

import jinja2
from fastapi import Request, Response
from starlette.responses import HTMLResponse

from gateway.web import words
from gateway.web.house import House
from gateway.web.when import Manner

_COOKIE = "lang"
_THEME = "theme"
THEMES = ("dark", "light", "contrast")
"""The first is the default; the page's own script changes the cookie."""
_YEAR_S = 365 * 24 * 3600
_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("gateway.web"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(request: Request, template: str, **context: object) -> Response:
    """A page in the language that was asked for, now (`?lang=`), before (a cookie) or by a browser.

    A template speaks by `word[key]`, by `say(key, n=…)` where there are facts, and writes moments
    and figures by `when` (`when.moment(at)`).
    """
    house: House = request.app.state.house
    language = language_of(request)
    text = _templates.get_template(template).render(
        lang=language,
        theme=_theme(request),
        themes=THEMES,
        languages=words.LANGUAGES,
        query=urlencode([(k, v) for k, v in request.query_params.items() if k != "lang"]),
        word=words.of(language),
        say=partial(words.say, language),
        when=Manner(language=language, zone=house.zone),
        **context,
    )
    response = HTMLResponse(text, headers={"Cache-Control": "no-store"})
    if "lang" in request.query_params:
        response.set_cookie(_COOKIE, language, max_age=_YEAR_S, secure=house.is_tls, samesite="lax")
    return response


def language_of(request: Request) -> str:
    """The language in which this reader is answered: chosen, or the first of their browser's."""
    for asked in (request.query_params.get("lang"), request.cookies.get(_COOKIE)):
        if asked in words.LANGUAGES:
            return str(asked)
    first = re.match(r"\s*([a-z]+)", request.headers.get("Accept-Language", "").lower())
    return first[1] if first and first[1] in words.LANGUAGES else words.DEFAULT


def _theme(request: Request) -> str:
    chosen = request.cookies.get(_THEME, "")
    return chosen if chosen in THEMES else THEMES[0]
