"""The site file as TOML: all that the registry knows of a school, its zones and its devices."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Annotated

from pydantic import Field, ValidationError

from gateway.domain.site import (
    MAX_SILENCE_S,
    Device,
    DeviceId,
    Input,
    Names,
    Site,
    SiteId,
    Sort,
    Zone,
    ZoneId,
)
from gateway.siteplan.plan import (
    At,
    DeviceWord,
    District,
    Host,
    InputKind,
    InputToken,
    Latitude,
    Longitude,
    Notes,
    Picture,
    Plan,
    Port,
    SiteWord,
    Strict,
    Text,
    WrongFile,
    ZoneName,
    mistake,
)

SITE_FIELDS = frozenset(one.name for one in fields(Site)) - {"id"}
ZONE_FIELDS = frozenset(one.name for one in fields(Zone)) - {"id", "site"}
DEVICE_FIELDS = frozenset(one.name for one in fields(Device)) - {"id", "proven_at"}
_Part = Annotated[str, Field(pattern=r"^([1-9]|[1-5][0-9]|6[0-4])$")]


class _Names(Strict):
    kk: Text = ""
    ru: Text = ""
    en: Text = ""

    def names(self) -> Names:
        return Names(kk=self.kk, ru=self.ru, en=self.en)


class _Access(Strict):
    kk: Notes = ""
    ru: Notes = ""
    en: Notes = ""

    def names(self) -> Names:
        return Names(kk=self.kk, ru=self.ru, en=self.en)


class _Zone(Strict):
    id: Annotated[ZoneName, Field(min_length=1)]
    name: _Names = _Names()
    building: Text = ""
    floor: Text = ""
    plan: Picture = ""


class _Input(Strict):
    part: Annotated[int, Field(ge=1, le=64)]
    kind: InputKind | None = None
    normally_closed: bool = False
    zone: ZoneName | None = None


class _Device(Strict):
    id: DeviceWord
    kind: Sort
    zone: ZoneName | None = None
    parts: Mapping[_Part, ZoneName] = Field(default_factory=dict)
    silent: bool = False
    input_kind: InputKind | None = None
    inputs: Mapping[InputToken, _Input] = Field(default_factory=dict)
    max_silence_s: Annotated[int, Field(ge=10, le=86400)] = MAX_SILENCE_S
    host: Host = ""
    port: Port | None = None
    profile: ZoneName = ""
    looks_at: Annotated[tuple[DeviceWord, ...], Field(max_length=64)] = ()
    at: At | None = None


class _Site(Strict):
    id: SiteWord
    name: _Names
    district: District = ""
    address: Text = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    phones: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    access: _Access = _Access()
    zone: tuple[_Zone, ...] = ()
    device: tuple[_Device, ...] = ()


class _File(Strict):
    site: tuple[_Site, ...] = ()


def read(text: str, file: str) -> Plan:
    """What that text says; a key left out means its default, not what was there before.

    Raises:
        WrongFile: with every mistake in it.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongFile(file, [str(error)]) from None
    try:
        found = _File.model_validate(content)
    except ValidationError as error:
        mistakes = [f"{_where(content, one['loc'])}{mistake(one)}" for one in error.errors()]
        raise WrongFile(file, mistakes) from None
    mistakes = list(_crossed(found))
    if mistakes:
        raise WrongFile(file, mistakes)
    return Plan(
        sites=tuple(_site(site) for site in found.site),
        zones=tuple(_zone(zone, site.id) for site in found.site for zone in site.zone),
        devices=tuple(_device(device, site.id) for site in found.site for device in site.device),
        site_fields=SITE_FIELDS,
        zone_fields=ZONE_FIELDS,
        device_fields=DEVICE_FIELDS,
    )


def _crossed(found: _File) -> Iterator[str]:
    """What is wrong between one thing and another."""
    for name in _twice(site.id for site in found.site):
        yield f"site {name} is there twice"
    for name in _twice(device.id for site in found.site for device in site.device):
        yield f"device {name} is there twice"
    for site in found.site:
        yield from (f"site {site.id}: {what}" for what in _wrong_in(site))


def _wrong_in(site: _Site) -> Iterator[str]:
    if (site.latitude is None) != (site.longitude is None):
        yield "latitude and longitude go together"
    if site.name == _Names():
        yield "it has no name: fill name.kk, name.ru or name.en"
    for name in _twice(zone.id for zone in site.zone):
        yield f"zone {name!r} is there twice"
    zones = {zone.id for zone in site.zone}
    drawn = {zone.id for zone in site.zone if zone.plan}
    for device in site.device:
        if device.at is not None and device.zone not in drawn:
            yield f"device {device.id} is at a place of a plan, but its zone has none"
    devices = {device.id for device in site.device}
    for device in site.device:
        yield from _wrong_about(device, zones, devices)


def _wrong_about(device: _Device, zones: set[str], devices: set[str]) -> Iterator[str]:
    wired = device.inputs.values()
    for part in _twice(str(one.part) for one in wired):
        yield f"device {device.id}: part {part} is given to two inputs"
    zones_of = (one.zone for one in wired)
    named = {*filter(None, (device.zone, *device.parts.values(), *zones_of))}
    for name in sorted(named - zones):
        yield f"device {device.id} hangs in zone {name!r}, which is not there"
    if device.looks_at and device.kind is not Sort.CAMERA:
        yield f"device {device.id} looks at something, but only a camera does"
    for name in sorted({*device.looks_at} - devices):
        yield f"camera {device.id} looks at {name!r}, which is not among the site's devices"


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _where(node: object, place: tuple[int | str, ...]) -> str:
    """The ids on the way to a mistake, for TOML tells no lines."""
    match place:
        case (str() as noun, int() as number, *rest) if isinstance(node, dict):
            inside = node[noun][number]
            name = inside.get("id", f"number {number + 1}") if isinstance(inside, dict) else ""
            return f"{noun} {name}: {_where(inside, tuple(rest))}"
        case _:
            return ""


def _site(site: _Site) -> Site:
    return Site(
        id=SiteId(site.id),
        name=site.name.names(),
        district=site.district,
        address=site.address,
        latitude=site.latitude,
        longitude=site.longitude,
        phones=site.phones,
        access=site.access.names(),
    )


def _zone(zone: _Zone, site: str) -> Zone:
    return Zone(
        id=ZoneId(zone.id),
        site=SiteId(site),
        name=zone.name.names(),
        building=zone.building,
        floor=zone.floor,
        plan=zone.plan,
    )


def _device(device: _Device, site: str) -> Device:
    return Device(
        id=DeviceId(device.id),
        sort=device.kind,
        site=SiteId(site),
        zone=None if device.zone is None else ZoneId(device.zone),
        silent=device.silent,
        input_kind=device.input_kind,
        inputs={token: _input(one) for token, one in device.inputs.items()},
        part_zones={int(part): ZoneId(zone) for part, zone in device.parts.items()},
        max_silence_s=device.max_silence_s,
        host=device.host,
        port=device.port,
        profile=device.profile,
        looks_at=tuple(DeviceId(one) for one in device.looks_at),
        at=device.at,
    )


def _input(one: _Input) -> Input:
    return Input(
        part=one.part,
        kind=one.kind,
        normally_closed=one.normally_closed,
        zone=None if one.zone is None else ZoneId(one.zone),
    )
