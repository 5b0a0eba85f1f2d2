"""Exports: sheets of alarms and of the audit, written down before the first row goes out."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from gateway.domain import sheet, telling
from gateway.domain.alarm import Alarm
from gateway.domain.deed import Deed
from gateway.domain.operator import May, Operator
from gateway.domain.site import Registry
from gateway.store import audit, audit_views, sheets
from gateway.store.audit_views import Entry
from gateway.store.database import Urgency
from gateway.store.sheets import Place, Span
from gateway.web import auth, shown
from gateway.web.audit import Reader, Wanted, seen_by
from gateway.web.house import Here, House

PAGE = 500
MOST = 100_000
"""Rows of one sheet: more is asked for in parts, by time."""
USUAL = timedelta(days=31)
router = APIRouter(prefix="/api/v1/exports", tags=["exports"])
Reporter = Annotated[Operator, Depends(auth.Needs(May.SEE_REPORTS))]
Separator = Annotated[
    str, Query(pattern="^(comma|semicolon)$", description="`semicolon`: for Excel in kk and ru")
]
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "the sheet"}
}
_SIGNS = {"comma": ",", "semicolon": ";"}
_AUDIT = ("number", "at", "who", "role", "district", "what", "key", "data", "gateway", "hash")
_ALARM = ("id", "kind", "priority", "state", "test", "count", "site", "district", "zone", "device")
_TIMES = ("raised_at", "claimed_by", "responded", "disposition", "closed_at", "note")
_Rows = Sequence[Sequence[object]]


@router.get("/audit.csv", response_class=Response, responses=_CSV)
async def export_audit(
    house: Here, operator: Reader, sought: Wanted, separator: Separator = "comma"
) -> Response:
    """The audit as a sheet, the newest first, at most 100,000 rows; formulas are escaped."""
    own = seen_by(operator, sought)
    count, end = await house.database.read(
        lambda c: (audit_views.count(c, own, MOST + 1), audit.head(c).number)
    )
    _require_fitting(count)
    said = {"since": own.since, "until": own.until, "who": own.who, "what": own.what}
    await _note(house, operator, "audit", {**said, "key": own.key, "rows": count})

    async def rows() -> AsyncIterator[_Rows]:
        before = end + 1  # what is done from here on is not in it, nor the export itself
        for at in range(0, count, PAGE):
            limit = min(PAGE, count - at)
            page = await house.database.read(
                partial(audit_views.listed, sought=own, limit=limit, before=before)
            )
            if not page:
                return
            before = page[-1].number
            yield [_audited(one) for one in page]

    return _sheet("audit", _AUDIT, rows(), separator)


@router.get("/alarms.csv", response_class=Response, responses=_CSV)
async def export_alarms(
    house: Here,
    operator: Reporter,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    separator: Separator = "comma",
) -> Response:
    """The alarms raised in a time (31 days) as a sheet, at most 100,000; formulas are escaped."""
    ends = until or house.clock.now()
    span = Span(since=since or ends - USUAL, until=ends, districts=operator.districts)
    count = await house.database.read(lambda c: sheets.count(c, span, MOST + 1))
    _require_fitting(count)
    said = {"since": span.since, "until": span.until, "rows": count}
    await _note(house, operator, "alarms", said)

    async def rows() -> AsyncIterator[_Rows]:
        after: Place | None = None
        while True:
            page, seen = await house.database.read(partial(_alarms, span=span, after=after))
            if not page:
                return
            after = (page[-1].raised_at, page[-1].id)
            registry = house.registry()
            yield [_alarm(one, registry, seen.get(one.id)) for one in page]

    columns = (*_ALARM, "site_name", "pressed_at", "first_seen_at", *_TIMES)
    return _sheet("alarms", columns, rows(), separator)


def alarms_link(since: datetime, until: datetime, language: str) -> str:
    """Where the sheet of a time's alarms is, as the spreadsheets of that language open it."""
    said = {"since": telling.time_text(since), "until": telling.time_text(until)}
    return f"{router.prefix}/alarms.csv?{urlencode({**said, 'separator': separator_of(language)})}"


def separator_of(language: str) -> str:
    """What parts the cells where people who read that language open sheets."""
    return "comma" if language == "en" else "semicolon"


def _sheet(
    name: str, columns: Sequence[str], pages: AsyncIterator[_Rows], separator: str
) -> Response:
    sign = _SIGNS[separator]

    async def lines() -> AsyncIterator[bytes]:
        yield (sheet.BOM + sheet.written([columns], sign)).encode()
        async for rows in pages:
            yield sheet.written(rows, sign).encode()

    headers = {"Content-Disposition": f'attachment; filename="dabyl-{name}.csv"'}
    return StreamingResponse(lines(), headers=headers, media_type="text/csv; charset=utf-8")


def _alarms(
    connection: Connection, span: Span, after: Place | None
) -> tuple[list[Alarm], dict[str, datetime]]:
    page = sheets.page(connection, span, PAGE, after)
    return page, sheets.first_seen(connection, [one.id for one in page])


def _alarm(one: Alarm, registry: Registry, seen_at: datetime | None) -> list[object]:
    site = None if one.site is None else registry.sites.get(one.site)
    name = "" if site is None else site.name.ru or site.name.kk or site.name.en
    return [
        *(getattr(one, field) for field in _ALARM),
        *(name, one.pressed_at, seen_at),
        *(getattr(one, field) for field in _TIMES),
    ]


def _audited(one: Entry) -> list[object]:
    said = shown.encoded(one.data).decode() if one.data else ""
    return [said if field == "data" else getattr(one, field) for field in _AUDIT]


async def _note(house: House, operator: Operator, what: str, said: dict[str, object]) -> None:
    """Before the first row goes out."""
    deed = audit.by(operator, Deed.EXPORT, what, said, gateway=house.desk.teller.gateway)
    now = house.clock.now()
    await house.database.write(lambda c: audit.note(c, deed, now), Urgency.EVENT)


def _require_fitting(count: int) -> None:
    if count > MOST:
        raise HTTPException(422, f"more than {MOST:,} rows: ask for a shorter time")
