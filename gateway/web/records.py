"""Records over the API: events in and out, deliveries, and what was quarantined."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from gateway import operate
from gateway.domain.errors import Unknown
from gateway.domain.operator import Operator
from gateway.domain.site import Place
from gateway.store import event_views, quarantine, views, windows
from gateway.store.quarantine import Quarantined
from gateway.store.views import DeliveryView
from gateway.web import auth, paging, problem, shapes, shown
from gateway.web.house import Here, House

HEAR_WITHIN_S = 10.0
router = APIRouter(prefix="/api/v1", tags=["records"])
_Number = Annotated[str | None, Query(max_length=64)]
_INT64 = 2**63


@router.post("/events", status_code=202, response_model=shapes.Stored)
async def hear(request: Request, house: Here, device: auth.Speaker) -> Response:
    """An event from a device that speaks HTTP; 202 once it is on stable storage."""
    if device.device is None:
        raise HTTPException(403, "this token names no device")
    raw = await request.body()
    try:
        async with asyncio.timeout(HEAR_WITHIN_S):
            heard = await house.hear(device.device, raw)
    except TimeoutError:
        return _not_stored()
    if heard.refused is not None:
        return problem.answer(422, heard.refused, id=heard.id, refused=heard.refused)
    if heard.stored_at is None:
        return _not_stored()
    stored = shapes.Stored(id=heard.id, stored_at=heard.stored_at, copies=heard.copies)
    return shown.answer(stored, 202)


@router.get("/events", response_model=shapes.EventPage)
async def list_events(  # noqa: PLR0913 - the query's fields
    house: Here,
    operator: auth.Seer,
    *,
    lane: Annotated[str, Query(pattern="^(alarm|event)$")] = "alarm",
    device: Annotated[str | None, Query(max_length=40)] = None,
    kind: Annotated[str | None, Query(max_length=64)] = None,
    site: Annotated[str | None, Query(max_length=64)] = None,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """One lane's journal, the newest first. A page may be short and still go on: follow `next`."""
    before = paging.place(f"events {lane}", cursor, dict[str, int])
    sites = None
    if operator.districts or site is not None:
        known = house.registry().sites.values()
        sites = frozenset(
            one.id for one in known if operator.sees(one.district) and site in {None, one.id}
        )
    sought = event_views.Sought(
        lane=lane, device=device, kind=kind, sites=sites, also_unplaced=site is None
    )
    found, left = await house.database.read(lambda c: event_views.events(c, sought, limit, before))
    goes_on = paging.cursor(f"events {lane}", left) if left else None
    return shown.answer(shapes.EventPage(items=found, next=goes_on))


@router.get("/deliveries", response_model=shapes.DeliveryPage)
async def list_deliveries(
    house: Here,
    operator: auth.Seer,
    state: Annotated[str | None, Query(pattern="^(waiting|done|dead)$")] = None,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """What was owed to receivers, the newest first."""
    before = paging.place("deliveries", cursor, int)
    found = await house.database.read(
        lambda c: views.deliveries(c, state, operator.districts, limit + 1, before)
    )
    page = found[:limit]
    seen = await _of_their_tests(house, operator, page)
    goes_on = paging.cursor("deliveries", page[-1].id) if len(found) > limit else None
    return shown.answer(shapes.DeliveryPage(items=seen, next=goes_on))


@router.post("/deliveries/{delivery}/resend", status_code=202, response_model=None)
async def resend(house: Here, operator: auth.Resender, delivery: int) -> Response:
    """A dead letter goes again."""
    if not 0 < delivery < _INT64:
        raise Unknown("delivery", str(delivery))
    districts = operator.districts
    one = await house.database.read(lambda c: views.delivery(c, delivery, districts))
    if one is None or not await _of_their_tests(house, operator, [one]):
        raise Unknown("delivery", str(delivery))
    await operate.resend(house.desk, operator, delivery)
    return Response(status_code=202)


@router.get("/quarantine", response_model=shapes.QuarantinePage)
async def list_quarantine(
    house: Here,
    operator: auth.Inspector,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = None,
) -> Response:
    """What could not be taken, the newest first; devices of other districts left out."""
    before = paging.place("quarantine", cursor, int)
    found = await house.database.read(lambda c: quarantine.listed(c, house.seal, limit + 1, before))
    page, registry = found[:limit], house.registry()
    seen = (one for one in page if operator.sees(_district(registry.place(one.device))))
    items = [_quarantined(one) for one in seen]
    goes_on = paging.cursor("quarantine", page[-1].id) if len(found) > limit else None
    return shown.answer(shapes.QuarantinePage(items=items, next=goes_on))


async def _of_their_tests(
    house: House, operator: Operator, page: Sequence[DeliveryView]
) -> list[DeliveryView]:
    """Those, but for what was told of a test that is not wholly in a district of theirs."""
    keys = [key for one in page if (key := one.window)]
    if not keys or not operator.districts:
        return list(page)
    of_window = await house.database.read(lambda c: windows.devices(c, keys))
    registry = house.registry()
    hidden = {
        key
        for key, devices in of_window.items()
        if not all(operator.sees(_district(registry.place(one))) for one in devices)
    }
    return [one for one in page if one.window not in hidden]


def _district(place: Place) -> str | None:
    return None if place.site is None else place.site.district


def _quarantined(one: Quarantined) -> shapes.QuarantineView:
    return shapes.QuarantineView(
        id=one.id,
        device=one.device,
        reason=one.reason,
        link=one.link,
        count=one.count,
        first_at=one.first_at,
        last_at=one.last_at,
        body=one.body.decode("utf-8", "backslashreplace"),
    )


def _not_stored() -> Response:
    return problem.answer(503, "not stored yet; say it again", {"Retry-After": "2"})
