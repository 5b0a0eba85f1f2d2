"""The shapes of what the API shows: the contract's names; the documents are drawn from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain.counts import Chain
from gateway.domain.decision import Transition
from gateway.domain.event import Affected
from gateway.domain.site import Names, Zone
from gateway.store.event_views import EventView
from gateway.store.views import DeliveryView
from gateway.web.still_shapes import StillView


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
    asks_since: datetime | None
    """Since when it asks to be seen; a lapsed claim does not begin it anew."""
    escalation: int
    """How far up the ladder: 0 nobody more, 1 supervisors, 2 every console, 3 beyond them."""
    claimed_by: str | None
    claimed_at: datetime | None
    claimed_until: datetime | None
    disposition: str | None
    version: int
    registered: bool
    unexpected: bool
    id_reused: bool
    doubt: str | None
    affected: Affected | None
    """How many are concerned, where it stands for many."""
    responded: str | None
    closing_as: str | None
    """How the centre closed it while a person holds it; the time until when they may object."""
    closing_due_at: datetime | None
    closed_at: datetime | None
    note: str | None
    stored: bool
    place: PlaceView
    deliveries: Sequence[DeliveryView] | None = None
    transitions: Sequence[Transition] | None = None
    evidence: Sequence[StillView] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraView:
    """How a camera is, as far as whoever holds its link knows."""

    link: str
    """unlinked, waiting, connecting, heard, lost or refused."""
    reason: str | None
    """Why its link does not stand, in one word."""
    way: str
    """How its events come: pull, poll or push."""
    manufacturer: str
    model: str
    firmware: str
    firmware_before: str
    event_at: datetime | None
    clock_offset_s: float | None
    """Its clock minus ours."""
    slot_faults: int
    unreadable: int
    topics: int
    """How many notifications came on a topic that nobody knows."""
    unknown_topics: dict[str, int]
    pulses: Sequence[int]
    """The parts whose contact does not latch."""
    picture: str
    """unknown, good, black, frozen or none."""
    picture_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """A device, where it hangs, and what can honestly be said of it now."""

    id: str
    kind: str
    site: str
    site_name: Names | None
    zone: str | None
    district: str
    state: str
    """well, silent or unknown."""
    why: str | None
    """What stands behind silent and unknown, in one word."""
    heard_at: datetime | None
    proven_at: datetime | None
    silent: bool
    max_silence_s: int
    camera: CameraView | None = None
    """Only of cameras."""
    said: dict[str, Any] | None = None
    """Its last check-in; only where one device was asked for, as its open alarms."""
    troubles: Sequence[str] | None = None
    """The kinds of its open alarms."""


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
class HeardView:
    """What one lane heard since this gateway started: the sum of the rest, or it is a finding."""

    heard: int
    journalled: int
    repeats: int
    folded: int
    quarantined: int
    check_ins: int
    let_go: int
    under_way: int
    difference: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedView:
    """What a gateway ever owed a receiver: the sum of the rest, or it is a finding."""

    gateway: str
    receiver: str
    owed: int
    settled: int
    waiting: int
    dead: int
    dropped: int
    difference: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """Whether the counts of every hop agree, with all of them."""

    gateway: str
    agree: bool
    findings: Sequence[str]
    heard: dict[str, HeardView]
    """By lane, of this gateway, since it started."""
    journal: Sequence[Chain]
    """Of every gateway, as the store has it."""
    owed: Sequence[OwedView]
    """Of every gateway, since the beginning."""
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Who is asking."""

    name: str
    shown: str
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
