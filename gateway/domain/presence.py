"""Presence: when each device was last heard, over which links, and from when silence counts.

Durations are monotonic seconds, so that a clock that is set makes nobody silent. A device that was
not heard since the start is unknown, not well; so is one that could not be heard at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import NamedTuple

from gateway.domain.site import Device, Registry, Sort

WILL_S = 10.0
"""How much more silence a Last Will is given."""


class Heard(StrEnum):
    """What can honestly be said of a device now."""

    UNKNOWN = "unknown"
    WELL = "well"
    SILENT = "silent"


class Why(StrEnum):
    """What stands behind `unknown` and `silent`."""

    NOT_HEARD = "not_heard"
    """Not since this gateway, or the line to it, stands; or nobody has judged its silence yet."""
    LINK_DOWN = "link_down"
    """Nobody could hear it: its broker is away."""
    STORE_DOWN = "store_down"
    NOT_SUPERVISED = "not_supervised"
    """A camera that nobody calls: no login was approved for it."""
    NOTHING_HEARD = "nothing_heard"
    LAST_WILL = "last_will"
    """Its broker lost it, and it was not heard since."""
    WITH_ITS_SITE = "with_its_site"
    WITH_ITS_DISTRICT = "with_its_district"
    UNREACHABLE = "unreachable"
    """A camera that answers nothing."""
    EVENTS_DEAD = "events_dead"
    """A camera that answers, but not on its event channel."""
    REFUSED = "refused"
    """A camera that does not let us in."""


class Standing(NamedTuple):
    """A device's state, and what stands behind it."""

    state: Heard
    why: Why | None = None


@dataclass(slots=True)
class Sign:
    """The last signs of life of one device: the very last, and the last over another link."""

    at: datetime
    s: float
    link: str
    other_link: str = ""
    other_s: float = -inf


class Before(NamedTuple):
    """The last sign of life before this life of the gateway."""

    at: datetime | None
    link: str


class Presence:
    """A memory of last signs of life; bounded by the registry and a room for strangers."""

    STRANGERS = 2000

    def __init__(self) -> None:
        self._signs: dict[str, Sign] = {}
        self._fallen: dict[str, tuple[str, float]] = {}
        """The Last Wills of those that were not heard since: link, seconds."""
        self._strangers = 0
        self._turnstiles: tuple[Registry | None, dict[str, list[Device]]] = (None, {})
        self._given_s: dict[str, float] = {}
        """From when on the silence of those counts that were never heard, or anew."""
        self._attentive_s = -inf
        self.links: dict[str, float] = {}
        """Since when each link stands; inf: it does not. One that is not listed always did."""
        self.called_s: dict[str, float] = {}
        """Since when somebody calls each camera; inf: its turn has not come. Else nobody does."""
        self.before: dict[str, Before] = {}
        """What was known of those that were not heard yet in this life."""
        self.silent: dict[str, Why] = {}
        """Those that supervision has found silent."""
        self.returned: set[str] = set()
        """Those of them that were heard since; taken away by whoever says so."""
        self.shortened: set[str] = set()
        """Those with a new Last Will; likewise."""

    def hear(self, device: str, at: datetime, s: float, link: str, *, registered: bool) -> None:
        """A sign of life."""
        sign = self._signs.get(device)
        if sign is None:
            if not registered and self._strangers >= self.STRANGERS:
                return
            self._strangers += not registered
            self._signs[device] = Sign(at, s, link)
            self.before.pop(device, None)
            self._given_s.pop(device, None)
        elif s < sign.s:
            return  # old news, from another gateway
        else:
            if link != sign.link:
                sign.other_link, sign.other_s = sign.link, sign.s
            sign.at, sign.s, sign.link = at, s, link
        if self._fallen:
            self._forget_will(device, s)
        if device in self.silent:
            self.returned.add(device)

    def fall(self, device: str, s: float, link: str) -> None:
        """A Last Will: the line to a broker broke, which may not be the only one."""
        sign = self._signs.get(device)
        if sign is None or sign.s <= s:
            self._fallen[device] = (link, s)
            self.shortened.add(device)

    def heard_at(self, device: str) -> datetime | None:
        """When it was last heard."""
        sign = self._signs.get(device)
        if sign is not None:
            return sign.at
        before = self.before.get(device)
        return None if before is None else before.at

    def remember(self, device: str, before: Before) -> None:
        """How it was before this life."""
        if device not in self._signs:
            self.before[device] = before

    def attend(self, since_s: float) -> None:
        """Silence counts from then on at the earliest; inf: nothing that is heard can be taken."""
        self._attentive_s = since_s

    def give_time(self, device: str, s: float) -> None:
        """Its silence counts anew."""
        self._given_s[device] = s

    def forget(self, registry: Registry) -> None:
        """Let go of what is remembered of devices that are registered no more."""
        for kept in (self._given_s, self._fallen, self.before, self.called_s):
            for device in [one for one in kept if one not in registry.devices]:
                kept.pop(device)

    def due_s(self, device: Device) -> float:
        """When its silence becomes trouble; inf: it cannot be heard now."""
        due = self._since_s(device) + device.max_silence_s
        fell_s = self._fell_s(device)
        return due if fell_s is None else min(due, max(fell_s, self._hearing_s(device)) + WILL_S)

    def is_late(self, device: Device, now_s: float) -> bool | None:
        """Whether half its time is over, or its line broke; None: it cannot be heard now."""
        since_s = self._since_s(device)
        if since_s == inf:
            return None
        if now_s >= since_s + device.max_silence_s / 2:
            return True
        return device.id in self._fallen and self._fell_s(device) is not None

    def can_be_heard(self, device: Device) -> bool:
        """Whether a link of its stands, and the store takes what comes over it."""
        return self._hearing_s(device) < inf

    def standing(self, device: Device, now_s: float) -> Standing:
        """What can be said of it, and why."""
        found = self.silent.get(device.id)
        if found is not None:
            return Standing(Heard.SILENT, found)
        sign = self._signs.get(device.id)
        is_in_time = sign is not None and now_s - sign.s <= device.max_silence_s
        if is_in_time and now_s <= self.due_s(device):
            return Standing(Heard.WELL)
        if self._attentive_s == inf:
            return Standing(Heard.UNKNOWN, Why.STORE_DOWN)
        if device.sort is Sort.CAMERA:
            is_called = device.id in self.called_s
            return Standing(Heard.UNKNOWN, Why.NOT_HEARD if is_called else Why.NOT_SUPERVISED)
        is_heard = self.can_be_heard(device)
        return Standing(Heard.UNKNOWN, Why.NOT_HEARD if is_heard else Why.LINK_DOWN)

    def state(self, device: Device, now_s: float) -> Heard:
        """What can be said of it."""
        return self.standing(device, now_s).state

    def cause(self, device: Device) -> Why:
        """What its silence began with."""
        return Why.NOTHING_HEARD if self._fell_s(device) is None else Why.LAST_WILL

    def drifting(self, registry: Callable[[], Registry], site: str, now_s: float) -> bool:
        """Whether a turnstile of that site is silent, so that people pass uncounted."""
        turnstiles = self._turnstiles_of(registry()).get(site, ())
        return any(self.state(device, now_s) is Heard.SILENT for device in turnstiles)

    def out_of_hearing(self, registry: Registry) -> int:
        """How many devices that were heard before nobody can hear now: no link of theirs stands."""
        return sum(
            device.sort is not Sort.CAMERA
            and (device.id in self._signs or device.id in self.before)
            and self._link_s(device) == inf
            for device in registry.devices.values()
        )

    def _since_s(self, device: Device) -> float:
        """From when on its silence counts."""
        sign = self._signs.get(device.id)
        given_s = self._given_s.get(device.id)
        if sign is None:  # nobody who expects it: unknown, for ever
            return inf if given_s is None else max(given_s, self._hearing_s(device))
        return max(sign.s, given_s or -inf, self._hearing_s(device))

    def _hearing_s(self, device: Device) -> float:
        """Since when it could be heard without a break."""
        return max(self._attentive_s, self._link_s(device))

    def _link_s(self, device: Device) -> float:
        """Since when one of its own links stands: of those it used within its time, the oldest."""
        if device.sort is Sort.CAMERA:
            return self.called_s.get(device.id, inf)
        sign, links = self._signs.get(device.id), self.links
        if sign is None:
            before = self.before.get(device.id)
            if before is not None and before.link:
                return links.get(before.link, -inf)
            return max(links.values(), default=-inf)
        since = links.get(sign.link, -inf)
        if sign.other_s >= sign.s - device.max_silence_s:
            since = min(since, links.get(sign.other_link, -inf))
        return since

    def _fell_s(self, device: Device) -> float | None:
        """When its line broke, unless it was just heard over another one."""
        fallen = self._fallen.get(device.id)
        if fallen is None:
            return None
        link, at_s = fallen
        sign = self._signs.get(device.id)
        if sign is not None:
            recently_s = at_s - device.max_silence_s / 2
            elsewhere_s = sign.s if sign.link != link else sign.other_s
            if elsewhere_s >= recently_s:
                return None
        return at_s

    def _forget_will(self, device: str, s: float) -> None:
        fallen = self._fallen.get(device)
        if fallen is not None and s >= fallen[1]:
            del self._fallen[device]

    def _turnstiles_of(self, registry: Registry) -> dict[str, list[Device]]:
        """By site, sorted once for each version: every notice of an alarm asks."""
        known, by_site = self._turnstiles
        if known is not registry:
            by_site = {}
            for device in registry.devices.values():
                if device.sort is Sort.TURNSTILE:
                    by_site.setdefault(device.site, []).append(device)
            self._turnstiles = (registry, by_site)
        return by_site
