"""The report: a page of figures as pictures, each with its table, to be read or printed."""

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from gateway.domain import period as periods
from gateway.domain.figures import GOALS
from gateway.domain.operator import May, Operator
from gateway.domain.period import Span
from gateway.domain.shift import Shift
from gateway.domain.site import Registry
from gateway.report import Report
from gateway.store import handled, operators
from gateway.web import auth, drawn, exports, figures, pages, shown, spoken, visits
from gateway.web.figures import Asks, Wanted
from gateway.web.house import Here, House
from gateway.web.spoken import Speech

router = APIRouter(dependencies=auth.OPEN, include_in_schema=False)
ALARMS_LIMIT = 200


@router.get("/report")
async def see_report(request: Request, house: Here, asks: Asks) -> Response:
    """Figures over a day, a week, a month or a shift."""
    operator = await visits.visitor(request, house, May.SEE_REPORTS)
    if isinstance(operator, Response):
        return operator
    found, shift = await figures.made(house, operator, asks)
    speech, registry = spoken.speech(request, house), house.registry()
    listed = None
    known = await house.database.read(operators.tokens)
    centre = {one.name for one in known if one.receiver in house.authorities}
    if shift is not None:
        listed = await house.database.read(
            lambda c: handled.within(c, found.so_far, found.districts, ALARMS_LIMIT)
        )
    return pages.page(
        request,
        "report.html",
        me=shown.me(operator),
        report=found,
        shift=shift,
        handled=listed,
        who=lambda name: speech.say("line.by_centre") if name in centre else name,
        speech=speech,
        goals=GOALS,
        pictures={
            "claims": drawn.claims(found, speech),
            "load": drawn.load(found, speech),
            "false": drawn.false(found, speech, registry),
            "quiet": drawn.quiet(found, speech),
        },
        site_name=lambda site: drawn.site_name(site, registry, speech),
        district_name=lambda district: drawn.district_name(district, speech),
        sheet=exports.alarms_link(
            found.period.since, found.period.until, pages.language_of(request)
        ),
        span=asks.span.value,
        spans=[one.value for one in Span],
        day=_day(house, asks, found),
        turns=_turns(house, asks, found),
        heading=_heading(asks, found, shift, speech),
        district=asks.district or "",
        link=lambda name, on: _link(name, on, asks.district),
        districts=_districts(registry, operator),
    )


def _day(house: House, asks: Wanted, found: Report) -> date:
    return asks.on or found.period.since.astimezone(house.zone).date()


def _turns(house: House, asks: Wanted, found: Report) -> tuple[date, date | None]:
    """The first day of the period before, and of the one after where that has begun."""
    day = _day(house, asks, found)
    after = periods.following(asks.span, day)
    today = house.clock.now().astimezone(house.zone).date()
    return periods.preceding(asks.span, day), after if after <= today else None


def _link(span: str, on: date, district: str | None) -> str:
    asked = {"span": span, "on": str(on), **({"district": district} if district else {})}
    return f"?{urlencode(asked)}"


def _heading(asks: Wanted, found: Report, shift: Shift | None, speech: Speech) -> str:
    since = found.period.since
    if shift is not None:
        until = None if shift.ended_at is None else speech.clock(shift.ended_at)
        ends = speech.say("report.now") if until is None else until
        return f"{shift.person}: {speech.day(since)}, {speech.clock(since)} – {ends}"
    if asks.span is Span.DAY:
        return speech.day(since)
    if asks.span is Span.MONTH:
        return speech.month(since)
    last = found.period.until.astimezone(speech.zone).date() - periods.ONE_DAY
    return f"{speech.short_day(since)} – {speech.day(last)}"


def _districts(registry: Registry, operator: Operator) -> list[str]:
    """The districts that they may choose from."""
    found = {one.district for one in registry.sites.values() if one.district}
    return sorted(one for one in found | operator.districts if operator.sees(one))
