"""How simulated cameras live by themselves: listening, found, driven by the control or by keys."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from simulators import arguments
from simulators.camera import deeds, quirks
from simulators.camera.camera import Place
from simulators.camera.control import Control
from simulators.camera.doorkeeper import Account
from simulators.camera.fleet import Fleet
from simulators.camera.machine import Character
from simulators.camera.makes import MAKES, Make
from simulators.camera.quirks import Quirk, Value

USER: Final = "dabyl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which cameras, where, and how difficult; ports count up from `port`, 0 is any free ones."""

    names: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    make: Make = field(default_factory=lambda: MAKES["plain"])
    accounts: dict[str, Account] = field(default_factory=dict)
    quirks: tuple[tuple[Quirk, Value], ...] = ()
    control: str | None = None
    discovery: str | None = None
    press_every_s: float | None = None
    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Cameras that run, and where they are driven."""

    fleet: Fleet
    control_url: str | None


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[Running]:
    """Hold cameras up.

    Raises:
        cast.TooManyConnections: the limit on open files is too low.
        OSError: an address cannot be had.
    """
    fleet = Fleet()
    for number, name in enumerate(options.names):
        port = options.port + number if options.port else 0
        character = Character(name=name, make=options.make, accounts=options.accounts)
        fleet.add(character, Place(host=options.host, port=port, tls=options.tls))
    async with fleet, contextlib.AsyncExitStack() as stack:
        for camera in fleet.cameras.values():
            for quirk, value in options.quirks:
                await camera.break_(quirk, value)
        if options.discovery is not None:
            await fleet.answer_probes(options.discovery)
        control_url = None
        if options.control is not None:
            control_url = await _open_control(fleet, options.control, stack)
        yield Running(fleet=fleet, control_url=control_url)


async def run(options: Options) -> None:
    """Let cameras live until cancelled."""
    async with running(options) as now, asyncio.TaskGroup() as lives:
        for camera in now.fleet.cameras.values():
            _say(f"{camera.name}: {camera.url}")
        if now.control_url is not None:
            _say(f"control: {now.control_url}/cameras")
        if options.press_every_s is not None:
            lives.create_task(_press(now.fleet, options.press_every_s))
        if options.typed:
            lives.create_task(_obey(now.fleet))
        await asyncio.Event().wait()


async def _press(fleet: Fleet, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        for camera in fleet.cameras.values():
            camera.press(for_s=min(1.0, every_s / 2))


async def _obey(fleet: Fleet) -> None:
    async for act in arguments.typed_acts():
        for camera in fleet.cameras.values():
            try:
                await deeds.do(camera, act)
            except quirks.UnknownQuirk as wrong:
                _say(str(wrong))


async def _open_control(fleet: Fleet, address: str, stack: contextlib.AsyncExitStack) -> str:
    host, _, port = address.rpartition(":")
    runner = web.AppRunner(
        Control(fleet).application(),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=0.1,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, host.strip("[]"), int(port)).start()
    return f"http://{host}:{runner.addresses[0][1]}"


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
