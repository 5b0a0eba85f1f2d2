"""Two cameras and WSDiscovery at one address: prints where each camera was found, as JSON.

Usage: python -m tests.simulators.clients.discovered ADDRESS, in a network namespace of its own:
WSDiscovery asks on every interface that there is, but never on the loopback.
"""

import asyncio
import json
import sys
import time

from wsdiscovery import QName
from wsdiscovery.discovery import ThreadedWSDiscovery

from simulators.camera import Character, Fleet, Place

WITHIN_S = 20.0
CAMERA = QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")


def find(wanted: set[str]) -> dict[str, list[str]]:
    """Ask until all are found."""
    discovery = ThreadedWSDiscovery()
    discovery.start()
    found: dict[str, list[str]] = {}
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until and not wanted <= set(found):
        for service in discovery.searchServices(types=[CAMERA], timeout=1):
            for address in service.getXAddrs():
                found[address] = [str(one.getValue()) for one in service.getScopes()]
    discovery.stop()
    return found


async def main(address: str) -> None:
    """Put them up and look for them."""
    fleet = Fleet()
    for name in ("s001-camera-1", "s001-camera-2"):
        fleet.add(Character(name=name), Place(host=address))
    async with fleet:
        await fleet.answer_probes(address)
        wanted = {one.url for one in fleet.cameras.values()}
        found = await asyncio.to_thread(find, wanted)
        sys.stdout.write(json.dumps({"wanted": sorted(wanted), "found": found}) + "\n")


asyncio.run(main(*sys.argv[1:]))
