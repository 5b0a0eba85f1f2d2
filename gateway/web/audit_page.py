"""The page of the audit: rendered on the server, a table to read and to search, nothing to edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Request, Response

from gateway.domain import telling
from gateway.domain.deed import Deed
from gateway.domain.operator import May, Operator
from gateway.store import audit, audit_views
from gateway.store.audit_views import Entry, Sought
from gateway.web import auth, exports, pages, shown, visits, words
from gateway.web.audit import seen_by
from gateway.web.checking import Checked, Checking
from gateway.web.house import Here, House
from gateway.web.when import Manner

PAGE = 50
_FIELDS = ("who", "what", "key", "since", "until")
_WORDED = {"disposition": "disposition", "was": "disposition", "kind": "kind", "role": "role"}
router = APIRouter(dependencies=auth.OPEN, include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row as a person reads it."""

    number: int
    at: str
    iso: str
    who: str
    role: str
    what: str
    key: str
    shown_key: str
    is_refused: bool
    details: list[tuple[str, str]]


@router.get("/audit")
async def see_audit(request: Request, house: Here) -> Response:
    """The page; whoever is not signed in is led to where that is done."""
    operator = await visits.visitor(request, house, May.SEE_AUDIT)
    if isinstance(operator, Response):
        return operator
    return await _page(request, house, operator, None)


@router.post("/audit")
async def check_audit(request: Request, house: Here) -> Response:
    """The same page, with whether the chain is whole; it was walked for this."""
    operator = await visits.visitor(request, house, May.SEE_AUDIT)
    if isinstance(operator, Response):
        return operator
    checking: Checking = request.app.state.checking
    return await _page(request, house, operator, await checking.look(house))


async def _page(
    request: Request, house: House, operator: Operator, checked: Checked | None
) -> Response:
    asked = {name: _asked(request, name) for name in _FIELDS}
    language = pages.language_of(request)
    when = Manner(language=language, zone=house.zone)
    own = seen_by(operator, _sought(asked, house.zone))
    before = _before(request.query_params.get("before", ""))
    found, end = await house.database.read(
        lambda c: (audit_views.listed(c, own, PAGE + 1, before), audit.head(c))
    )
    rows = found[:PAGE]
    given = {name: value for name, value in asked.items() if value}
    older = {**given, "before": str(rows[-1].number)} if len(found) > PAGE else None
    word = words.of(language)
    return pages.page(
        request,
        "audit.html",
        me=shown.me(operator),
        asked=asked,
        deeds=sorted((word[f"deed.{one}"], one.value) for one in Deed),
        lines=[_line(one, word, when) for one in rows],
        older=None if older is None else urlencode(older),
        is_first=before is None,
        newest=urlencode(given),
        sheet=urlencode(_export(own, language)),
        end=end,
        is_filtered=bool(given),
        checked=checked,
    )


def _asked(request: Request, name: str) -> str:
    return request.query_params.get(name, "").replace("\0", "").strip()[:120]


def _sought(asked: Mapping[str, str], zone: ZoneInfo) -> Sought:
    """What was asked for; what cannot be read asks for nothing."""
    until = _day(asked["until"], zone)
    return Sought(
        who=asked["who"] or None,
        what=Deed(asked["what"]) if asked["what"] in _DEEDS else None,
        key=asked["key"] or None,
        since=_day(asked["since"], zone),
        until=None if until is None else until + timedelta(days=1),
    )


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    """When that day begins there."""
    try:
        return datetime.combine(msgspec.convert(text, date), datetime.min.time(), zone)
    except (msgspec.ValidationError, OverflowError):
        return None


def _before(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None  # noqa: PLR2004 - int64


def _export(own: Sought, language: str) -> dict[str, str]:
    said = {
        "who": own.who,
        "what": own.what,
        "key": own.key,
        "since": telling.time_text(own.since),
        "until": telling.time_text(own.until),
        "separator": exports.separator_of(language),
    }
    return {name: value for name, value in said.items() if value}


def _line(one: Entry, word: Mapping[str, str], when: Manner) -> Line:
    is_refused = one.what == Deed.REFUSED
    what = word.get(f"deed.{one.what}", one.what)
    why = str(one.data.get("why", ""))
    return Line(
        number=one.number,
        at=when.moment(one.at),
        iso=telling.time_text(one.at) or "",
        who=one.who or "—",
        role=word.get(f"role.{one.role}", one.role),
        what=f"{what}: {word.get(f'refused_for.{why}', why)}" if is_refused else what,
        key=one.key,
        shown_key=_short(one.key),
        is_refused=is_refused,
        details=_details(one, word, when),
    )


def _details(one: Entry, word: Mapping[str, str], when: Manner) -> list[tuple[str, str]]:
    found = [
        (word.get(f"fact.{name}", name), _said(name, value, word, when))
        for name, value in one.data.items()
        if name not in _ELSEWHERE
    ]
    if one.gateway:
        found.append((word["audit.gateway"], one.gateway))
    return found


def _said(name: str, value: Any, word: Mapping[str, str], when: Manner) -> str:  # noqa: ANN401 - whatever was said
    if name in _WORDED:
        return word.get(f"{_WORDED[name]}.{value}", str(value))
    if isinstance(value, str):
        at = _moment(value)
        return value if at is None else when.moment(at)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)


def _moment(text: str) -> datetime | None:
    """The moment that it says, if it is one."""
    if len(text) < len("2026-11-26T00:00:00Z") or text[10:11] != "T":
        return None
    try:
        found = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return None
    return found if found.tzinfo is not None else None


def _short(key: str) -> str:
    """The beginning of what no person reads to its end: ids and digests."""
    return key if len(key) <= 24 else f"{key[:10]}…"  # noqa: PLR2004 - names are shorter


_ELSEWHERE = frozenset({"why", "digests"})
"""What stands in a column of its own, or tells a person nothing."""
_DEEDS = frozenset(one.value for one in Deed)
