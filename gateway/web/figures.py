"""Figures over the API: how alarms were taken, over a day, a week, a month or a shift."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from starlette.exceptions import HTTPException

from gateway import report
from gateway.domain import period as periods
from gateway.domain.errors import Foreign, Unknown
from gateway.domain.figures import GOALS, Claims, Load
from gateway.domain.operator import Operator
from gateway.domain.period import Period, Span
from gateway.domain.shift import Shift
from gateway.report import Asked, Report
from gateway.store import shifts
from gateway.web import auth, report_shapes, shown
from gateway.web.house import Here, House

router = APIRouter(prefix="/api/v1/figures", tags=["figures"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader asks for; a shift goes before a span of days."""

    span: Span = Span.DAY
    on: date | None = None
    """Any day of it; None: today."""
    shift: str | None = None
    district: str | None = None
    """None: every district of the reader's."""


def wanted(
    span: Annotated[Span, Query(description="`day`, `week` (from Monday) or `month`")] = Span.DAY,
    on: Annotated[date | None, Query(description="any day of it; default: today")] = None,
    shift: Annotated[str | None, Query(max_length=32, description="of one shift instead")] = None,
    district: Annotated[str | None, Query(max_length=120, description="only this one")] = None,
) -> Wanted:
    """What the query says."""
    if on is not None and not periods.FIRST <= on <= periods.LAST:
        raise HTTPException(422, f"on: a day from {periods.FIRST} to {periods.LAST}")
    return Wanted(span=span, on=on, shift=shift or None, district=district or None)


Asks = Annotated[Wanted, Depends(wanted)]


@router.get("", response_model=report_shapes.FiguresView)
async def read_figures(house: Here, operator: auth.ReportReader, asks: Asks) -> Response:
    """How quickly alarms were taken, how many came to each, what was false, what was silent."""
    found, _ = await made(house, operator, asks)
    return shown.answer(_view(found))


async def made(house: House, operator: Operator, asks: Wanted) -> tuple[Report, Shift | None]:
    """Those figures, and the shift that they are of.

    Raises:
        Unknown: a district or a shift that is not theirs to see.
    """
    now = house.clock.now()
    if asks.district is not None and not operator.sees(asks.district):
        raise Foreign("district", asks.district)
    districts = operator.districts if asks.district is None else frozenset({asks.district})
    one = None if asks.shift is None else await _shift(house, operator, asks.shift)
    if one is not None and one.districts:
        own = frozenset(one.districts)
        districts = own & districts if districts else own
    asked = Asked(
        period=_period(house, asks, one, now), districts=districts, now=now, zone=house.zone
    )
    return await report.made(house.database, operator, asked), one


def view_of(shift: Shift) -> report_shapes.ShiftView:
    """A shift as the API shows it."""
    return report_shapes.ShiftView(
        id=shift.id,
        person=shift.person,
        districts=shift.districts,
        began_at=shift.began_at,
        ended_at=shift.ended_at,
        ended_by=shift.ended_by,
    )


async def _shift(house: House, operator: Operator, key: str) -> Shift:
    found = await house.database.read(lambda c: shifts.get(c, key))
    if found is None:
        raise Unknown("shift", key)
    if not found.is_seen_by(operator):
        raise Foreign("shift", key)
    return found


def _period(house: House, asks: Wanted, shift: Shift | None, now: datetime) -> Period:
    if shift is not None:
        until = min(shift.ended_at or now, shift.began_at + report.LONGEST)
        return Period(since=shift.began_at, until=max(until, shift.began_at))
    day = asks.on or now.astimezone(house.zone).date()
    return periods.around(asks.span, day, house.zone)


def _view(found: Report) -> report_shapes.FiguresView:
    return report_shapes.FiguresView(
        since=found.period.since,
        until=found.period.until,
        districts=sorted(found.districts),
        raised={f"P{int(one)}": count for one, count in found.raised.items()},
        claims=[_claims(int(one), claims) for one, claims in found.claims.items()],
        load=None if found.load is None else _load(found.load),
        loads=[_load(one) for one in found.loads],
        false=[
            report_shapes.FalseView(site=one.site, false=one.false, raised=one.raised)
            for one in found.false
        ],
        quiet=[
            report_shapes.QuietView(
                district=one.district,
                devices=one.devices,
                silent_now=one.now,
                times=one.times,
                silent_s=one.silent.total_seconds(),
                heard=one.heard(found.so_far.length),
            )
            for one in found.quiet
        ],
        shifts=[view_of(one) for one in found.shifts],
    )


def _claims(priority: int, claims: Claims) -> report_shapes.ClaimsView:
    return report_shapes.ClaimsView(
        priority=priority,
        raised=claims.raised,
        taken=claims.taken,
        after_s=dict(sorted(claims.after_s.items())),
        goals=[
            report_shapes.GoalView(
                within_s=goal.within_s,
                share=goal.share,
                reached=claims.share(goal.within_s),
                met=claims.meets(goal),
            )
            for goal in GOALS
        ],
    )


def _load(one: Load) -> report_shapes.LoadView:
    return report_shapes.LoadView(
        since=one.since,
        alarms=one.alarms,
        average=one.average,
        worst=one.worst,
        floods=one.floods,
        unmanned=one.unmanned,
    )
