"""Clients: ten thousand buttons connect and press at once; with TLS, two thousand."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.domain.site import Device, DeviceId, Sort
from gateway.store import sites
from gateway.store.database import Urgency, open_database
from tests.bench import devices, rig, watching
from tests.bench.centre import Centre
from tests.bench.figures import percentile
from tests.harness import waiting
from tests.harness.deployed_broker import DeployedBroker
from tests.harness.mosquitto import Mosquitto
from tests.harness.process import Dabyl
from tests.prove import limits
from tests.prove.found import Found, Ground, Loss

PROCESSES = 2
SPARE_FILES = 500
"""Descriptors that a broker needs beside its clients."""
WITHIN_S = 300.0
SESSIONS = ["gateway-g1-alarm", "gateway-g1-event"]
_BROKER = """
[[broker]]
url = "mqtts://127.0.0.1:{port}"
ca_file = "{ca}"
cert_file = "{pair[0]}"
key_file = "{pair[1]}"
password_file = "{password}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where devices knock, and what the gateway's settings say of the same broker."""

    port: int
    ca: str | None
    pid: int
    urls: Sequence[str]
    more: str


async def plain(ground: Ground) -> Found:
    """Without TLS."""
    count = min(
        ground.pick(short=500, long=10_000), limits.as_many_files_as_allowed() - SPARE_FILES
    )
    folder = ground.folder / "broker"
    async with Mosquitto(folder, lines=rig.BROKER) as broker:
        door = Door(port=broker.port, ca=None, pid=broker.pid, urls=[broker.url], more="")
        return await _prove(ground, count, door, f"{count:,} buttons at once")


async def sealed(ground: Ground) -> Found:
    """With TLS and passwords, at the broker as it is deployed."""
    count = ground.pick(short=100, long=2_000)
    limits.as_many_files_as_allowed()
    folder = ground.folder / "broker"
    folder.mkdir()
    names = [devices.button(number) for number in range(count)]
    secret = folder / "password"
    secret.write_text("open sesame")
    made = DeployedBroker(folder, devices=names, gateways=SESSIONS, secret="open sesame")
    more = _BROKER.format(
        port=made.gateways_port, ca=made.ca_file, pair=made.gateway_pair, password=secret
    )
    async with made.broker as broker:
        door = Door(
            port=made.devices_port, ca=str(made.ca_file), pid=broker.pid, urls=[], more=more
        )
        return await _prove(ground, count, door, f"{count:,} buttons at once, with TLS")


async def _prove(ground: Ground, count: int, door: Door, harm: str) -> Found:
    url = ground.database
    if url == "sqlite":
        url = f"sqlite:///{ground.folder / 'dabyl.db'}"
    async with Centre() as centre, _gateway(ground, url, count, door, centre) as dabyl:
        said = await _pressed(count, door)
        keys = {(one["name"], one["id"]) for one in said}
        ground.say("all are receipted; waiting for the centre")
        with contextlib.suppress(waiting.NotInTimeError):
            await waiting.until(
                lambda: centre.arrivals().keys() >= keys, within_s=WITHIN_S, what="all are told"
            )
        told = centre.arrivals()
        memory = watching.look(dabyl.pid).rss_mib, watching.look(door.pid).rss_mib
    slowest = max(said, key=lambda one: float(one["took_s"]))
    note = (
        f"The slowest: {slowest['name']}, {slowest['took_s']:.1f} s from its first word to its"
        f" receipt; connected after {slowest['connected_s']:.1f} s, {slowest['lives']} connections,"
        f" {slowest['presses']} times said."
    )
    loss = Loss(harm=harm, times=1, presses=len(said), lost=len(keys - told.keys()), doubled=0)
    took = [float(one["took_s"]) for one in said]
    return (
        Found(losses=[loss], notes=[note])
        .ask_for("buttons that connected and pressed", count, at_least=count)
        .ask("without a receipt", count - len(said), at_most=0)
        .ask("not told to the centre", loss.lost, at_most=0)
        .ask("connected, p50", percentile([float(one["connected_s"]) for one in said], 0.5), "s")
        .ask("from nothing to the receipt, p50", percentile(took, 0.5), "s")
        .ask("from nothing to the receipt, p99", percentile(took, 0.99), "s")
        .ask("from nothing to the receipt, slowest", max(took), "s")
        .ask("times said in all", sum(int(one["presses"]) for one in said))
        .ask("gateway, memory at the end", memory[0], "MiB")
        .ask("broker, memory at the end", memory[1], "MiB")
    )


async def _pressed(count: int, door: Door) -> list[dict[str, Any]]:
    """Every button's account, from all processes."""
    share = count // PROCESSES
    trust = ["--ca", door.ca] if door.ca else []
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.prove.many", "--port", str(door.port)),
            *("--first", str(number * share), "--count", str(share), *trust),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**26,
        )
        for number in range(PROCESSES)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            await asyncio.wait_for(process.stdout.readline(), 30)
        said = await asyncio.wait_for(
            asyncio.gather(*(process.communicate(b"go\n") for process in processes)), WITHIN_S
        )
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    return [one for out, _ in said for one in json.loads(out)]


@contextlib.asynccontextmanager
async def _gateway(
    ground: Ground, url: str, count: int, door: Door, centre: Centre
) -> AsyncIterator[Dabyl]:
    home = _home(ground.folder / "dabyl")
    more = door.more + rig.RECEIVER.format(port=centre.port)
    dabyl = Dabyl(home, brokers=door.urls, database=url, more=more)
    code, said = await dabyl.run("migrate")
    assert code == 0, said
    await _register(url, count)
    await dabyl.start()
    try:
        yield dabyl
    finally:
        await dabyl.stop()


def _home(folder: Path) -> Path:
    folder.mkdir()
    (folder / "centre.secret").write_text(rig.SECRET)
    return folder


async def _register(url: str, count: int) -> None:
    region = devices.region()
    buttons = [
        Device(
            id=DeviceId(devices.button(number)),
            sort=Sort.PANIC_BUTTON,
            site=region.sites[number % len(region.sites)].id,
            zone=region.zones[0].id,
        )
        for number in range(count)
    ]
    database = open_database(url)
    try:
        await database.write(
            lambda c: sites.put(c, region.sites, region.zones, buttons), Urgency.BULK
        )
    finally:
        await database.close()
