"""Asking: one camera asked for all that matters about it, step by step, and left as it was.

What a step finds out is kept; why it found nothing is kept too, and the next one is tried unless
nothing could come of it. A login that was refused once is not tried again.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from adapters.devices.onvif import (
    calls,
    discovery,
    introduction,
    snapshot,
    soap,
    stills,
    wire,
)
from adapters.devices.onvif.calls import Action
from adapters.devices.onvif.digest import Challenge
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason, ended
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.snapshot import Still
from adapters.devices.onvif.transport import Caller, Wire
from adapters.devices.onvif.wire import Ask
from gateway.cli.camera.approached import Approached
from gateway.cli.camera.events import Events
from gateway.cli.camera.survey import Failure, Step, Survey
from gateway.cli.camera.trying import CALL_S, NOT_IN, Trying
from gateway.clock import Clock
from gateway.watch.wanted import HTTPS

ELSEWHERE: Final = (2020, 8000, 8080, 8899, 443)
"""Where makers put ONVIF if not at port 80: Tapo, Hikvision, many, XiongMai, https."""
_SCOPES: Final = (calls.get_scopes(), Action.GET_SCOPES, calls.scopes)
_INTERFACES: Final = (
    calls.get_network_interfaces(),
    Action.GET_NETWORK_INTERFACES,
    calls.network_interfaces,
)


class Checked(Protocol):
    """One call, looked at by another reader of the standard."""

    @property
    def call(self) -> str:
        """Its name."""

    @property
    def problem(self) -> str | None:
        """What is wrong with its answer."""


Check = Callable[[Caller, Mapping[str, str]], Awaitable[Iterable[Checked]]]
"""Of a camera, and of its services as it wrote them."""


async def survey(
    camera: Approached,
    line: Wire,
    clock: Clock,
    tell: Callable[[str], None],
    check: Check | None = None,
) -> Survey:
    """Ask it for everything; `tell` hears what is being asked, `check` looks closer."""
    asking = _Asking(camera=camera, wire=line, clock=clock, tell=tell, check=check)
    await asking.everything()
    return asking.found


@dataclass(slots=True, kw_only=True)
class _Asking:
    """One survey under way."""

    camera: Approached
    wire: Wire
    clock: Clock
    tell: Callable[[str], None]
    check: Check | None
    found: Survey = field(init=False)
    _trying: Trying = field(init=False)
    _caller: Caller = field(init=False)

    def __post_init__(self) -> None:
        self.found = Survey(at=self.camera.settings.base)
        self._trying = Trying(self.found)

    async def everything(self) -> None:
        """Step by step, as far as it goes."""
        if not await self._reach():
            return
        if await self._meet():
            await self._events().all()
            await self._see()
            if self.check is not None:
                await self._trying.attempt(Step.DEEP, self._look_closer(self.check))

    async def _reach(self) -> bool:
        """Whether something answers like a camera."""
        found, settings = self.found, self.camera.settings
        self.tell(f"calling {found.at}")
        if settings.tls:
            found.pin = await self._trying.attempt(Step.REACH, self._certificate())
            if found.pin is None:
                return False
            settings = self.camera.pinned(found.pin)
        self._caller = self._calling(settings)
        begun = self.clock.monotonic()
        said = await self._trying.attempt(Step.REACH, self._caller.read_clock())
        if Step.REACH in found.failed:
            if found.failed[Step.REACH].reason in {Reason.REFUSED, Reason.NOT_SOAP}:
                await self._look_elsewhere()
            return False
        found.answered_s = self.clock.monotonic() - begun
        found.offset_s = self._caller.offset_s
        found.is_manual = None if said is None else said.is_manual
        return True

    async def _certificate(self) -> str:
        """The one that it shows, before anything is said to it."""
        settings, approved = self.camera.settings, self.camera.pin
        try:
            shown = await wire.certificate(settings.host, settings.port)
        except (OSError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise ended(settings.device, Reason.TLS, why) from None
        if approved is not None and shown != approved.lower().replace(":", ""):
            why = f"it shows {shown[:16]}…, and {approved[:16]}… was approved"
            raise ended(settings.device, Reason.CHANGED, why)
        return shown

    async def _look_elsewhere(self) -> None:
        """Whether another usual port of that host speaks ONVIF; nothing but the time is asked."""
        own = self.camera.settings
        for port in ELSEWHERE:
            if port == own.port:
                continue
            self.tell(f"looking at port {port}")
            there = CameraSettings(device=own.device, host=own.host, port=port, tls=port == HTTPS)
            with suppress(soap.Fault, soap.NotSoap, CameraLost, CameraRefused, TimeoutError):
                if await self._calling(there).read_clock() is not None:
                    self.found.elsewhere = port
                    return

    async def _meet(self) -> bool:
        """Whether it lets us in, as far as it wants a login at all."""
        found, caller = self.found, self._caller
        self.tell("asking how it lets us in")
        await self._trying.attempt(Step.LOGIN, self._ask_without_login())
        if Step.LOGIN in found.failed or (found.asks_for_login and not self.camera.has_login):
            return False
        self.tell("asking what it is")
        found.who = await self._trying.attempt(Step.LOGIN, introduction.identity(caller))
        if Step.LOGIN in found.failed or not self._is_the_same():
            return False
        found.scopes = discovery.decoded(
            await self._trying.told(Step.SERVICES, caller, _SCOPES) or ()
        )
        found.interfaces = await self._trying.told(Step.SERVICES, caller, _INTERFACES) or ()
        found.let_in = caller.is_authorised
        failure = found.failed.get(Step.SERVICES)
        return failure is None or failure.reason not in NOT_IN

    async def _ask_without_login(self) -> None:
        """See what it answers to a call that should need a login."""
        caller, settings = self._caller, self._caller.settings
        ask = Ask(
            method="POST",
            url=caller.device_url,
            headers={"Content-Type": "application/soap+xml; charset=utf-8"},
            body=soap.envelope(calls.get_device_information()),
            within_s=CALL_S,
            limit_bytes=soap.LIMIT_BYTES,
        )
        reply = await self.wire.call(settings, ask)
        self.found.challenge = Challenge.parse(*reply.challenges)
        try:
            calls.device_information(soap.parse(reply.body))
        except (soap.Fault, soap.NotSoap):
            self.found.asks_for_login = True
        else:
            self.found.asks_for_login = False

    def _is_the_same(self) -> bool:
        """Whether it is the camera that was approved."""
        expected, who = self.camera.settings.serial, self.found.who
        if expected and who is not None and who.serial and who.serial != expected:
            why = f"it says its serial number is {who.serial[:40]}, and was {expected[:40]}"
            self.found.failed[Step.LOGIN] = Failure(reason=Reason.CHANGED, why=why)
            return False
        return True

    async def _see(self) -> None:
        self.tell("asking for a still")
        begun = self.clock.monotonic()
        self.found.still = await self._trying.attempt(Step.STILL, self._still())
        self.found.still_s = self.clock.monotonic() - begun

    async def _still(self) -> Still:
        uri = await stills.uri(self._caller)
        return await snapshot.fetch(self.wire, self._caller.settings, uri)

    async def _look_closer(self, check: Check) -> None:
        self.tell("asking once more, and reading it by the letter of the standard")
        checked = await check(self._caller, self.found.services)
        found = (f"{one.call}: {one.problem}" for one in checked if one.problem is not None)
        self.found.deep = tuple(found)

    def _events(self) -> Events:
        return Events(trying=self._trying, caller=self._caller, clock=self.clock, tell=self.tell)

    def _calling(self, settings: CameraSettings) -> Caller:
        clock = self.clock
        return Caller(settings, self.wire, now=clock.now, monotonic=clock.monotonic)
