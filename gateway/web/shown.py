"""What the API shows: nouns of the domain in the shapes of the contract, and as JSON."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from fastapi import Response

from gateway.domain.alarm import Alarm
from gateway.domain.camera import Facts, LinkState
from gateway.domain.decision import Transition
from gateway.domain.operator import RIGHTS, Operator
from gateway.domain.presence import Standing
from gateway.domain.site import Device, Names, Registry, Site, Sort
from gateway.domain.stills import Fate, Still
from gateway.store.views import DeliveryView
from gateway.web.shapes import (
    AlarmView,
    CameraView,
    DeviceView,
    Me,
    PlaceView,
    PressedAt,
    SiteView,
)
from gateway.web.still_shapes import StillView

_encode = msgspec.json.Encoder().encode


def encoded(body: object) -> bytes:
    """A body as JSON; moments become RFC 3339 in UTC."""
    return _encode(body)


def answer(body: object, status: int = 200) -> Response:
    """A JSON response."""
    return Response(encoded(body), status, media_type="application/json")


def alarm(
    one: Alarm,
    registry: Registry,
    *,
    deliveries: Sequence[DeliveryView] | None = None,
    transitions: Sequence[Transition] | None = None,
    evidence: Sequence[Still] | None = None,
    stored: bool = True,
) -> AlarmView:
    """An alarm as the API shows it."""
    own = {name: getattr(one, name) for name in _OWN}
    return AlarmView(
        **own,
        priority=int(one.priority),
        pressed_at=PressedAt(value=one.pressed_at, quality=one.pressed_quality),
        stored=stored,
        place=_place(one, registry),
        deliveries=deliveries,
        transitions=transitions,
        evidence=None if evidence is None else [_still(still, registry) for still in evidence],
    )


def site(one: Site) -> SiteView:
    """A site as a listing shows it."""
    return SiteView(
        id=one.id,
        name=one.name,
        district=one.district,
        address=one.address,
        latitude=one.latitude,
        longitude=one.longitude,
        phones=one.phones,
    )


def device(
    one: Device,
    hung: Site | None,
    standing: Standing,
    heard_at: datetime | None,
    facts: Facts | None = None,
) -> DeviceView:
    """A device as a listing shows it; never its address, which belongs to technicians' tools."""
    return DeviceView(
        id=one.id,
        kind=one.sort.value,
        site=one.site,
        site_name=None if hung is None else hung.name,
        zone=one.zone,
        district="" if hung is None else hung.district,
        state=standing.state.value,
        why=None if standing.why is None else standing.why.value,
        heard_at=heard_at,
        proven_at=one.proven_at,
        silent=one.silent,
        max_silence_s=one.max_silence_s,
        camera=camera(facts or UNLINKED) if one.sort is Sort.CAMERA else None,
    )


def camera(facts: Facts) -> CameraView:
    """How a camera is; never what it said in words of its own, which may hold addresses."""
    return CameraView(
        **{name: getattr(facts, name) for name in _OF_CAMERAS},
        link=facts.state.value,
        picture=facts.picture.value,
        topics=sum(facts.unknown_topics.values()),
    )


def me(operator: Operator) -> Me:
    """Who is asking, for a page to know what to offer."""
    return Me(
        name=operator.name,
        shown=operator.shown or operator.name,
        role=operator.role.value,
        districts=sorted(operator.districts),
        rights=sorted(RIGHTS[operator.role]),
    )


def _still(one: Still, registry: Registry) -> StillView:
    kept = one.sha256 is not None and one.fate is Fate.KEPT
    return StillView(
        **{name: getattr(one, name) for name in _OF_STILL},
        zone=_zone_of(one.camera, registry),
        state=one.fate.value,
        link=f"/api/v1/evidence/{one.sha256}" if kept else None,
    )


def _zone_of(device: str, registry: Registry) -> Names | None:
    zone = registry.place(device).zone
    return None if zone is None else zone.name


def _place(one: Alarm, registry: Registry) -> PlaceView:
    place = None if one.site is None else registry.sites.get(one.site)
    zone = registry.zones.get((one.site, one.zone)) if one.site and one.zone else None
    return PlaceView(
        site=None if place is None else place.name,
        zone=None if zone is None else zone.name,
        building="" if zone is None else zone.building,
        floor="" if zone is None else zone.floor,
        address="" if place is None else place.address,
        district=one.district,
        phones=() if place is None else place.phones,
    )


_OF_STILL = (
    *("camera", "offset_s", "why", "sha256", "content_type", "size_bytes"),
    *("taken_at", "fetched_at"),
)
_OTHERWISE = frozenset(
    ["priority", "pressed_at", "stored", "place", "deliveries", "transitions", "evidence"]
)
_OF_CAMERAS = tuple(
    name for name in CameraView.__dataclass_fields__ if name not in {"link", "picture", "topics"}
)
UNLINKED = Facts(state=LinkState.UNLINKED)
_OWN = tuple(name for name in AlarmView.__dataclass_fields__ if name not in _OTHERWISE)
"""The fields that are shown as the alarm has them."""
