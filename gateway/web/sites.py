"""Sites and devices over the API: what is registered, and what can be said of it now."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.domain.errors import Foreign, Unknown
from gateway.domain.operator import Operator
from gateway.domain.presence import Heard
from gateway.domain.site import Device, Registry
from gateway.store import troubles, views
from gateway.web import auth, paging, shapes, shown
from gateway.web.house import Here, House

SLICE = 500
router = APIRouter(prefix="/api/v1", tags=["sites and devices"])


@router.get("/sites", response_model=shapes.SitePage)
async def list_sites(
    house: Here,
    operator: auth.Seer,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """Sites of your districts, by id."""
    after = paging.place("sites", cursor, str) or ""
    sites = house.registry().sites
    own = (key for key in sorted(sites) if key > after and operator.sees(sites[key].district))
    keys = list(islice(own, limit + 1))
    goes_on = paging.cursor("sites", keys[limit - 1]) if len(keys) > limit else None
    items = [shown.site(sites[key]) for key in keys[:limit]]
    return shown.answer(shapes.SitePage(items=items, next=goes_on))


@router.get("/sites/{site}", response_model=shapes.SiteView)
async def see_site(house: Here, operator: auth.Seer, site: str) -> Response:
    """One site with its zones and devices."""
    registry = house.registry()
    one = registry.sites.get(site)
    if one is None:
        raise Unknown("site", site)
    if not operator.sees(one.district):
        raise Foreign("site", site)
    devices = [device for device in registry.devices.values() if device.site == site]
    written = await _written(house, (device.id for device in devices))
    view = replace(
        shown.site(one),
        zones=[zone for zone in registry.zones.values() if zone.site == site],
        devices=[_shown(house, registry, device, written) for device in devices],
    )
    return shown.answer(view)


@router.get("/devices", response_model=shapes.DevicePage)
async def list_devices(
    house: Here,
    operator: auth.Seer,
    *,
    state: Heard | None = None,
    site: Annotated[str | None, Query(max_length=64)] = None,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """Devices of your districts, by id, and how many of all are in which state."""
    after = paging.place("devices", cursor, str) or ""
    registry, now_s = house.registry(), house.clock.monotonic()
    counts = dict.fromkeys((heard.value for heard in Heard), 0)
    wanted: list[str] = []
    for number, device in enumerate(_own(registry, operator, site)):
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)  # ten thousand devices, and an alarm must not wait for them
        heard = house.presence.state(device, now_s)
        counts[heard.value] += 1
        if device.id > after and state in {None, heard}:
            wanted.append(device.id)
    keys = sorted(wanted)[: limit + 1]
    goes_on = paging.cursor("devices", keys[limit - 1]) if len(keys) > limit else None
    written = await _written(house, keys)
    items = [_shown(house, registry, registry.devices[key], written) for key in keys[:limit]]
    return shown.answer(shapes.DevicePage(items=items, next=goes_on, counts=counts))


@router.get("/devices/{device}", response_model=shapes.DeviceView)
async def see_device(house: Here, operator: auth.Seer, device: str) -> Response:
    """One device with its last check-in and the kinds of its open alarms."""
    registry = house.registry()
    one = registry.devices.get(device)
    if one is None:
        raise Unknown("device", device)
    if not operator.sees(_district(registry, one)):
        raise Foreign("device", device)
    last = await house.database.read(lambda c: views.last_said(c, device))
    opened = await house.database.read(lambda c: troubles.of_device(c, device))
    view = replace(_shown(house, registry, one, {}), troubles=opened)
    if last is None:
        return shown.answer(view)
    heard_at, said = last
    return shown.answer(replace(view, heard_at=view.heard_at or heard_at, said=said))


def _district(registry: Registry, device: Device) -> str:
    site = registry.sites.get(device.site)
    return "" if site is None else site.district


def _own(registry: Registry, operator: Operator, site: str | None) -> Iterator[Device]:
    seen = {key for key, one in registry.sites.items() if operator.sees(one.district)}
    for device in registry.devices.values():
        if device.site in seen and site in {None, device.site}:
            yield device


async def _written(house: House, keys: Iterable[str]) -> dict[str, datetime]:
    devices = list(keys)
    return await house.database.read(lambda c: views.last_heard(c, devices))


def _shown(
    house: House, registry: Registry, device: Device, written: Mapping[str, datetime]
) -> shapes.DeviceView:
    return shown.device(
        device,
        registry.sites.get(device.site),
        house.presence.standing(device, house.clock.monotonic()),
        house.presence.heard_at(device.id) or written.get(device.id),
        house.camera(device.id),
    )
