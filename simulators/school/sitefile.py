"""The site file of a scenario's schools, for the gateway to import: CSV, or TOML that says more."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from simulators.school import papers
from simulators.school.region import Placed, Site, Words

COLUMNS = (
    "site_id",
    "site_name_kk",
    "site_name_ru",
    "site_name_en",
    "district",
    "address",
    "latitude",
    "longitude",
    "device_id",
    "kind",
    "zone",
    "host",
    "port",
    "profile",
)
_WRITTEN = frozenset({"name", "access", "inputs"})


def write(sites: Iterable[Site], path: Path) -> None:
    """Write the site file: as TOML, with its plans beside it, if it is called so; else as CSV."""
    is_toml = path.suffix == ".toml"
    words = toml(sites) if is_toml else text(sites)
    path.write_text(words, encoding="utf-8", newline="")
    if is_toml:
        papers.draw(path.with_name("plans"))


def text(sites: Iterable[Site]) -> str:
    """Tell the site file as text: a row for each device, its site repeated on each."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for site in sites:
        place = (site.district, site.address, f"{site.latitude:.6f}", f"{site.longitude:.6f}")
        names = (site.name.kk, site.name.ru, site.name.en)
        for device in site.devices:
            how = (device.id, device.sort.value, device.zone, device.host, device.port or "", "")
            rows.writerow((site.id, *names, *place, *how))
    return out.getvalue()


def toml(sites: Iterable[Site]) -> str:
    """Tell it as TOML: also what each camera looks at, and what is wired to it."""
    return "\n".join(block for site in sites for block in _blocks(site))


def _blocks(site: Site) -> Iterator[str]:
    yield _block(
        "[[site]]",
        id=site.id,
        name=_names(site.name),
        district=site.district,
        address=site.address,
        latitude=site.latitude,
        longitude=site.longitude,
        phones=papers.phones(site),
        access=_names(papers.ACCESS),
    )
    for zone in dict.fromkeys(device.zone for device in site.devices):
        yield _zone(zone)
    for device in site.devices:
        yield _block(
            "[[site.device]]",
            id=device.id,
            kind=device.sort.value,
            zone=device.zone,
            host=device.host,
            port=device.port,
            looks_at=list(device.looks_at),
            at=papers.at(device),
            inputs=_inputs(device),
        )


def _zone(zone: str) -> str:
    room = papers.ROOMS.get(zone)
    return _block(
        "[[site.zone]]",
        id=zone,
        name=f"{{ kk = {_word(zone)} }}" if room is None else _names(room.name),
        floor="" if room is None else str(room.floor),
        plan=papers.plan(zone),
    )


def _names(name: Words) -> str:
    return f"{{ kk = {_word(name.kk)}, ru = {_word(name.ru)}, en = {_word(name.en)} }}"


def _inputs(device: Placed) -> str:
    return '{ "1" = { part = 1, kind = "panic.pressed" } }' if device.wired_button else ""


def _block(head: str, **values: object) -> str:
    lines = [
        f"{key} = {value if key in _WRITTEN else _word(value)}"
        for key, value in values.items()
        if value not in ("", None, [])
    ]
    return "\n".join([head, *lines, ""])


def _word(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # which TOML reads alike
