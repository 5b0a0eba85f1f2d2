"""Telling: an alarm's change as a CloudEvent, rendered once and sent byte-identical for ever.

Source: CloudEvents 1.0, structured mode; contract of the webhook.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change
from gateway.domain.kind import Priority
from gateway.domain.occupancy import Occupancy
from gateway.domain.routing import Receiver, Route, receivers_for
from gateway.domain.site import Names, Registry, Site, Zone

TEXT_LIMIT = 2000
NAME_LIMIT = 500
PHONES_LIMIT = 20
PHONE_LIMIT = 64
ESCALATED = "escalated"
"""The notice of the ladder's last rung, which goes to one receiver alone."""
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who speaks, to whom, and by which routes."""

    installation: str
    gateway: str
    receivers: tuple[Receiver, ...] = ()
    routes: tuple[Route, ...] = ()
    base_url: str = ""
    """Where the API is reached, for the links in a notice."""
    sent_by_us: bool = True
    """False for a process that cannot send: what it owes is left for a gateway to claim."""
    called: str | None = None
    """The receiver that is called when nobody acts on an alarm."""

    def told(self, alarm: Alarm) -> list[str]:
        """The receivers of that alarm's notices."""
        return receivers_for(alarm, self.receivers, self.routes)

    def told_of(self, change: Change) -> list[str]:
        """The receivers of that change: whoever was called also hears that somebody acts now."""
        called = [] if self.called is None else [self.called]
        if change.notice == ESCALATED:
            return called
        told = self.told(change.alarm)
        return [*told, *(one for one in called if change.was_escalated and one not in told)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The journal's head that a notice carries, so that the centre holds it too."""

    gateway: str
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """How many people are inside, as a notice says it."""

    inside: int
    as_of: datetime
    quality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a notice says beside its alarm."""

    now: datetime
    registry: Registry
    anchor: Anchor
    drifting: Callable[[str], bool]
    """Whether people pass a site's turnstiles uncounted just now."""
    stored: bool = True
    """False: what is told is not on stable storage yet."""
    counts: Mapping[str, Occupancy | None] = field(default_factory=dict)
    """How many are inside, by site, where that was looked up already; None: nobody counted."""


def key(alarm: str, number: int) -> str:
    """The idempotency key: the same for every receiver and every attempt."""
    return f"{alarm}:{number}"


def content(
    change: Change, number: int, teller: Teller, context: Context, inside: Inside | None
) -> dict[str, Any]:
    """The CloudEvent of a change, but for its `delivery`, which differs by receiver."""
    alarm, registry = change.alarm, context.registry
    site = None if alarm.site is None else registry.sites.get(alarm.site)
    zone = _zone(alarm, registry)
    device = registry.devices.get(alarm.device)
    data: dict[str, Any] = {
        "alarm": _alarm(alarm),
        "site": None if site is None else _site(site),
        "zone": None if zone is None else _zone_content(zone),
        "place": {
            "source": "registry",
            "proven_at": None if device is None else time_text(device.proven_at),
            "doubt": alarm.doubt or _doubt(alarm),
        },
        "device": {
            "id": alarm.device,
            "kind": alarm.sort,
            "part": alarm.part,
            "registered": alarm.registered,
            "event_id": change.event_id or alarm.event_id,
            "event_ids": list(change.event_ids),
        },
        "occupancy": None
        if inside is None
        else {
            "inside": inside.inside,
            "as_of": time_text(inside.as_of),
            "quality": inside.quality,
        },
        "operator": alarm.claimed_by,
        "disposition": alarm.disposition,
        "note": _cut(alarm.note),
        "stored": context.stored,
        "journal": anchor_content(context.anchor),
        "links": {
            "alarm": f"{teller.base_url}/api/v1/alarms/{alarm.id}",
            "evidence": f"{teller.base_url}/api/v1/alarms/{alarm.id}#evidence",
        },
    }
    if change.stills:
        data["evidence"] = [_still(one, teller.base_url) for one in change.stills]
    return envelope(
        key(alarm.id, number),
        source=f"/dabyl/sites/{alarm.site}" if site is not None else "/dabyl/unplaced",
        subject=alarm.id,
        type_=f"dabyl.{change.notice}" if change.stills else f"dabyl.alarm.{change.notice}",
        at=context.now,
        data=data,
    )


def envelope(  # noqa: PLR0913 - the six things every CloudEvent of ours differs by
    event_id: str,
    *,
    source: str,
    subject: str,
    type_: str,
    at: datetime,
    data: dict[str, Any],
    schema: str = "alarm",
) -> dict[str, Any]:
    """A CloudEvent around that data."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "subject": subject,
        "type": type_,
        "time": time_text(at),
        "datacontenttype": "application/json",
        "dataschema": f"urn:dabyl:{schema}:1",
        "data": data,
    }


def frozen(event: dict[str, Any], receiver: str, gateway: str, sequence: int) -> bytes:
    """The body for one receiver, as it will be sent in every attempt."""
    delivery = {"receiver": receiver, "gateway": gateway, "sequence": sequence}
    return _encode({**event, "data": {**event["data"], "delivery": delivery}})


def anchor_content(anchor: Anchor) -> dict[str, Any]:
    """The journal's head as a notice carries it."""
    return {"gateway": anchor.gateway, "number": anchor.number, "hash": anchor.hash.hex()}


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "id": alarm.id,
        "kind": alarm.kind,
        "priority": int(alarm.priority),
        "state": alarm.state,
        "hidden": alarm.hidden,
        "silent": alarm.silent,
        "test": alarm.test,
        "said_test": alarm.said_test,
        "unexpected": alarm.unexpected,
        "id_reused": alarm.id_reused,
        "count": alarm.count,
        "affected": alarm.affected,
        "raised_at": time_text(alarm.raised_at),
        "pressed_at": {"value": time_text(alarm.pressed_at), "quality": alarm.pressed_quality},
    }


def _doubt(alarm: Alarm) -> str | None:
    if not alarm.registered:
        return "unregistered"
    return "unexpected" if alarm.unexpected and alarm.priority is Priority.P0 else None


def _zone(alarm: Alarm, registry: Registry) -> Zone | None:
    if alarm.site is None or alarm.zone is None:
        return None
    return registry.zones.get((alarm.site, alarm.zone))


def _site(site: Site) -> dict[str, Any]:
    return {
        "id": site.id,
        "name": _names(site.name),
        "address": _cut(site.address),
        "district": site.district,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "phones": [phone[:PHONE_LIMIT] for phone in site.phones[:PHONES_LIMIT]],
    }


def _zone_content(zone: Zone) -> dict[str, Any]:
    return {
        "id": zone.id,
        "name": _names(zone.name),
        "building": zone.building[:NAME_LIMIT],
        "floor": zone.floor[:NAME_LIMIT],
    }


def _names(names: Names) -> dict[str, str]:
    return {
        "kk": names.kk[:NAME_LIMIT],
        "ru": names.ru[:NAME_LIMIT],
        "en": names.en[:NAME_LIMIT],
    }


def _still(still: dict[str, Any], base_url: str) -> dict[str, Any]:
    link = f"{base_url}/api/v1/evidence/{still['sha256']}"
    return {**still, "taken_at": time_text(still["taken_at"]), "link": link}


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:TEXT_LIMIT]


def time_text(moment: datetime | None) -> str | None:
    """RFC 3339, UTC, milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
