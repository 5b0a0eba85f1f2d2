"""A camera at its address: started and stopped, pressed, covered, broken, restarted."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from simulators.camera import certificate, notification, push
from simulators.camera.door import Door
from simulators.camera.machine import Character, Machine
from simulators.camera.notification import Notification
from simulators.camera.quirks import Quirk, Value
from simulators.camera.record import Record
from simulators.camera.service import Service
from simulators.camera.spelling import Happening, Items
from simulators.camera.subscriptions import Subscription
from simulators.clock import Clock, TrueClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a camera listens: port 0 is any free one; `tls` makes a certificate, a file is one."""

    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    pem_file: Path | None = None


class Camera:
    """A running camera, or one that can be started."""

    def __init__(
        self,
        character: Character,
        place: Place | None = None,
        clock: Clock | None = None,
        pusher: push.Pusher | None = None,
    ) -> None:
        self.place = place or Place()
        self.machine = Machine(character, clock or TrueClock())
        self.machine.subscribed = self._subscribed
        self._service = Service(self.machine)
        self._pusher = pusher or push.Pusher()
        self._owns_pusher = pusher is None
        self._tasks: set[asyncio.Task[None]] = set()
        self._pem = b""
        self._door = Door(
            self._service.handle, self.place.host, self.place.port, self._connection_closed
        )

    @property
    def name(self) -> str:
        """What it is called."""
        return self.machine.character.name

    @property
    def host(self) -> str:
        """The address it listens at."""
        return self._door.host

    @property
    def port(self) -> int:
        """The port it listens at."""
        return self._door.port

    @property
    def url(self) -> str:
        """Where its device service is."""
        return f"{self._door.base}/onvif/device_service"

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of its certificate, in hexadecimal; empty over plain HTTP."""
        return certificate.fingerprint(self._pem) if self._pem else ""

    @property
    def record(self) -> Record:
        """What clients did."""
        self.machine.record.connections = self._door.accepted
        return self.machine.record

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._door.connections

    @property
    def subscriptions(self) -> list[Subscription]:
        """The living subscriptions."""
        return self.machine.slots.living(self.machine.clock.monotonic())

    def forget(self) -> None:
        """Begin a new record."""
        self.machine.record = Record()

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be had.
        """
        if self.place.tls or self.place.pem_file is not None:
            self._pem = (
                self.place.pem_file.read_bytes()
                if self.place.pem_file is not None
                else certificate.own(self.name, self.host)
            )
            self._door.tls = certificate.context(self._pem)
        await self._door.open()
        self.machine.base = self._door.base

    async def stop(self) -> None:
        """Stop listening, and leave everybody."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._door.close()
        if self._owns_pusher:
            await self._pusher.close()

    def press(self, token: str = "1", *, for_s: float | None = None) -> None:
        """Press the button wired to an input; it latches, or springs back after so long."""
        self.input(True, token)
        if for_s is not None:
            asyncio.get_running_loop().call_later(for_s, self.release, token)

    def release(self, token: str = "1") -> None:
        """Pull a latched button out again."""
        self.input(False, token)

    def input(self, active: bool, token: str = "1") -> None:
        """Let a wired contact leave its rest, or go back to it."""
        self.machine.turn(Happening.INPUT, active, token)

    def show_press(self, for_s: float = 30.0) -> None:
        """Show somebody at the button before the lens, which is no input of this camera."""
        self.machine.hand_until_s = self.machine.clock.monotonic() + for_s

    def tamper(self, covered: bool) -> None:
        """Cover the lens, or uncover it."""
        self.machine.turn(Happening.TAMPER, covered)

    def motion(self, moving: bool) -> None:
        """Let something move, or come to rest."""
        self.machine.turn(Happening.MOTION, moving)

    def intrude(self, inside: bool) -> None:
        """Let somebody enter a forbidden field, or leave it."""
        self.machine.turn(Happening.INTRUSION, inside)

    def cross_line(self) -> None:
        """Let somebody cross a line."""
        self.machine.pulse(Happening.LINE)

    def signal_loss(self, lost: bool) -> None:
        """Cut the picture off, or give it back."""
        self.machine.turn(Happening.SIGNAL_LOSS, lost)

    def storage_failure(self, failed: bool) -> None:
        """Let its memory card fail, or be changed."""
        self.machine.turn(Happening.STORAGE, failed)

    def access(self, happening: Happening, door: str = "1", *, reason: str = "") -> None:
        """Let a card be read at a door: granted, denied with a reason, under duress."""
        self.machine.pulse(happening, door, reason=reason)

    def door(
        self,
        happening: Happening,
        active: bool,
        door: str = "1",
        *,
        reason: str = "DoorForcedOpen",
    ) -> None:
        """Let a door open, be unlocked, or be forced."""
        self.machine.turn(happening, active, door, reason=reason)

    def say(
        self,
        topic: str,
        *,
        source: Items = (),
        data: Items = (),
        operation: str | None = notification.CHANGED,
        raw: str = "",
    ) -> None:
        """Tell subscribers anything at all; `raw` is a whole tt:Message, or no XML."""
        at = self.machine.now()
        self.machine.say(
            Notification(topic=topic, at=at, operation=operation, source=source, data=data, raw=raw)
        )

    async def break_(
        self,
        quirk: Quirk,
        value: Value = None,
        *,
        call: str | None = None,
        times: int | None = None,
    ) -> None:
        """Be difficult: in all calls or one (`still` is the picture), for ever or so many times."""
        self.machine.switches.set(quirk, value, call=call, times=times)
        if quirk is Quirk.REFUSE:
            self._door.shut()
        if quirk is Quirk.RESET and call is None:
            self._door.cut()

    async def mend(self, quirk: Quirk | None = None) -> None:
        """Be as others in this again, or in everything."""
        self.machine.switches.clear(quirk)
        if quirk in {None, Quirk.REFUSE}:
            await self._door.open()

    def cut(self) -> None:
        """Cut every connection, once."""
        self._door.cut()

    def set_clock(self, offset_s: float) -> None:
        """Put its clock so many seconds ahead of the true time, or behind."""
        self.machine.offset_s = offset_s

    def update_firmware(self, version: str) -> None:
        """Tell another firmware version from now on."""
        self.machine.firmware = version

    async def change_certificate(self) -> None:
        """Show another certificate from the next connection on, and cut the present ones."""
        if self._door.tls is not None:
            self._pem = certificate.own(self.name, self.host)
            certificate.load(self._door.tls, self._pem)
            self._door.cut()

    async def reboot(self, *, down_s: float = 0.2, clock_offset_s: float | None = None) -> None:
        """Go down and come up again: subscriptions are forgotten, the clock may have jumped."""
        self._door.shut()
        self.machine.restart()
        await self.machine.clock.sleep(down_s)
        if clock_offset_s is not None:
            self.set_clock(clock_offset_s)
        if not self.machine.switches.on(Quirk.REFUSE):
            await self._door.open()

    def booted_at(self) -> datetime:
        """Tell when it last started."""
        return self.machine.booted_at

    def _connection_closed(self, connection: int) -> None:
        if self.machine.switches.on(Quirk.SLOT_BY_SOCKET):
            self.machine.slots.drop_connection(connection)

    def _subscribed(self, subscription: Subscription) -> None:
        task = asyncio.create_task(self._pusher.tell(self.machine, subscription))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
