"""The site file of a scenario's schools (contracts, section 6), for the gateway to import."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from simulators.school.region import Site

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


def write(sites: Iterable[Site], path: Path) -> None:
    """Write the site file."""
    path.write_text(text(sites), encoding="utf-8", newline="")


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
