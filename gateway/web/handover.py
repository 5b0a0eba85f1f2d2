"""Shifts and hand-overs: over the API, as a page, and as a sheet to be printed and signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from gateway import relieve
from gateway.domain.errors import Foreign, Unknown
from gateway.domain.operator import May, Operator
from gateway.domain.shift import Handover, OpenAlarm, Shift, as_they_stand, covers
from gateway.store import entry, shifts
from gateway.web import auth, figures, pages, report_shapes, schemas, shown, spoken, visits
from gateway.web.house import Here, House

SHOWN_FOR = timedelta(days=7)
ENDED_FOR = timedelta(days=1)
LIMIT = 100
router = APIRouter(tags=["shifts"])
Key = Annotated[str, Path(max_length=32)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What the page of hand-overs shows."""

    mine: Shift | None
    on_duty: Sequence[Shift]
    offers: Sequence[Handover]
    """That wait for somebody; what the reader may take, and their own."""
    past: Sequence[Handover]
    opened: Sequence[OpenAlarm]
    takers: Sequence[str]


@router.get("/api/v1/shifts", response_model=report_shapes.ShiftPage)
async def list_shifts(house: Here, operator: auth.Watcher) -> Response:
    """Who is on duty, and whose shift ended within a day."""
    since = house.clock.now() - ENDED_FOR
    found = await house.database.read(
        lambda c: [*shifts.standing(c), *shifts.lately(c, since, LIMIT)]
    )
    items = [figures.view_of(one) for one in found if one.is_seen_by(operator)]
    return shown.answer(report_shapes.ShiftPage(items=items))


@router.post("/api/v1/shifts", status_code=201, response_model=report_shapes.ShiftView)
async def begin_shift(
    house: Here, operator: auth.ShiftHolder, _: schemas.Claim | None = None
) -> Response:
    """Come on duty; whoever is on duty already stays so."""
    return shown.answer(figures.view_of(await relieve.begin(house.desk, operator)), 201)


@router.post("/api/v1/shifts/{shift}/end", response_model=report_shapes.ShiftView)
async def end_shift(house: Here, operator: auth.ShiftHolder, shift: Key) -> Response:
    """Go without handing over: 422 where alarms are open and nobody else is on duty."""
    return shown.answer(figures.view_of(await relieve.end(house.desk, operator, shift)))


@router.get("/api/v1/handovers", response_model=report_shapes.HandoverPage)
async def list_handovers(house: Here, operator: auth.ShiftHolder) -> Response:
    """Hand-overs of the last week that are yours to see, the newest first."""
    since = house.clock.now() - SHOWN_FOR
    found = await house.database.read(lambda c: shifts.listed(c, since, LIMIT))
    items = [_view(one) for one in found if one.is_seen_by(operator)]
    return shown.answer(report_shapes.HandoverPage(items=items))


@router.post("/api/v1/handovers", status_code=201, response_model=report_shapes.HandoverView)
async def offer_handover(
    house: Here, operator: auth.ShiftHolder, body: schemas.HandOver
) -> Response:
    """Hand over with a note and what is open; you stay on duty until the other takes it."""
    one = await relieve.offer(house.desk, operator, body.taker, body.note)
    return shown.answer(_view(one, whole=True), 201)


@router.get("/api/v1/handovers/{handover}", response_model=report_shapes.HandoverView)
async def see_handover(house: Here, operator: auth.ShiftHolder, handover: Key) -> Response:
    """One hand-over with the alarms that were open."""
    return shown.answer(_view(await _one(house, operator, handover), whole=True))


@router.post("/api/v1/handovers/{handover}/take", response_model=report_shapes.HandoverView)
async def take_handover(house: Here, operator: auth.ShiftHolder, handover: Key) -> Response:
    """It is yours now, with what the other held; 409 with who was first."""
    return shown.answer(_view(await relieve.take(house.desk, operator, handover), whole=True))


@router.post("/api/v1/handovers/{handover}/withdraw", response_model=report_shapes.HandoverView)
async def withdraw_handover(house: Here, operator: auth.ShiftHolder, handover: Key) -> Response:
    """You stay on duty after all."""
    return shown.answer(_view(await relieve.withdraw(house.desk, operator, handover), whole=True))


@router.get("/handover", dependencies=auth.OPEN, include_in_schema=False)
async def see_desk(request: Request, house: Here) -> Response:
    """Who is on duty, what is open, and to whom it goes."""
    operator = await visits.visitor(request, house, May.HAND_OVER)
    if isinstance(operator, Response):
        return operator
    return pages.page(
        request,
        "handover.html",
        me=shown.me(operator),
        desk=await _desk(house, operator),
        speech=spoken.speech(request, house),
        registry=house.registry(),
        now=house.clock.now(),
    )


@router.get("/handover/{handover}", dependencies=auth.OPEN, include_in_schema=False)
async def see_sheet(request: Request, house: Here, handover: Key) -> Response:
    """One hand-over as a sheet of paper, with room for two signatures."""
    operator = await visits.visitor(request, house, May.HAND_OVER)
    if isinstance(operator, Response):
        return operator
    return pages.page(
        request,
        "handover_sheet.html",
        me=shown.me(operator),
        one=await _one(house, operator, handover),
        speech=spoken.speech(request, house),
        registry=house.registry(),
    )


async def _one(house: House, operator: Operator, key: str) -> Handover:
    found = await house.database.read(lambda c: shifts.handover(c, key))
    if found is None:
        raise Unknown("hand-over", key)
    if not found.is_seen_by(operator):
        raise Foreign("hand-over", key)
    return found


async def _desk(house: House, operator: Operator) -> _Desk:
    since = house.clock.now() - SHOWN_FOR
    standing, listed, opened, known = await house.database.read(
        lambda c: (
            shifts.standing(c),
            shifts.listed(c, since, LIMIT),
            shifts.opened(c, sorted(operator.districts)),
            entry.everybody(c),
        )
    )
    mine = next((one for one in standing if one.person == operator.name), None)
    seen = [one for one in listed if one.is_seen_by(operator)]
    districts = mine.districts if mine is not None else tuple(sorted(operator.districts))
    takers = [one.name for one in known if _may_take(one, operator, districts)]
    return _Desk(
        mine=mine,
        on_duty=[one for one in standing if one.is_seen_by(operator)],
        offers=[one for one in seen if one.is_offered],
        past=[one for one in seen if not one.is_offered],
        opened=as_they_stand(opened),
        takers=takers,
    )


def _may_take(other: Operator, operator: Operator, districts: Sequence[str]) -> bool:
    is_other = other.name != operator.name
    return is_other and other.may(May.HAND_OVER) and covers(other, districts)


def _view(one: Handover, *, whole: bool = False) -> report_shapes.HandoverView:
    return report_shapes.HandoverView(
        id=one.id,
        giver=one.giver,
        taker=one.taker,
        districts=one.districts,
        at=one.at,
        note=one.note,
        open_count=one.open_count,
        taken_at=one.taken_at,
        taken_by=one.taken_by,
        withdrawn_at=one.withdrawn_at,
        open=one.open if whole else None,
    )
