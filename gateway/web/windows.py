"""Test windows over the API: opened and closed by technicians and supervisors of the district."""

from datetime import timedelta

from fastapi import APIRouter, Response

from gateway import commission
from gateway.domain.errors import Foreign, Unknown
from gateway.domain.operator import Operator
from gateway.domain.site import Registry
from gateway.domain.window import Window
from gateway.store import windows
from gateway.web import auth, paging, schemas, shown, window_shapes
from gateway.web.house import Here

SHOWN_FOR = timedelta(days=1)
router = APIRouter(prefix="/api/v1/tests", tags=["tests"])


@router.get("", response_model=window_shapes.WindowPage)
async def list_windows(house: Here, operator: auth.Seer, limit: paging.Limit = 100) -> Response:
    """Windows that are open, or ended within a day."""
    since, registry = house.clock.now() - SHOWN_FOR, house.registry()
    found = await house.database.read(lambda c: windows.listed(c, since, limit))
    own = [window for window in found if _is_seen(registry, operator, window)]
    items = [_shown(registry, window) for window in own]
    return shown.answer(window_shapes.WindowPage(items=items, next=None))


@router.post("", status_code=201, response_model=Window)
async def open_window(house: Here, operator: auth.Tester, body: schemas.OpenTests) -> Response:
    """Open one for named devices of your district; 409 while a real P0 is open at their site."""
    registry = house.registry()
    for device in body.devices:
        place = registry.place(device)
        if place.site is None:
            raise Unknown("device", device)
        if not operator.sees(place.site.district):
            raise Foreign("device", device)
    window = await commission.open_window(
        house.desk, operator, body.devices, body.minutes, body.expected, body.reason
    )
    return shown.answer(window, 201)


@router.delete("/{window}", response_model=Window)
async def close_window(house: Here, operator: auth.Tester, window: str) -> Response:
    """Close one before its time."""
    found = await house.database.read(lambda c: windows.get(c, window))
    if found is None:
        raise Unknown("test", window)
    if not _is_seen(house.registry(), operator, found):
        raise Foreign("test", window)
    return shown.answer(await commission.close_window(house.desk, operator, window))


def _shown(registry: Registry, window: Window) -> window_shapes.WindowView:
    own = {name: getattr(window, name) for name in Window.__dataclass_fields__}
    found = (registry.place(device).site for device in window.expected)
    sites = {site.id: site.name for site in found if site is not None}
    named = [window_shapes.SiteName(id=key, name=name) for key, name in sites.items()]
    return window_shapes.WindowView(**own, sites=named)


def _is_seen(registry: Registry, operator: Operator, window: Window) -> bool:
    """Whether every device of it hangs in a district of his."""
    sites = [registry.place(device).site for device in window.expected]
    return all(operator.sees(None if site is None else site.district) for site in sites)
