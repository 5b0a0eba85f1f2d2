"""A desk on a real database, cameras over real HTTP, and the one who asks them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from gateway.desk import Desk
from gateway.domain.alarm import Alarm, State
from gateway.domain.decision import Change, Transition
from gateway.domain.event import AlarmId
from gateway.domain.kind import Priority
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver
from gateway.domain.site import Device, DeviceId, Names, Registry, Site, SiteId, Sort, Zone, ZoneId
from gateway.domain.stills import Fate, Still
from gateway.domain.telling import Teller
from gateway.evidence import Evidence
from gateway.evidence.picture import Fetch
from gateway.evidence.shelf import Folder, Rows, Shelf
from gateway.settings import Evidence as Settings
from gateway.store import alarms, commit, deliveries, evidence, keeping
from gateway.store.database import CountingDatabase, Urgency
from gateway.store.outbox import Delivery
from gateway.store.wakeups import Wakeups
from tests.evidence.cameras import Cameras
from tests.harness import waiting
from tests.harness.changed import replace
from tests.harness.clock import HurriedClock

HURRY = 10
"""Five seconds after the alarm are half a second here."""


def registry(*devices: Device, version: int = 1) -> Registry:
    """Two schools, each with a hall."""
    sites = [SiteId("s1"), SiteId("s2")]
    return Registry(
        version=version,
        sites={one: Site(id=one, name=Names(en=one), district="auezov") for one in sites},
        zones={
            (one, "hall"): Zone(id=ZoneId("hall"), site=one, name=Names(en="Hall")) for one in sites
        },
        devices={one.id: one for one in devices},
    )


def camera(key: str, *looks_at: str, site: str = "s1", zone: str | None = None) -> Device:
    """A camera, and what it looks at."""
    return Device(
        id=DeviceId(key),
        sort=Sort.CAMERA,
        site=SiteId(site),
        zone=None if zone is None else ZoneId(zone),
        looks_at=tuple(DeviceId(one) for one in looks_at),
    )


def button(key: str, site: str = "s1", zone: str | None = "hall") -> Device:
    """A panic button."""
    zone_id = None if zone is None else ZoneId(zone)
    return Device(id=DeviceId(key), sort=Sort.PANIC_BUTTON, site=SiteId(site), zone=zone_id)


@dataclass(kw_only=True)
class Bench:
    """Press, and see what comes of it."""

    database: CountingDatabase
    clock: HurriedClock
    cameras: Cameras
    folder: Path
    known: Registry
    settings: Settings = field(default_factory=Settings)
    owed: list[Delivery] = field(default_factory=list)
    wakeups: Wakeups = field(default_factory=Wakeups)
    _presses: int = 0

    def desk(self, gateway: str = "g1") -> Desk:
        receivers = (Receiver(name="centre", authority=True),)
        return Desk(
            database=self.database,
            teller=Teller(
                installation="t", gateway=gateway, receivers=receivers, base_url="http://house"
            ),
            presence=Presence(),
            registry=lambda: self.known,
            clock=self.clock,
            owed=self.owed.extend,
        )

    def shelf(self) -> Shelf:
        if self.database.dialect == "postgresql":
            return Rows(database=self.database, clock=self.clock)
        return Folder(
            path=self.folder / "evidence",
            reserve_bytes=0,
            clock=self.clock,
            known=lambda some: self.database.read(partial(keeping.known, digests=some)),
        )

    @asynccontextmanager
    async def asking(
        self,
        gateway: str = "g1",
        holds: Callable[[DeviceId], bool] = lambda _: True,
        fetch: Fetch | None = None,
    ) -> AsyncIterator[Evidence]:
        """Somebody asks cameras, as long as this lasts; then it is as after a kill."""
        found = Evidence(
            desk=self.desk(gateway),
            wakeups=self.wakeups,
            shelf=self.shelf(),
            settings=self.settings,
            fetch=fetch or self.cameras.fetch,
            holds=holds,
        )
        task = asyncio.create_task(found.run())
        try:
            yield found
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def press(self, device: str = "b1", **more: Any) -> Alarm:  # noqa: ANN401 - likewise
        """An alarm of that device, committed with what it owes the centre."""
        self._presses += 1
        place, now = self.known.place(device), self.clock.now()
        plain = Alarm(
            id=AlarmId(f"{self._presses:032x}"),
            kind="panic.pressed",
            priority=Priority.P0,
            latches=True,
            device=device,
            site=None if place.site is None else place.site.id,
            district=place.district,
            zone=None if place.zone is None else place.zone.id,
            event_id=f"e{self._presses}",
            raised_at=now,
            last_at=now,
            pressed_at=now,
        )
        alarm = replace(plain, **more)
        line = Transition(
            alarm=alarm.id,
            what="raise",
            before=State.NORMAL,
            after=alarm.state,
            at=now,
            by=device,
        )
        raised = Change(alarm=alarm, transition=line, notice="raised", is_new=True)
        desk = self.desk()
        owed = await self.database.write(
            lambda c: commit.write(c, [raised], desk.teller, desk.context(c, now)), Urgency.ALARM
        )
        self.owed += owed
        self.wakeups.wake()
        return alarm

    async def stills(self, alarm: Alarm) -> list[Still]:
        found = await self.database.read(lambda c: evidence.of_alarms(c, [alarm.id]))
        return found.get(alarm.id, [])

    async def ended(self, alarm: Alarm, count: int, *, within_s: float = 15) -> list[Still]:
        """So many stills that no longer wait, waited for."""

        async def enough() -> list[Still] | None:
            found = [one for one in await self.stills(alarm) if one.fate is not Fate.WAITING]
            return found if len(found) >= count else None

        return await waiting.until(enough, within_s=within_s, what=f"{count} stills") or []

    async def line(self, alarm: Alarm) -> list[tuple[str, str | None]]:
        """What the alarm's time line says, and the note beside it."""
        lines = await self.database.read(lambda c: alarms.time_line(c, alarm.id))
        return [(one.what, one.note) for one in lines]

    async def told(self, alarm: Alarm) -> list[dict[str, Any]]:
        """The notices of that alarm, in order."""
        owed = await self.database.read(lambda c: deliveries.of_alarm(c, alarm.id))
        return [msgspec.json.decode(one.body) for one in owed]

    async def all_are(self, alarm: Alarm, fate: Fate) -> bool:
        return {one.fate for one in await self.stills(alarm)} == {fate}

    async def execute(self, sql: str) -> None:
        """Do something to the database, behind everybody's back."""
        await self.database.write(lambda c: c.exec_driver_sql(sql).close(), Urgency.STEP)

    def ago(self, seconds: float) -> datetime:
        """So long before now."""
        return self.clock.now() - timedelta(seconds=seconds)
