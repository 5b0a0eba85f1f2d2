"""Cameras that are scripts: each life of their links goes as it is told to."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.devices.contract import Emit
from adapters.devices.onvif.fault import Reason, ended
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.owing import Owing
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.snapshot import Still
from tests.harness.clock import PushedClock

HOLD_S = 30.0


@dataclass
class Script:
    """One camera: how each of its lives goes from now on."""

    device: str
    ends: Reason | None = None
    """Why a life ends before it is up; None: it lives."""
    introduces: bool = False
    """Whether its device service answers in a life that ends before it is up."""
    offset_s: float = 0.0
    firmware: str = "1.0"
    serial: str = "S"
    lives: int = 0
    passwords: list[str | None] = field(default_factory=list)
    still: bytes | None = None
    emit: Emit | None = None
    """Of the life that is up."""
    known: Mapping[str, bool] = field(default_factory=dict)
    settings: CameraSettings | None = None
    owing: Owing | None = None
    hangs_s: float = 0.0
    """So long a life that ends before it is up takes to do so."""
    slips: bool = False
    """Its next life ends in something that nobody thought of."""
    _over: asyncio.Future[Reason] | None = None

    def end(self, reason: Reason) -> None:
        """The life that is up ends so, and those after it."""
        self.ends = reason
        if self._over is not None and not self._over.done():
            self._over.set_result(reason)

    async def live(
        self, settings: CameraSettings, health: Health, clock: PushedClock, up: Callable[[], None]
    ) -> None:
        self.passwords.append(settings.password())
        if self.slips:
            self.slips = False
            raise ZeroDivisionError
        if self.ends is not None:
            health.is_introduced = self.introduces
            await clock.sleep(self.hangs_s)
            raise ended(self.device, self.ends, f"told to be {self.ends}")
        health.reachable, health.clock_offset_s = True, self.offset_s
        health.firmware, health.serial = self.firmware, self.serial
        up()
        self._over = asyncio.get_running_loop().create_future()
        while True:
            health.last_reply_at = clock.now()
            health.clock_offset_s = self.offset_s
            sleeping = asyncio.create_task(clock.sleep(HOLD_S))
            over = asyncio.create_task(asyncio.wait({self._over}))
            await asyncio.wait({sleeping, over}, return_when=asyncio.FIRST_COMPLETED)
            sleeping.cancel()
            over.cancel()
            if self._over.done():
                health.reachable = False
                raise ended(self.device, self._over.result(), "told to end")


@dataclass
class ScriptedLife:
    """One life of a script."""

    script: Script
    settings: CameraSettings
    health: Health
    clock: PushedClock

    async def live(self, emit: Emit, up: Callable[[], None]) -> None:
        self.script.lives += 1
        self.script.emit = emit
        await self.script.live(self.settings, self.health, self.clock, up)

    async def picture(self) -> Still:
        if self.script.still is None:
            raise ended(self.script.device, Reason.NO_PICTURE, "none")
        return Still(
            body=self.script.still,
            content_type="image/jpeg",
            fetched_at=self.clock.now(),
            sha256="",
        )
