"""The watch joined with a real intake and supervision on a real database; cameras are scripts.

Time passes only when it is pushed.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

from cryptography.fernet import Fernet
from sqlalchemy import Connection

from adapters.devices.onvif.health import Health
from adapters.devices.onvif.owing import Owing
from adapters.devices.onvif.settings import CameraSettings
from adapters.signal import Receipt, Signal
from gateway.app import cameras
from gateway.app.cameras import Ground, Roads
from gateway.app.voice import Voice
from gateway.domain.alarm import Alarm
from gateway.domain.camera import LinkState
from gateway.domain.presence import Presence, Standing
from gateway.domain.routing import Receiver
from gateway.domain.site import Device, DeviceId, Names, Registry, Site, SiteId, Sort
from gateway.domain.telling import Teller
from gateway.domain.ward import Cameras
from gateway.intake import Intake
from gateway.intake.memory import Means
from gateway.settings import Settings
from gateway.store import alarms, camera_logins, schema, sites
from gateway.store.alarms import Filter
from gateway.store.camera_logins import Login, Secret
from gateway.store.database import Urgency, open_database
from gateway.store.sealed import Seal
from gateway.supervise import Remembered, Supervisor
from gateway.supervise.brokers import Line
from gateway.supervise.post import Post
from gateway.watch import Lookout
from tests.harness import waiting
from tests.harness.clock import PushedClock
from tests.supervise.bench import Counted
from tests.watch.busy import Busy
from tests.watch.scripts import Script, ScriptedLife

HOST = "10.0.0.1"
RIGHT = "right"
RIGHT = "right"


def school(cameras: int, sites_: int = 1) -> Registry:
    """Schools of one district with so many cameras each."""
    places = [Site(id=SiteId(f"s{n}"), name=Names(en=f"s{n}"), district="d") for n in range(sites_)]
    devices = [
        Device(id=DeviceId(f"{place.id}-c{n}"), sort=Sort.CAMERA, site=place.id, host=HOST)
        for place in places
        for n in range(cameras)
    ]
    return Registry(
        version=1,
        sites={one.id: one for one in places},
        devices={one.id: one for one in devices},
    )


SCHOOL = school(2)


@dataclass
class Bench:
    """A gateway that watches scripted cameras."""

    database: Busy
    clock: PushedClock
    bus: Counted
    intake: Intake
    supervisor: Supervisor
    lookout: Lookout
    scripts: dict[str, Script]
    seal: Seal
    receipts: list[Receipt] = field(default_factory=list)

    async def approve(self, *devices: str, password: str = RIGHT, host: str = HOST) -> None:
        """A person approves a login of each."""

        def work(connection: Connection) -> None:
            for device in devices:
                login = Login(
                    device=device,
                    host=host,
                    port=80,
                    tls=False,
                    secret=Secret(username="dabyl", password=password),
                    approved_by="test",
                    approved_at=self.clock.now(),
                )
                camera_logins.put(connection, self.seal, login)

        await self.database.write(work, Urgency.STEP)

    async def register(self, *devices: Device) -> None:
        """The registry says so from now on."""
        await self.database.write(lambda c: sites.put(c, (), (), devices), Urgency.STEP)
        await self._read_registry()

    async def remove(self, *devices: str) -> None:
        """They are registered no more."""
        await self.database.write(lambda c: sites.remove_devices(c, devices), Urgency.STEP)
        await self._read_registry()

    async def _read_registry(self) -> None:
        self.intake.memory.registry = await self.database.read(sites.registry)

    async def hear(self, script: Script, signal: Signal) -> Receipt:
        """A camera's link hands it in; the answer."""
        before = len(self.receipts)
        assert script.emit is not None
        script.emit(signal, self.receipts.append)
        await waiting.until(lambda: len(self.receipts) > before, what="it is stored")
        return self.receipts[-1]

    async def pass_(self, seconds: float) -> None:
        """So many seconds pass."""
        for _ in range(int(seconds)):
            await self.clock.push(1)
            await self.settle()

    async def settle(self) -> None:
        """Whatever is under way comes to its end."""
        for _ in range(3):
            await waiting.until(
                lambda: self.bus.pending == 0 and self.database.pending == 0, what="all is at rest"
            )
            for _ in range(20):
                await asyncio.sleep(0)

    async def until(self, condition: Callable[[], bool], *, within_s: int) -> int:
        """Time passes until that is so, at the most so long; how long it took."""
        for second in range(within_s):
            if condition():
                return second
            await self.pass_(1)
        assert condition(), f"not within {within_s} s"
        return within_s

    async def up(self, *devices: str, within_s: int = 30) -> None:
        """Time passes until their links stand."""
        held = self.lookout.held
        await self.until(
            lambda: all(one in held and held[one].state is LinkState.HEARD for one in devices),
            within_s=within_s,
        )
        await self.pass_(2)

    async def opened(self) -> list[str]:
        """`kind of whom: why` of every open alarm."""
        opened = [one for one in await self.alarms() if one.is_open]
        return sorted(f"{one.kind} {one.device}: {one.doubt}" for one in opened)

    async def alarms(self) -> list[Alarm]:
        """All, the oldest first."""
        found = await self.database.read(lambda c: alarms.listed(c, Filter(), 999, None))
        return found[::-1]

    def standing(self, device: str) -> Standing:
        """What is said of it."""
        one = self.intake.memory.registry.devices[device]
        return self.intake.presence.standing(one, self.clock.monotonic())


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    registry: Registry = SCHOOL,
    clock: PushedClock | None = None,
    seal: Seal | None = None,
    scripts: Mapping[str, Script] = MappingProxyType({}),
    **settings: float,
) -> AsyncIterator[Bench]:
    """A gateway with those cameras in its registry; nobody approved a login yet.

    Opened again on the same folder it is its next life.
    """
    database = Busy(open_database(f"sqlite:///{folder / 'watch.db'}"))
    await database.write(schema.metadata.create_all, Urgency.BULK)
    rows = list(registry.sites.values()), (), list(registry.devices.values())
    await database.write(lambda c: sites.put(c, *rows), Urgency.BULK)
    found = _made(database, clock or PushedClock(), seal or Seal(Fernet.generate_key()), settings)
    found.intake.memory.registry = await database.read(sites.registry)
    for device in registry.devices:
        found.scripts[device] = scripts.get(device) or Script(device)
    works = (found.intake.run(), found.supervisor.run(), found.lookout.run())
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await found.settle()
        yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await database.close()


def _made(database: Busy, clock: PushedClock, seal: Seal, settings: Mapping[str, float]) -> Bench:
    bus, linked = Counted(), Cameras()
    intake = Intake(
        bus=bus,
        database=database,
        clock=clock,
        means=Means(
            teller=Teller(installation="test", gateway="g1", receivers=(Receiver(name="centre"),)),
            seal=seal,
            hash_card=str,
        ),
        presence=Presence(),
        owed=lambda _: None,
        committed=lambda: None,
    )
    memory, lines = intake.memory, {"a": Line(hears=True, is_whole=True)}
    voice = Voice(bus=bus, clock=clock, registry=lambda: memory.registry)
    supervisor = Supervisor(
        Post(
            gateway="g1",
            database=database,
            clock=clock,
            presence=intake.presence,
            registry=lambda: memory.registry,
            find=voice.find,
        ),
        Remembered(
            unwritten=memory.take_unwritten,
            facts=memory.facts,
            reused=memory.reused,
            stuck=memory.stuck,
        ),
        lines=lambda: lines,
        is_storing=lambda: intake.is_storing,
        ordered=lambda _: None,
        cameras=linked,
    )
    supervisor.own_clock.server_time = lambda _: clock.now()
    config = Settings.model_validate(
        {"installation": {"id": "test"}, "cameras": {"stills_every_s": 0, **settings}}
    )
    ground = Ground(
        config=config,
        database=database,
        clock=clock,
        seal=seal,
        presence=intake.presence,
        intake=intake,
        voice=voice,
        is_alone=True,
        linked=linked,
    )
    lookout, scripts = cameras.lookout(ground, Roads(clock=clock)), dict[str, Script]()

    def dial(
        settings: CameraSettings, known: Mapping[str, bool], health: Health, owing: Owing
    ) -> Callable[[], ScriptedLife]:
        script = scripts[settings.device]
        script.known, script.settings, script.owing = known, settings, owing
        return partial(ScriptedLife, script, settings, health, clock)

    lookout.calling.dial = dial
    lookout.calling.dice = random.Random(7)
    return Bench(database, clock, bus, intake, supervisor, lookout, scripts, seal)
