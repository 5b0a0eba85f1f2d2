"""What the API shows: the contract's names, as dataclasses; the documents are drawn from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Response

from gateway.domain.alarm import Alarm
from gateway.domain.decision import Transition
from gateway.domain.operator import RIGHTS, Operator
from gateway.domain.site import Device, Names, Registry, Site, Zone
from gateway.domain.window import Window
from gateway.store.views import DeliveryView, EventView

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class PressedAt:
    """When it was pressed, and how far that can be trusted; the same shape as in a notice."""

    value: datetime
    quality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """The names of where it is, so that a page needs no second question."""

    site: Names | None
    zone: Names | None
    building: str
    floor: str
    address: str
    district: str | None
    phones: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """An alarm; its last three fields only where they were asked for."""

    id: str
    kind: str
    priority: int
    state: str
    hidden: str | None
    hidden_until: datetime | None
    silent: bool
    test: bool
    said_test: bool
    count: int
    site: str | None
    zone: str | None
    device: str
    part: int
    raised_at: datetime
    last_at: datetime
    pressed_at: PressedAt
    claimed_by: str | None
    claimed_until: datetime | None
    disposition: str | None
    version: int
    registered: bool
    unexpected: bool
    id_reused: bool
    doubt: str | None
    responded: str | None
    closed_at: datetime | None
    note: str | None
    stored: bool
    place: PlaceView
    deliveries: Sequence[DeliveryView] | None = None
    transitions: Sequence[Transition] | None = None
    evidence: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """A device, where it hangs, and what can honestly be said of it now."""

    id: str
    kind: str
    site: str
    zone: str | None
    district: str
    state: str
    """well, silent or unknown."""
    heard_at: datetime | None
    proven_at: datetime | None
    silent: bool
    max_silence_s: int
    said: dict[str, Any] | None = None
    """Its last check-in; only where one device was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """A site; its zones and devices only where one site was asked for."""

    id: str
    name: Names
    district: str
    address: str
    latitude: float | None
    longitude: float | None
    phones: Sequence[str]
    zones: Sequence[Zone] | None = None
    devices: Sequence[DeviceView] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineView:
    """What could not be taken; its bytes as text, with what is no text escaped."""

    id: int
    device: str
    reason: str
    link: str
    count: int
    first_at: datetime
    last_at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Who is asking."""

    name: str
    role: str
    districts: Sequence[str]
    rights: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event's receipt."""

    id: str | None
    stored_at: datetime
    copies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPage:
    """One page; `next` goes into `cursor`, null: there is no more. Likewise below."""

    items: Sequence[AlarmView]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """Sites, by id."""

    items: Sequence[SiteView]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePage:
    """Devices, by id, and how many of all that you see are in which state."""

    items: Sequence[DeviceView]
    next: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Events of one lane, the newest first."""

    items: Sequence[EventView]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """Deliveries, the newest first."""

    items: Sequence[DeliveryView]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePage:
    """What was not taken, the newest first."""

    items: Sequence[QuarantineView]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPage:
    """Test windows, the newest first."""

    items: Sequence[Window]
    next: str | None


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
    evidence: Sequence[str] | None = None,
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
        evidence=evidence,
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


def device(one: Device, district: str, state: str, heard_at: datetime | None) -> DeviceView:
    """A device as a listing shows it; never its address, which belongs to technicians' tools."""
    return DeviceView(
        id=one.id,
        kind=one.sort.value,
        site=one.site,
        zone=one.zone,
        district=district,
        state=state,
        heard_at=heard_at,
        proven_at=one.proven_at,
        silent=one.silent,
        max_silence_s=one.max_silence_s,
    )


def me(operator: Operator) -> Me:
    """Who is asking, for a page to know what to offer."""
    return Me(
        name=operator.name,
        role=operator.role.value,
        districts=sorted(operator.districts),
        rights=sorted(RIGHTS[operator.role]),
    )


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


_OTHERWISE = frozenset(
    ["priority", "pressed_at", "stored", "place", "deliveries", "transitions", "evidence"]
)
_OWN = tuple(name for name in AlarmView.__dataclass_fields__ if name not in _OTHERWISE)
"""The fields that are shown as the alarm has them."""
