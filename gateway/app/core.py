"""The core: the work that a press needs; pages, gauges and the like are beside it."""

from collections.abc import Coroutine
from typing import Any

import structlog

from gateway.app.parts import Gateway
from gateway.store import database as databases
from gateway.store import sites, versions
from gateway.store.database import StoreDown

REGISTRY_S = 2.0
BREATH_S = 0.25
DISK_S = 0.5

log = structlog.get_logger()


def work(gateway: Gateway) -> dict[str, Coroutine[Any, Any, None]]:
    """By name, what runs until it is cancelled; whatever ends ends the gateway."""
    found: dict[str, Coroutine[Any, Any, None]] = {
        "intake": gateway.intake.run(),
        "forward": gateway.forward.run(),
        "commander": gateway.commander.run(),
        "upkeep": gateway.upkeep.tick(),
        "escalate": gateway.escalate.tick(),
        "supervise": gateway.supervisor.run(),
        "tidy": gateway.tidy.run(),
        "reckon": gateway.reckon.run(),
        "beacon": gateway.attest.tell_devices(),
        "canary": gateway.canary.run(),
        "emergency": gateway.emergency.run(),
        "registry": _follow_registry(gateway),
        "company": gateway.company.run(),
        "disk": _watch_disk(gateway),
    }
    if gateway.lookout is not None:
        found["cameras"] = gateway.lookout.run()
    for link in gateway.ears.links:
        found[f"listen {link.broker} {link.lane}"] = gateway.ears.listen(link)
    for name in gateway.forwarders:
        found[f"supervision {name}"] = gateway.attest.tell_receiver(name)
    return found


async def _watch_disk(gateway: Gateway) -> None:
    """End the gateway when the disk has failed, also where that met nobody who carries presses."""
    while True:
        databases.check(gateway.database)
        await gateway.clock.sleep(DISK_S)


async def _follow_registry(gateway: Gateway) -> None:
    """What was imported elsewhere is seen here, also while nobody says anything."""
    seen = -1
    while True:
        seen = await gateway.wakeups.wait(seen, REGISTRY_S)
        try:
            found = await gateway.database.read(versions.read)
            memory = gateway.intake.memory
            if found.get(versions.WINDOWS, 0) != memory.windows_version:
                memory.windows = []  # read anew with the next batch; until then nothing is a test
            if found.get(versions.REGISTRY, 0) != memory.registry.version:
                memory.registry = await gateway.database.read(sites.registry)
        except StoreDown as error:
            log.debug("the registry waits for the store", why=str(error))
        await gateway.clock.sleep(BREATH_S)
