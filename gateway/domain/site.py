"""Sites, zones and devices: where a press comes from, as the registry knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

SiteId = NewType("SiteId", str)
ZoneId = NewType("ZoneId", str)
DeviceId = NewType("DeviceId", str)

MAX_SILENCE_S = 75


class Sort(StrEnum):
    """What sort of thing a device is."""

    PANIC_BUTTON = "panic-button"
    TURNSTILE = "turnstile"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """One name in the three languages of the console."""

    kk: str = ""
    ru: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A school, a kindergarten, a college."""

    id: SiteId
    name: Names
    district: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phones: tuple[str, ...] = ()
    access: Names = Names()
    """How to get in: gates, keys, dogs, who waits where; for people only, never in a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A named place in a site that a receiver can be told."""

    id: ZoneId
    site: SiteId
    name: Names
    building: str = ""
    floor: str = ""
    plan: str = ""
    """The picture of its floor: a file below the folder of plans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A wired contact of a device, and what its closing means."""

    part: int
    """Which part of the device it is; 1–64, each once."""
    kind: str | None = None
    """What `input.activated` of it means, e.g. `panic.pressed`; None: as the device says."""
    normally_closed: bool = False
    """Whether its loop is closed at rest: then an open one is the press, and so is a cut wire."""
    zone: ZoneId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A thing that speaks over a link, and where it hangs."""

    id: DeviceId
    sort: Sort
    site: SiteId
    zone: ZoneId | None = None
    silent: bool = False
    """No light, sound or siren on it, ever."""
    input_kind: str | None = None
    """What `input.activated` of this device means, e.g. `panic.pressed`, where no input says."""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    """By the token that the device itself gives to each."""
    part_zones: Mapping[int, ZoneId] = field(default_factory=dict)
    max_silence_s: int = MAX_SILENCE_S
    proven_at: datetime | None = None
    """When a walk test last saw its press arrive; None after it was moved."""
    host: str = ""
    port: int | None = None
    profile: str = ""
    looks_at: tuple[DeviceId, ...] = ()
    """Of a camera: the devices of its site whose surroundings it shows."""
    at: tuple[float, float] | None = None
    """Where it hangs on its zone's plan: parts of its width from the left, height from the top."""

    def means(self, part: int) -> str | None:
        """What `input.activated` of that part means."""
        own = self._input(part)
        return self.input_kind if own is None or own.kind is None else own.kind

    def zone_of(self, part: int) -> ZoneId | None:
        """Where that part hangs."""
        own = self._input(part)
        return self.part_zones.get(part, self.zone if own is None else own.zone or self.zone)

    def _input(self, part: int) -> Input | None:
        # Most devices have none, and every event asks.
        return next((one for one in self.inputs.values() if one.part == part), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an event belongs; everything None for a device nobody registered."""

    device: Device | None = None
    site: Site | None = None
    zone: Zone | None = None
    whole_district: str | None = None
    """Where it is about a district and not about one site."""

    @property
    def district(self) -> str | None:
        """The district it lies in."""
        return self.whole_district if self.site is None else self.site.district


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Every site, zone and device, as of one version."""

    version: int = 0
    sites: Mapping[str, Site] = field(default_factory=dict)
    zones: Mapping[tuple[str, str], Zone] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)

    def place(self, device_id: str, part: int = 1) -> Place:
        """Where that part of that device hangs."""
        device = self.devices.get(device_id)
        if device is None:
            return NOWHERE
        zone_id = device.zone_of(part)
        zone = None if zone_id is None else self.zones.get((device.site, zone_id))
        return Place(device=device, site=self.sites.get(device.site), zone=zone)


NOWHERE = Place()
