"""Presence: when each device was last heard. Not heard since the start is unknown, not well."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.site import Device, Registry, Sort


class Heard(StrEnum):
    """What can honestly be said of a device now."""

    UNKNOWN = "unknown"
    WELL = "well"
    SILENT = "silent"

    @property
    def is_well(self) -> bool:
        """Whether it is known to live."""
        return self is Heard.WELL


class Presence:
    """A memory of last signs of life; bounded by the registry and a room for strangers."""

    STRANGERS = 2000

    def __init__(self) -> None:
        self._heard_at: dict[str, datetime] = {}
        self._offline: set[str] = set()
        self._strangers = 0
        self._turnstiles: tuple[Registry | None, dict[str, list[Device]]] = (None, {})

    def hear(self, device: str, at: datetime, *, online: bool = True, registered: bool) -> None:
        """A sign of life, or a Last Will."""
        if device not in self._heard_at:
            if not registered and self._strangers >= self.STRANGERS:
                return
            self._strangers += not registered
        if online:
            self._heard_at[device] = at
            self._offline.discard(device)
        else:
            self._offline.add(device)

    def heard_at(self, device: str) -> datetime | None:
        """When it was last heard, in this life of the gateway."""
        return self._heard_at.get(device)

    def state(self, device: Device, now: datetime) -> Heard:
        """What can be said of it."""
        last = self._heard_at.get(device.id)
        if last is None:
            return Heard.SILENT if device.id in self._offline else Heard.UNKNOWN
        is_late = now - last > timedelta(seconds=device.max_silence_s)
        return Heard.SILENT if is_late or device.id in self._offline else Heard.WELL

    def drifting(self, registry: Callable[[], Registry], site: str, now: datetime) -> bool:
        """Whether a turnstile of that site is silent, so that people pass uncounted."""
        turnstiles = self._turnstiles_of(registry()).get(site, ())
        return any(self.state(device, now) is Heard.SILENT for device in turnstiles)

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
