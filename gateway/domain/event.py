"""An Event: a Signal believed, placed and marked with every doubt about it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NewType

import msgspec

from adapters.signal import ClockQuality, Condition, Lane, Where
from gateway.domain.kind import Kind, Priority, Voice
from gateway.domain.site import Device, Place, Sort

AlarmId = NewType("AlarmId", str)
REPEAT_WINDOW = timedelta(hours=24)
HEARD_TWICE = timedelta(seconds=60)
"""A derived id again within it was heard by two gateways, or on two ways; later it is another
event: a camera's clock may stand, or begin anew at each boot."""
TOLD_AGAIN = timedelta(minutes=70)
"""So long for what a camera tells again from what it keeps: it is asked for an hour of it."""

_SAID_BY: dict[Sort, tuple[str, ...]] = {
    Sort.PANIC_BUTTON: ("panic.", "tamper.", "battery.", "mains.", "input."),
    Sort.TURNSTILE: ("passage.", "tamper.", "battery.", "mains.", "input."),
    Sort.CAMERA: ("camera.", "tamper.", "input.", "passage."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """How many are concerned where one trouble stands for many."""

    devices: int
    of_devices: int
    sites: int | None = None
    of_sites: int | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, who said so, where, and when: by their clock and by ours."""

    device: str
    kind: Kind
    lane: Lane
    id: str
    reuse: int = 0
    """0 for the first use of an id; n for the n-th other event under the same id."""
    digest: bytes
    part: int = 1
    link: str
    received_at: datetime
    said_at: datetime | None = None
    clock: ClockQuality | None = None
    age_ms: int | None = None
    boot: int | None = None
    seq: int | None = None
    said_test: bool = False
    where: Where | None = None
    data: dict[str, Any]
    body: bytes
    """Canonical JSON without `age_ms`, card numbers hashed: what the digest is taken of."""
    place: Place
    by_adapter: bool = False
    """Whether its id was derived by the adapter that concluded it, and not drawn by a device."""
    redelivered: bool = False
    """Whether this gateway may have heard it before, in this life or a former one."""
    misplaced: bool = False
    unexpected: bool = False
    cause: str | None = None
    """Why the gateway itself speaks, in one word that can be counted."""
    folded: int = 1
    """How many signals of one chattering device it tells the alarm of: itself, and those that were
    counted on the row before."""
    condition: Condition | None = None
    """What began or ended by it, by the name that its adapter gives to what lasts."""
    standing: bool = False
    """A condition that supervision found: there is no second alarm beside an open one of it."""
    affected: Affected | None = None


def alarm_id(installation: str, event: Event) -> AlarmId:
    """The 128-bit id, derived and not drawn, so that every gateway finds the same one."""
    key = f"{installation}\x1f{event.device}\x1f{event.id}"
    if event.lane is Lane.EVENT:
        # The lanes' journals do not know each other's ids: a button's slip must not cost a press.
        # Nor does retention leave the old ones: a firmware's constant id is new another day.
        key = f"{key}\x1fevent\x1f{event.received_at.date().isoformat()}"
    if event.reuse:
        key = f"{key}\x1f{event.digest.hex()}\x1f{event.reuse}"
    return AlarmId(hashlib.blake2b(key.encode(), digest_size=16).hexdigest())


def is_repeat(event: Event, known: bytes, known_at: datetime) -> bool:
    """Whether the same id again is the same event again, and not a reused id.

    `known`: the digest of what is stored under that id, and `known_at` when that was heard.
    """
    if event.digest != known:
        return False
    if not event.by_adapter:
        return event.received_at - known_at < REPEAT_WINDOW
    window = TOLD_AGAIN if event.redelivered else HEARD_TWICE
    return abs(event.received_at - known_at) < window  # in doubt it is a cry


def may_say(kind: Kind, voice: Voice) -> bool:
    """Whether that voice may say that kind."""
    return voice in kind.by


def is_unexpected(kind: Kind, device: Device | None) -> bool:
    """Whether a device of that sort does not usually say this; it is raised and marked."""
    if device is None or kind.raises is not Priority.P0:
        return False
    if kind.name in {device.input_kind, *(one.kind for one in device.inputs.values())}:
        return False
    return not kind.name.startswith(_SAID_BY[device.sort])
