"""An alarm's papers: how to get in, the plan, who is inside, what was there lately, what to do."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Header, Query, Response
from starlette.exceptions import HTTPException

from gateway.domain import procedure
from gateway.domain.alarm import Alarm
from gateway.domain.errors import Unknown
from gateway.domain.kind import Priority
from gateway.domain.occupancy import Occupancy, school_day
from gateway.domain.operator import Operator
from gateway.domain.procedure import Instruction
from gateway.domain.site import Names, Registry, Sort, Zone
from gateway.store import alarms, occupancies
from gateway.web import auth, shown
from gateway.web.house import Here, House
from gateway.web.paper_shapes import InsideView, OnPlan, PapersView, PlanView, RecentView

LATELY = timedelta(hours=24)
RECENT_LIMIT = 50
PRESSES_LIMIT = 64
ON_PLAN_LIMIT = 64
AGAIN_S = 2
CONTENT_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""A drawing is looked at; whatever else is written in it must not run."""
router = APIRouter(prefix="/api/v1", tags=["alarms"])


@router.get("/alarms/{alarm}/papers", response_model=PapersView)
async def see_papers(house: Here, operator: auth.Seer, alarm: str) -> Response:
    """What a person must have in hand: access, plan, who is inside, lately, procedure."""
    one = await house.database.read(lambda c: alarms.get(c, alarm))
    if one is None or not operator.sees(one.district):
        raise Unknown("alarm", alarm)
    since = house.clock.now() - LATELY
    recent: list[Alarm] = []
    presses = [one]
    inside: Occupancy | None = None
    if one.site is not None:
        site = one.site
        wanted = alarms.Filter(site=site, since=since, districts=operator.districts)
        asking = alarms.Filter(site=site, is_open=True, priority=Priority.P0)
        recent, others, counts = await house.database.read(
            lambda c: (
                alarms.listed(c, wanted, RECENT_LIMIT + 1, None),
                alarms.listed(c, asking, PRESSES_LIMIT, None),
                occupancies.of_sites(c, [site]),
            )
        )
        presses += others
        inside = counts.get(site)
    is_hushed = any(press.silent and press.is_open and not press.test for press in presses)
    steps = procedure.fitting(house.procedures, one.kind, test=one.test, silent=one.silent)
    todo = () if steps is None else steps.hushed() if is_hushed else steps.steps
    return shown.answer(_papers(one, house, operator, todo, recent, inside))


@router.get(
    "/sites/{site}/plan",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}, "description": "the picture"}},
)
async def see_plan(
    house: Here,
    operator: auth.Seer,
    site: str,
    zone: Annotated[str, Query(max_length=64)],
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """The picture of the floor that a zone is on."""
    registry = house.registry()
    one, place = registry.sites.get(site), registry.zones.get((site, zone))
    if one is None or place is None or not place.plan or not operator.sees(one.district):
        raise Unknown("plan", zone)
    kind = CONTENT_TYPES.get(PurePosixPath(place.plan).suffix.lower())
    try:
        body = None if kind is None else await house.plan(place.plan)
    except OSError as error:
        raise HTTPException(
            503, "the folder of plans does not answer", {"Retry-After": str(AGAIN_S)}
        ) from error
    if body is None:
        raise Unknown("plan", place.plan)
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Authorization",
        "Content-Security-Policy": HARMLESS,
    }
    if if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=kind)


def _papers(
    one: Alarm,
    house: House,
    operator: Operator,
    todo: Sequence[Instruction],
    recent: list[Alarm],
    inside: Occupancy | None,
) -> PapersView:
    registry = house.registry()
    site = None if one.site is None else registry.sites.get(one.site)
    is_shown = site is not None and operator.is_person and site.access != Names()
    others = [other for other in recent if other.id != one.id][:RECENT_LIMIT]
    return PapersView(
        access=site.access if site is not None and is_shown else None,
        latitude=None if site is None else site.latitude,
        longitude=None if site is None else site.longitude,
        plan=_plan(one, registry),
        occupancy=_inside(inside, house),
        recent=[_recent(other, registry) for other in others],
        procedure=todo,
    )


def _inside(count: Occupancy | None, house: House) -> InsideView | None:
    """The count of this school day; that of another says nothing of now."""
    today = school_day(house.clock.now(), house.zone)
    if count is None or count.day != today:
        return None
    now_s = house.clock.monotonic()
    drifts = house.presence.drifting(house.registry, count.site, now_s)
    quality = count.quality(silent_turnstile=drifts)
    return InsideView(inside=count.inside, as_of=count.as_of, quality=quality.value)


def _plan(one: Alarm, registry: Registry) -> PlanView | None:
    """The plan of the alarm's zone, where it has one, with its device and the cameras on it."""
    zone = registry.zones.get((one.site, one.zone)) if one.site and one.zone else None
    if zone is None or not zone.plan:
        return None
    own = registry.devices.get(one.device)
    drawn = own is not None and _hangs_on(zone, own.zone, registry) and own.site == zone.site
    cameras = (
        OnPlan(device=device.id, kind=device.sort.value, at=device.at)
        for device in registry.devices.values()
        if device.at is not None
        and device.sort is Sort.CAMERA
        and device.site == zone.site
        and device.id != one.device
        and _hangs_on(zone, device.zone, registry)
    )
    return PlanView(
        link=f"/api/v1/sites/{quote(zone.site, safe='')}/plan?{urlencode({'zone': zone.id})}",
        at=own.at if own is not None and drawn else None,
        cameras=[one for one, _ in zip(cameras, range(ON_PLAN_LIMIT), strict=False)],
    )


def _hangs_on(zone: Zone, other: str | None, registry: Registry) -> bool:
    """Whether a device of that other zone of the site is on the same picture."""
    found = None if other is None else registry.zones.get((zone.site, other))
    return found is not None and found.plan == zone.plan


def _recent(one: Alarm, registry: Registry) -> RecentView:
    zone = registry.zones.get((one.site, one.zone)) if one.site and one.zone else None
    own = {name: getattr(one, name) for name in _OWN}
    return RecentView(
        **own,
        priority=int(one.priority),
        zone=None if zone is None else zone.name,
    )


_OWN = tuple(name for name in RecentView.__dataclass_fields__ if name not in {"priority", "zone"})
