"""The site file as CSV: a row for each device, its site repeated on each."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Annotated, Self

from pydantic import BeforeValidator, ValidationError, model_validator

from gateway.domain import sheet
from gateway.domain.site import Device, DeviceId, Names, Registry, Site, SiteId, Sort, Zone, ZoneId
from gateway.siteplan.plan import (
    DeviceWord,
    District,
    Host,
    Latitude,
    Longitude,
    Plan,
    Port,
    SiteWord,
    Strict,
    Text,
    WrongFile,
    ZoneName,
    mistake,
)

SITE_FIELDS = frozenset({"name", "district", "address", "latitude", "longitude"})
DEVICE_FIELDS = frozenset({"sort", "site", "zone", "host", "port", "profile"})


def _nothing(text: object) -> object:
    return None if text == "" else text


def _decimal(text: object) -> object:
    """A sheet in Russian or Kazakh writes 43,25."""
    return text.replace(",", ".") if isinstance(text, str) else text


def _sort(text: object) -> object:
    if text in (None, *Sort):
        return text
    raise ValueError(f"{text!r} is none of {', '.join(Sort)}")


_Empty = BeforeValidator(_nothing)


class _Row(Strict):
    """One row; a row without a device says only that its site exists."""

    site_id: SiteWord
    site_name_kk: Text
    site_name_ru: Text
    site_name_en: Text
    district: District
    address: Text
    latitude: Annotated[Latitude | None, BeforeValidator(_decimal), _Empty]
    longitude: Annotated[Longitude | None, BeforeValidator(_decimal), _Empty]
    device_id: Annotated[DeviceWord | None, _Empty]
    kind: Annotated[Sort | None, BeforeValidator(_sort), _Empty]
    zone: ZoneName
    host: Host
    port: Annotated[Port | None, _Empty]
    profile: ZoneName

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together")
        if not (self.site_name_kk or self.site_name_ru or self.site_name_en):
            raise ValueError(
                "the site has no name: fill site_name_kk, site_name_ru or site_name_en"
            )
        if self.device_id is None and (self.kind or self.zone or self.host or self.port):
            raise ValueError("device_id is missing")
        if self.device_id is not None and self.kind is None:
            raise ValueError(f"kind is missing: one of {', '.join(Sort)}")
        return self

    def site(self) -> Site:
        """The site of this row."""
        return Site(
            id=SiteId(self.site_id),
            name=Names(kk=self.site_name_kk, ru=self.site_name_ru, en=self.site_name_en),
            district=self.district,
            address=self.address,
            latitude=self.latitude,
            longitude=self.longitude,
        )

    def zone_of_it(self) -> Zone | None:
        """The zone of this row; new, it is called by its id in every language."""
        if not self.zone:
            return None
        name = Names(kk=self.zone, ru=self.zone, en=self.zone)
        return Zone(id=ZoneId(self.zone), site=SiteId(self.site_id), name=name)

    def device(self) -> Device | None:
        """The device of this row."""
        if self.device_id is None or self.kind is None:
            return None
        return Device(
            id=DeviceId(self.device_id),
            sort=self.kind,
            site=SiteId(self.site_id),
            zone=ZoneId(self.zone) if self.zone else None,
            host=self.host,
            port=self.port,
            profile=self.profile,
        )


COLUMNS = tuple(_Row.model_fields)


class _Gathered:
    """What the rows so far say, each site and device with the line that said it first."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []
        self.sites: dict[str, tuple[int, Site]] = {}
        self.zones: dict[tuple[str, str], Zone] = {}
        self.devices: dict[str, tuple[int, Device]] = {}

    def take(self, line: int, row: _Row) -> None:
        """Add a row, or the mistake that it makes together with earlier ones."""
        site, zone, device = row.site(), row.zone_of_it(), row.device()
        first_line, first = self.sites.setdefault(site.id, (line, site))
        if first != site:
            told = f"site {site.id} is described otherwise in line {first_line}"
            self.mistakes.append(f"line {line}: {told}; a site is the same on each of its rows")
        if zone is not None:
            self.zones.setdefault((zone.site, zone.id), zone)
        if device is not None:
            before, _ = self.devices.setdefault(device.id, (line, device))
            if before != line:
                self.mistakes.append(f"line {line}: device {device.id} is in line {before} already")


def read(text: str, file: str) -> Plan:
    """What that text says.

    Raises:
        WrongFile: with every mistake in it.
    """
    gathered = _Gathered()
    for line, cells in _rows(text, file, gathered.mistakes):
        try:
            gathered.take(line, _Row.model_validate(cells))
        except ValidationError as error:
            gathered.mistakes += [f"line {line}: {mistake(one)}" for one in error.errors()]
    if gathered.mistakes:
        raise WrongFile(file, gathered.mistakes)
    return Plan(
        sites=tuple(site for _, site in gathered.sites.values()),
        zones=tuple(gathered.zones.values()),
        devices=tuple(device for _, device in gathered.devices.values()),
        site_fields=SITE_FIELDS,
        zone_fields=frozenset(),
        device_fields=DEVICE_FIELDS,
    )


def write(registry: Registry) -> str:
    """That registry as CSV; what CSV has no column for is left out."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    empty = set(registry.sites) - {device.site for device in registry.devices.values()}
    devices = sorted(registry.devices.values(), key=lambda one: (one.site, one.id))
    for site_id in sorted(empty):
        rows.writerow(_written((*_site_cells(registry.sites[site_id]), *[""] * 6)))
    for device in devices:
        site = registry.sites.get(device.site)
        if site is not None:
            own = (device.id, device.sort.value, device.zone or "", device.host)
            cells = (*_site_cells(site), *own, device.port or "", device.profile)
            rows.writerow(_written(cells))
    return out.getvalue()


def _rows(text: str, file: str, mistakes: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if header is None:
                    header = _header(cells, file)
                elif len(cells) != len(header):
                    told = f"{len(cells)} cells, the header has {len(header)}"
                    mistakes.append(f"line {line}: {told}; look for a lost quote or separator")
                else:
                    yield line, dict(zip(header, map(sheet.plain, cells), strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        mistakes.append(f"line {reader.line_num}: {error}; look for a lost quote")
    if header is None:
        raise WrongFile(file, [f"it is empty; its first line must be {','.join(COLUMNS)}"])


def _header(cells: list[str], file: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    mistakes = [
        *(f"line 1: unknown column {name!r}" for name in names if name not in COLUMNS),
        *(f"line 1: the column {name} is missing" for name in COLUMNS if name not in names),
        *(f"line 1: the column {name} is there twice" for name in COLUMNS if names.count(name) > 1),
    ]
    if mistakes:
        raise WrongFile(file, mistakes)
    return names


def _written(cells: Iterable[object]) -> list[object]:
    """What a spreadsheet would run as a formula is shown as text; it is read back as it was."""
    return [sheet.escaped(one) if isinstance(one, str) else one for one in cells]


def _site_cells(site: Site) -> tuple[object, ...]:
    place = ("", "") if site.latitude is None else (site.latitude, site.longitude)
    return site.id, site.name.kk, site.name.ru, site.name.en, site.district, site.address, *place
