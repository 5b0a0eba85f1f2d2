"""Attached: a panic press beside a thousand cameras that this very gateway holds, a third dead."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from gateway.domain.site import Device, DeviceId, Input, Sort
from gateway.store import camera_logins, sealed, sites
from gateway.store.camera_logins import Login, Secret
from gateway.store.database import Urgency, open_database
from gateway.store.sealed import Seal
from tests.bench import devices
from tests.bench.figures import Figure, Outcome, percentile
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.bench.scenarios import measuring
from tests.harness import ports, waiting
from tests.harness.cameras import HOST, PASSWORD, USER, Farm

CAMERAS, QUICKLY = 1_000, 200
DEAD = 0.15
"""So many hang, and so many are not there at all."""
UP_WITHIN_S = 120.0
QUIET_S = 10.0
PRESSES_OF_CAMERAS = 50
INPUTS = {"1": Input(part=1, kind="panic.pressed")}


async def attached(rig: Rig, floor: Floor, *, quick: bool) -> Outcome:
    """Presses before and after the cameras came, and presses at the cameras themselves."""
    del floor
    count, found = QUICKLY if quick else CAMERAS, Outcome()
    before = await _presses(rig, 0, quick=quick)
    dead = int(count * DEAD)
    living = count - 2 * dead
    async with Farm(count - dead, is_quiet=True) as farm:
        await asyncio.gather(*(farm.break_(name, "hang") for name in farm.names[living:]))
        begun = devices.now()
        cpu_s = rig.cpu_s()
        await _enrol(rig, farm, dead)
        await waiting.until(
            partial(_are_heard, rig, living), within_s=UP_WITHIN_S, what="all are heard"
        )
        took_s, cpu_s = devices.now() - begun, rig.cpu_s() - cpu_s
        after = await _presses(rig, 500, quick=quick)
        quiet_s = rig.cpu_s()
        await asyncio.sleep(QUIET_S)
        quiet_s = rig.cpu_s() - quiet_s
        own_ms = await _presses_of_cameras(rig, farm, living)
        await _retire(rig, count)
    found.latencies_ms["beside cameras"], p99_ms = after, percentile(after, 0.99)
    name = f"{count:,} cameras at the gateway, 30 % of them dead"
    found.figures += [
        _times(f"press to centre p50, beside {name}, beside its own idle", before, after, 0.5),
        _times(f"press to centre p99, beside {name}, beside its own idle", before, after, 0.99),
        Figure(name=f"press to centre p99, beside {name}", value=p99_ms, unit="ms"),
        Figure(name=f"{name}: enrolled until all {living} are heard", value=took_s, unit="s"),
        Figure(name=f"{name}: CPU meanwhile", value=cpu_s, unit="s"),
        Figure(name=f"{name}: CPU of a core while calm", value=quiet_s / QUIET_S * 100, unit="%"),
        Figure(name="press at a camera to centre p50", value=percentile(own_ms, 0.5), unit="ms"),
        Figure(
            name="press at a camera to centre p99",
            value=percentile(own_ms, 0.99),
            unit="ms",
            target=100,
            target_says="<= 100",
        ),
        measuring.lost("presses at cameras lost", PRESSES_OF_CAMERAS - len(own_ms)),
    ]
    return found


async def _presses(rig: Rig, first: int, *, quick: bool) -> list[float]:
    keys = await measuring.press(rig, first=first, count=100 if quick else 400, pause_s=0.05)
    return [*(await measuring.ways(rig, keys)).values()]


async def _enrol(rig: Rig, farm: Farm, absent: int) -> None:
    """All at once: register them, and approve their logins."""
    seal = Seal(sealed.key_from(rig.gateway.folder / "seal.key"))
    nowhere = ports.free()
    places = {name: farm.port_of(name) for name in farm.names}
    places |= {f"camera-{farm.count + 1 + n}": nowhere for n in range(absent)}
    site = devices.region().sites[0].id
    rows = [
        Device(id=DeviceId(name), sort=Sort.CAMERA, site=site, host=HOST, port=port, inputs=INPUTS)
        for name, port in places.items()
    ]
    at = datetime.now(UTC)

    def work(connection: Connection) -> None:
        sites.put(connection, devices=rows)
        for name, port in places.items():
            login = Login(
                device=name,
                host=HOST,
                port=port,
                tls=False,
                secret=Secret(username=USER, password=PASSWORD),
                approved_by="bench",
                approved_at=at,
            )
            camera_logins.put(connection, seal, login)

    await _do(rig, work)


async def _retire(rig: Rig, count: int) -> None:
    names = [f"camera-{number + 1}" for number in range(count)]
    await _do(rig, lambda c: sites.remove_devices(c, names))


async def _do(rig: Rig, work: Any) -> None:  # noqa: ANN401 - a store function
    database = open_database(rig.database)
    try:
        await database.write(work, Urgency.BULK)
    finally:
        await database.close()


async def _are_heard(rig: Rig, count: int) -> bool:
    return await rig.metric("dabyl_cameras", state="heard") >= count


async def _presses_of_cameras(rig: Rig, farm: Farm, living: int) -> list[float]:
    """From the contact's closing to the centre, ms."""
    begun: dict[str, float] = {}
    for number in range(PRESSES_OF_CAMERAS):
        name = farm.names[number % living]
        begun[name] = devices.now()
        await farm.do(name, "press", 1)
        await asyncio.sleep(0.05)

    def arrived() -> dict[str, float]:
        return {device: at for (device, _), at in rig.centre.arrivals().items() if device in begun}

    try:
        await waiting.until(lambda: len(arrived()) == len(begun), within_s=20, what="all arrived")
    except waiting.NotInTimeError as error:
        print(f"  {error}")
    return [(at - begun[device]) * 1e3 for device, at in arrived().items()]


def _times(name: str, before: list[float], after: list[float], share: float) -> Figure:
    return Figure(
        name=name,
        value=percentile(after, share) / percentile(before, share),
        unit="x",
        target=1.5,
        target_says="<= 1.5: unchanged",
    )
