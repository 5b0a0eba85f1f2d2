"""Belief: a Signal becomes an Event, placed and with every doubt marked, or is refused."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import msgspec

from adapters.signal import Lane, Spoken, Unreadable
from gateway.domain import kind as kinds
from gateway.domain import proof
from gateway.domain.event import Event, is_unexpected, may_say
from gateway.domain.kind import KINDS, Kind, Voice
from gateway.domain.site import Place, Registry
from gateway.domain.supervision import Finding, digest, event_id

_DEVICE = re.compile(r"(?!gateway|canary)[a-z0-9][a-z0-9-]{0,39}")
_SHOWN_LIMIT = 80
CAUSE_LIMIT = 40
_MOMENT_S = 10
"""Two gateways that find the same within it say it under one id."""
_encode = msgspec.json.Encoder(order="deterministic").encode


class Doubt(StrEnum):
    """Why a readable signal is not taken; beside the adapters' own reasons for unreadable ones."""

    UNKNOWN_KIND = "unknown_kind"
    NOT_ITS_KIND = "not_its_kind"
    REPLAY = "replay"
    FENCED = "fenced"
    """An end, said by a gateway that no longer holds the camera's link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Believing:
    """What it takes to believe: who is registered, and how a card number is hashed."""

    registry: Registry
    hash_card: Callable[[str], str]
    gateway: str = ""
    """Who believes: another gateway's canary proves nothing here."""


def is_valid_device(device: str) -> bool:
    """Whether the contract allows such a device id."""
    return _DEVICE.fullmatch(device) is not None


@lru_cache(maxsize=20_000)  # every signal asks three times
def shown(device: str) -> str:
    """A device's id fit to be kept and shown, whatever it holds."""
    if is_valid_device(device):
        return device
    return device.encode("unicode_escape").decode("ascii")[:_SHOWN_LIMIT]


def lane_of(signal: Spoken | Unreadable) -> Lane:
    """The lane a signal takes: its kind decides, and where there is no kind, where it was heard."""
    if isinstance(signal, Unreadable):
        return signal.heard_on
    kind = kinds.find(signal.said.kind)
    return signal.heard_on if kind is None or kind.lane is None else kind.lane


def believe(spoken: Spoken, by: Believing) -> Event | Doubt:
    """The event, or why it is none."""
    said = spoken.said
    kind = kinds.find(said.kind)
    if kind is None:
        return Doubt.UNKNOWN_KIND
    voice = Voice.ADAPTER if spoken.by_adapter else Voice.DEVICE
    if not may_say(kind, voice) and not proof.is_canary(spoken):
        return Doubt.NOT_ITS_KIND
    device = shown(spoken.device)
    place = by.registry.place(device, said.part)
    lane = kind.lane or Lane.ALARM
    body = _encode(_without_card(said.content, by.hash_card))
    return Event(
        device=device,
        kind=kind,
        lane=lane,
        id=said.id,
        digest=hashlib.blake2b(body, digest_size=16).digest(),
        part=said.part,
        link=spoken.link,
        received_at=spoken.received_at,
        said_at=said.at,
        clock=said.clock,
        age_ms=said.age_ms,
        boot=said.boot,
        seq=said.seq,
        said_test=said.test,
        where=said.where,
        data=said.data,
        body=body,
        place=place,
        by_adapter=spoken.by_adapter,
        redelivered=spoken.redelivered,
        condition=spoken.condition if spoken.by_adapter else None,
        misplaced=spoken.heard_on is not lane,
        unexpected=is_unexpected(kind, place.device),
    )


def encoded(spoken: Spoken) -> bytes:
    """What a signal said, as bytes to keep."""
    return _encode(spoken.said.content)[:16384]


def unreadable(device: str, reason: str, body: bytes, at: datetime, registry: Registry) -> Event:
    """Bytes on the alarm topic that nobody can take: somebody may be crying for help."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    event_id = f"unreadable-{digest}-{int(at.timestamp())}"
    return voiced(KINDS["alarm.unreadable"], device, event_id, reason, at, registry)


def voiced(
    kind: Kind, device: str, event_id: str, cause: str, at: datetime, registry: Registry
) -> Event:
    """An event in the gateway's own voice, about a device or about itself."""
    body = _encode({"id": event_id, "kind": kind.name, "data": {"cause": cause}})
    return Event(
        device=shown(device),
        kind=kind,
        lane=Lane.ALARM,
        id=event_id,
        digest=hashlib.blake2b(body, digest_size=16).digest(),
        link="gateway",
        received_at=at,
        data={"cause": cause},
        body=body,
        place=registry.place(shown(device)),
        cause=cause,
    )


def found(finding: Finding, at: datetime, registry: Registry) -> Event:
    """What supervision found, as an event in its voice."""
    moment = at.replace(second=at.second // _MOMENT_S * _MOMENT_S, microsecond=0).isoformat()
    key = event_id(finding, moment)
    kind, device = KINDS[finding.kind], shown(finding.about)
    data: dict[str, object] = {"cause": finding.cause[:CAUSE_LIMIT], **finding.data}
    if finding.affected is not None:
        data["affected"] = finding.affected
    body = _encode({"id": key, "kind": kind.name, "data": data})
    return Event(
        device=device,
        kind=kind,
        lane=Lane.ALARM,
        id=key,
        digest=digest(kind.name, key),
        link="gateway",
        received_at=at,
        data=msgspec.json.decode(body)["data"],
        body=body,
        place=_found_at(finding, device, registry),
        cause=finding.cause[:CAUSE_LIMIT],
        standing=not finding.once,
        affected=finding.affected,
    )


def _found_at(finding: Finding, device: str, registry: Registry) -> Place:
    if finding.site is not None:
        return Place(site=registry.sites.get(finding.site))
    if finding.district is not None:
        return Place(whole_district=finding.district)
    return registry.place(device)


def _without_card(content: dict[str, object], hash_card: Callable[[str], str]) -> dict[str, object]:
    data = content.get("data")
    if not isinstance(data, dict) or data.get("credential") is None:
        return content
    return {**content, "data": {**data, "credential": hash_card(str(data["credential"]))}}
