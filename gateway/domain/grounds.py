"""Grounds: who is supervised, by site and district, and how each stands; pure, no clock."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.domain.event import Affected
from gateway.domain.presence import Presence
from gateway.domain.site import Device, Registry

LEAST = 3
"""Fewer devices, or sites, are no whole that could be lost as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """The supervised part of one version of the registry."""

    devices: Mapping[str, Device] = field(default_factory=dict)
    sites: Mapping[str, tuple[Device, ...]] = field(default_factory=dict)
    districts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    district_of: Mapping[str, str] = field(default_factory=dict)
    """By site."""

    def of_district(self, district: str) -> Iterator[Device]:
        """Every supervised device of a district."""
        for site in self.districts.get(district, ()):
            yield from self.sites[site]


@dataclass(slots=True, kw_only=True)
class Tally:
    """How the devices of one site stand."""

    lost: list[Device] = field(default_factory=list)
    """Silent or late since a moment ago."""
    well: int = 0
    gone: int = 0
    """Found silent before."""
    total: int = 0

    @property
    def is_mostly_lost(self) -> bool:
        """Whether most of those that lived lately are lost, and most of all are silent."""
        lost = len(self.lost)
        return lost > self.well and 2 * (lost + self.gone) > self.total

    @property
    def is_lost(self) -> bool:
        """Whether that is the site's loss and not that of single devices."""
        return self.is_mostly_lost and self.total >= LEAST and len(self.lost) > 1

    @property
    def affected(self) -> Affected:
        """How many of how many."""
        return Affected(devices=len(self.lost) + self.gone, of_devices=self.total)


def surveyed(registry: Registry, has: Callable[[Device], bool]) -> Grounds:
    """Who is to be heard, of those that a ward has."""
    sites: dict[str, list[Device]] = {}
    for device in registry.devices.values():
        if has(device):
            sites.setdefault(device.site, []).append(device)
    districts: dict[str, list[str]] = {}
    district_of: dict[str, str] = {}
    for key in sites:
        site = registry.sites.get(key)
        if site is not None and site.district:
            districts.setdefault(site.district, []).append(key)
            district_of[key] = site.district
    return Grounds(
        devices={one.id: one for found in sites.values() for one in found},
        sites={key: tuple(found) for key, found in sites.items()},
        districts={key: tuple(found) for key, found in districts.items()},
        district_of=district_of,
    )


def tallied(grounds: Grounds, site: str, presence: Presence, now_s: float) -> Tally:
    """How one site stands."""
    found = Tally()
    for device in grounds.sites.get(site, ()):
        found.total += 1
        if device.id in presence.silent:
            found.gone += 1
        else:
            is_late = presence.is_late(device, now_s)
            if is_late:
                found.lost.append(device)
            elif is_late is not None:
                found.well += 1
    return found
