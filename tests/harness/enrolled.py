"""Simulated cameras registered and approved, as a technician would do it one by one."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from gateway.domain.site import Device, DeviceId, Input, Names, Site, SiteId, Sort
from gateway.store import camera_logins, sealed, sites
from gateway.store.camera_logins import Login, Secret
from gateway.store.database import Urgency, open_database
from gateway.store.sealed import Seal
from tests.harness.cameras import HOST, PASSWORD, USER, Farm

A_SITE = 20
"""So many cameras hang in a school."""
INPUTS = {"1": Input(part=1, kind="panic.pressed"), "2": Input(part=2, kind="tamper.opened")}


async def cameras(farm: Farm, database: str, seal_file: Path, *, dead: int = 0) -> None:
    """Write them all; of the last so many nobody listens where they are said to be."""
    seal = Seal(sealed.key_from(seal_file))
    found = open_database(database)
    names = farm.names + [f"camera-{farm.count + 1 + number}" for number in range(dead)]
    site_ids = dict.fromkeys(_site(number) for number in range(len(names)))
    places = [Site(id=one, name=Names(en=one), district="auezov") for one in site_ids]
    devices = [_device(name, number, farm.port_of(name)) for number, name in enumerate(names)]

    def write(connection: Connection) -> None:
        sites.put(connection, places, [], devices)
        for device in devices:
            camera_logins.put(connection, seal, _login(device))

    try:
        await found.write(write, Urgency.BULK)
    finally:
        await found.close()


def _site(number: int) -> SiteId:
    return SiteId(f"cameras-{number // A_SITE + 1}")


def _device(name: str, number: int, port: int) -> Device:
    return Device(
        id=DeviceId(name),
        sort=Sort.CAMERA,
        site=_site(number),
        host=HOST,
        port=port,
        inputs=INPUTS,
    )


def _login(device: Device) -> Login:
    assert device.port is not None
    return Login(
        device=device.id,
        host=device.host,
        port=device.port,
        tls=False,
        secret=Secret(username=USER, password=PASSWORD),
        approved_by="a proof",
        approved_at=datetime.now(UTC),
    )
