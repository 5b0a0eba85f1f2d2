"""Simulated cameras of a town's school, registered and approved as a technician would do it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from gateway.domain.site import Device, DeviceId, Input, Names, Site, SiteId, Sort
from gateway.store import camera_logins, sealed, sites
from gateway.store.camera_logins import Login, Secret
from gateway.store.database import Urgency, open_database
from gateway.store.sealed import Seal
from simulators.camera.camera import Camera
from simulators.camera.doorkeeper import Account
from simulators.camera.fleet import Fleet
from simulators.camera.machine import Character
from tests.harness import waiting

PASSWORD = "secret"
PANIC: Mapping[str, Input] = {
    "1": Input(part=1, kind="panic.pressed"),
    "2": Input(part=2, kind="tamper.opened", normally_closed=False),
}


@dataclass
class Eyes:
    """The cameras of one site."""

    database: str
    seal_file: Path
    fleet: Fleet
    site: str
    max_silence_s: int = 75
    inputs: Mapping[str, Input] = field(default_factory=lambda: PANIC)

    def __getitem__(self, name: str) -> Camera:
        return self.fleet.cameras[name]

    async def enrol(self, names: Sequence[str], *, password: str = PASSWORD) -> None:
        """Register them where they listen, and approve their logins."""
        place = Site(id=SiteId(self.site), name=Names(en=self.site), district="auezov")
        devices = [
            Device(
                id=DeviceId(name),
                sort=Sort.CAMERA,
                site=place.id,
                host=self[name].host,
                port=self[name].port,
                max_silence_s=self.max_silence_s,
                inputs=self.inputs,
            )
            for name in names
        ]
        await self._do(lambda c: sites.put(c, [place], [], devices))
        await self.approve(names, password=password)

    async def approve(self, names: Sequence[str], *, password: str = PASSWORD) -> None:
        """As `dabyl camera login` would write it."""
        logins = [
            Login(
                device=name,
                host=self[name].host,
                port=self[name].port,
                tls=False,
                secret=Secret(username="dabyl", password=password),
                serial=self[name].machine.character.told_serial,
                approved_by="test",
                approved_at=datetime.now(UTC),
            )
            for name in names
        ]

        seal = Seal(sealed.key_from(self.seal_file))

        def work(connection: Connection) -> None:
            for login in logins:
                camera_logins.put(connection, seal, login)

        await self._do(work)

    async def _do(self, work: Callable[[Connection], None]) -> None:
        database = open_database(self.database)
        try:
            await database.write(work, Urgency.STEP)
        finally:
            await database.close()

    async def subscribed(self, *names: str, within_s: float = 20) -> None:
        """Returns when each has a subscriber."""

        def are() -> bool:
            return all(self[name].subscriptions for name in names or self.fleet.cameras)

        await waiting.until(are, within_s=within_s, what=f"subscribed: {names}")


@asynccontextmanager
async def opened(
    database: str,
    seal_file: Path,
    *names: str,
    site: str = "school-3",
    max_silence_s: int = 75,
) -> AsyncIterator[Eyes]:
    """Those cameras, started and enrolled."""
    fleet = Fleet()
    for name in names:
        fleet.add(Character(name=name, accounts={"dabyl": Account(PASSWORD)}))
    await fleet.start()
    found = Eyes(database, seal_file, fleet, site, max_silence_s)
    try:
        await found.enrol(names)
        yield found
    finally:
        await asyncio.wait_for(fleet.stop(), 20)
