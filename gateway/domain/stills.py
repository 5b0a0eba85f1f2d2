"""Stills with an alarm: which cameras are asked and when, and what became of each. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change, Transition
from gateway.domain.site import DeviceId, Registry, Sort

BEFORE_S = -5
"""What was there before; only where the camera's stills are kept rolling."""
OFFSETS_S = (0, 5)
"""What is asked of every camera, after the alarm."""
FRESH = timedelta(seconds=60)
"""A still that is later than this shows another moment: then it counts as missed."""
NOTICE = "evidence.added"


class Fate(StrEnum):
    """What became of one still that an alarm asked for."""

    WAITING = "waiting"
    KEPT = "kept"
    FAILED = "failed"
    """The camera gave none, or it could not be kept."""
    MISSED = "missed"
    """Nobody asked in time: the gateway was away, or had too much to do."""
    SKIPPED = "skipped"
    """Not asked, because so many others were."""
    DROPPING = "dropping"
    """It was kept, and is too old now; its bytes are still there."""
    DROPPED = "dropped"


class Why(StrEnum):
    """Why there is no still, where it was not the camera's link that said so."""

    LATE = "late"
    TOO_MANY = "too_many"
    NO_ROOM = "no_room"
    NOT_KEPT = "not_kept"
    NO_PICTURE = "no_picture"
    NO_LOGIN = "no_login"
    FAILED = "failed"


WORDS = {
    Why.LATE: "was not asked in time",
    Why.TOO_MANY: "was not asked: too many at once",
    Why.NO_ROOM: "there is no room for its still",
    Why.NOT_KEPT: "its still could not be written",
    Why.NO_PICTURE: "answers, but not with a picture",
    Why.NO_LOGIN: "we have no login for it",
    Why.FAILED: "its still could not be taken",
    "refused": "nobody listens at its address",
    "unreachable": "cannot be reached",
    "reset": "hung up",
    "timed_out": "does not answer",
    "not_soap": "does not answer as a camera",
    "too_large": "its still is too large",
    "fault": "refused the request",
    "gone": "started again",
    "slots": "has no room for us",
    "no_events": "has no such service",
    "foreign": "sends us to a foreign host",
    "tls": "its certificate is not to be trusted",
    "credentials": "does not accept our login",
    "clock": "its clock is off",
    "role": "our login may not see stills",
    "locked": "is not asked: logins failed too often",
    "changed": "is another one than was commissioned",
}
"""Each reason in words for the time line; the links' own are strings here (adapters.devices)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One still that an alarm asks of a camera, and what became of it."""

    alarm: str
    camera: DeviceId
    offset_s: int
    due_at: datetime
    fate: Fate = Fate.WAITING
    why: str | None = None
    sha256: str | None = None
    content_type: str | None = None
    size_bytes: int | None = None
    taken_at: datetime | None = None
    """When the camera was asked, by our clock."""
    fetched_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """Which one it is."""
        return self.alarm, self.camera, self.offset_s


@dataclass(slots=True)
class Sights:
    """Which cameras see what, of one version of the registry."""

    version: int = -1
    cameras: set[DeviceId] = field(default_factory=set)
    _at: dict[str, list[DeviceId]] = field(default_factory=lambda: defaultdict(list))
    _in: dict[tuple[str, str], list[DeviceId]] = field(default_factory=lambda: defaultdict(list))
    _of_buttons: tuple[DeviceId, ...] | None = None
    """Looked for once: among tens of thousands of devices that takes 50 ms."""

    @classmethod
    def of(cls, registry: Registry) -> "Sights":
        """Gathered once for each version: a look at every device."""
        found = cls(registry.version)
        for one in registry.devices.values():
            if one.sort is not Sort.CAMERA:
                continue
            found.cameras.add(one.id)
            for seen in one.looks_at:
                found._at[seen].append(one.id)
            if one.zone is not None:
                found._in[one.site, one.zone].append(one.id)
        return found

    def of_alarm(self, device: str, site: str | None, zone: str | None) -> list[DeviceId]:
        """A camera's own alarm asks it first; then those that look there, else its zone's."""
        own = [one for one in (DeviceId(device),) if one in self.cameras]
        others = self._at.get(device) or self._in.get((site or "", zone or ""), [])
        return list(dict.fromkeys([*own, *sorted(others)]))

    def of_buttons(self, registry: Registry) -> tuple[DeviceId, ...]:
        """The cameras that a panic button's press asks, or that have one wired to them."""
        if self._of_buttons is None:
            self._of_buttons = tuple(self._by_buttons(registry))
        return self._of_buttons

    def _by_buttons(self, registry: Registry) -> dict[DeviceId, None]:
        found: dict[DeviceId, None] = {}
        for one in registry.devices.values():
            meant = (one.input_kind, *(wired.kind for wired in one.inputs.values()))
            is_wired = any((kind or "").startswith("panic.") for kind in meant)
            if one.sort is Sort.PANIC_BUTTON or is_wired:
                wired_zones = (wired.zone or "" for wired in one.inputs.values())
                zones = {one.zone or "", *one.part_zones.values(), *wired_zones}
                for zone in sorted(zones):
                    found |= dict.fromkeys(self.of_alarm(one.id, one.site, zone))
        return found


def asked(
    alarm: str, raised_at: datetime, cameras: Iterable[DeviceId], offsets: Sequence[int]
) -> list[Still]:
    """The stills of those cameras, so many seconds after it."""
    return [
        Still(
            alarm=alarm,
            camera=camera,
            offset_s=offset,
            due_at=raised_at + timedelta(seconds=offset),
        )
        for camera in cameras
        for offset in offsets
    ]


def change(alarm: Alarm, ended: Sequence[Still], now: datetime) -> list[Change]:
    """What those stills mean for their alarm: a notice for what is kept, a line for each failure.

    Its version does not move.
    """
    kept = [content(one) for one in ended if one.fate is Fate.KEPT]
    changes = [
        _change(alarm, now, "no_still", f"{one.camera}: {words(one.why)}", content(one))
        for one in ended
        if one.fate is not Fate.KEPT
    ]
    if kept:
        note = ", ".join(dict.fromkeys(one["camera"] for one in kept))
        added = _change(alarm, now, "stills", note, {"stills": kept}, told=kept)
        changes.append(added)
    return changes


def words(why: str | None) -> str:
    """A reason in words."""
    return WORDS.get(why or Why.FAILED, WORDS[Why.FAILED])


def content(one: Still) -> dict[str, Any]:
    """A still as time lines and notices say it."""
    said: dict[str, Any] = {"camera": one.camera, "offset_s": one.offset_s}
    if one.fate is not Fate.KEPT:
        return said | {"fate": one.fate.value, "why": one.why}
    return said | {
        "sha256": one.sha256,
        "content_type": one.content_type,
        "size_bytes": one.size_bytes,
        "taken_at": one.taken_at,
    }


def _change(
    alarm: Alarm,
    now: datetime,
    what: str,
    note: str,
    data: dict[str, Any],
    told: Sequence[dict[str, Any]] = (),
) -> Change:
    line = Transition(
        alarm=alarm.id,
        what=what,
        before=alarm.state,
        after=alarm.state,
        at=now,
        by="gateway",
        note=note,
        data=data,
    )
    return Change(
        alarm=alarm,
        transition=line,
        notice=NOTICE if told else None,
        stills=tuple(told),
    )
