"""The wall: districts at a glance, for everybody in the room; it shows, and takes no step."""

import asyncio
from collections import Counter

from fastapi import APIRouter, Request, Response

from gateway.domain.operator import May, Operator
from gateway.web import auth, pages, report_shapes, shown, visits
from gateway.web.house import Here, House
from gateway.web.report_shapes import DistrictView

SLICE = 1000
router = APIRouter(tags=["wall"])


@router.get("/api/v1/wall", response_model=report_shapes.WallView)
async def read_wall(house: Here, operator: auth.Watcher) -> Response:
    """Your districts with their devices, and where their sites lie on the operator's map."""
    outline, sites = house.outline, house.registry().sites
    places = {
        key: place
        for key, one in sites.items()
        if outline is not None
        and operator.sees(one.district)
        and (place := outline.place(one.latitude, one.longitude)) is not None
    }
    view = report_shapes.WallView(districts=await _districts(house, operator), places=places)
    return shown.answer(view)


@router.get("/wall", dependencies=auth.OPEN, include_in_schema=False)
async def see_wall(request: Request, house: Here) -> Response:
    """The screen for the wall; whatever is secret stays in its browser's cookie."""
    operator = await visits.visitor(request, house, May.WATCH_WALL)
    if isinstance(operator, Response):
        return operator
    return pages.page(
        request,
        "wall.html",
        me=shown.me(operator),
        districts=await _districts(house, operator),
        outline=house.outline,
        sees=operator.sees,
    )


async def _districts(house: House, operator: Operator) -> list[DistrictView]:
    registry = house.registry()
    sites, devices, silent = Counter[str](), Counter[str](), Counter[str]()
    for one in registry.sites.values():
        sites[one.district] += 1
    for number, device in enumerate(registry.devices.values()):
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)  # an alarm must not wait for ten thousand devices
        site = registry.sites.get(device.site)
        district = "" if site is None else site.district
        devices[district] += 1
        silent[district] += device.id in house.presence.silent
    return [
        DistrictView(name=name, sites=sites[name], devices=devices[name], silent=silent[name])
        for name in sorted({*sites, *operator.districts})
        if operator.sees(name)
    ]
