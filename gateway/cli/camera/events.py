"""Events: what one camera can tell, and whether it really does; its place is given back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from adapters.devices.onvif import address, calls, introduction, notification, point
from adapters.devices.onvif.calls import Action, Namespace
from adapters.devices.onvif.calls.subscription import Lasts
from adapters.devices.onvif.fault import Reason
from adapters.devices.onvif.notification import Notification, Unknown
from adapters.devices.onvif.point import Point
from adapters.devices.onvif.transport import Caller
from gateway.cli.camera.survey import Failure, Listened, Step
from gateway.cli.camera.trying import CALL_S, NOT_IN, Trying
from gateway.clock import Clock

GLANCE_S: Final = 1.0
HOLD_S: Final = 5.0
PULLS: Final = 8
"""In so many pulls a camera has told its initial state."""
TRIES: Final = 3
"""So often it is tried whether it keeps a pull open; one may bring something."""
LASTS_S: Final = 600.0
_NO_OTHER_WAY: Final = frozenset({Reason.SLOTS, Reason.ROLE}) | NOT_IN
_SERVICES: Final = (calls.get_services(), Action.GET_SERVICES, calls.services)
_ABILITIES: Final = (
    calls.get_event_service_capabilities(),
    Action.GET_EVENT_SERVICE_CAPABILITIES,
    calls.event_service_capabilities,
)
_PROPERTIES: Final = (
    calls.get_event_properties(),
    Action.GET_EVENT_PROPERTIES,
    calls.event_properties,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """The events of one camera, looked into."""

    trying: Trying
    caller: Caller
    clock: Clock
    tell: Callable[[str], None]

    async def all(self) -> None:
        """Ask for what it can tell, and listen to it for a moment."""
        found, caller = self.trying.found, self.caller
        self.tell("asking what it can tell")
        found.services = await self.trying.told(Step.SERVICES, caller, _SERVICES) or {}
        mended = await self.trying.attempt(Step.SERVICES, introduction.services(caller)) or {}
        found.services = found.services or mended
        url = mended.get(Namespace.EVENTS) or address.mended(introduction.EVENTS_PATH, found.at)
        found.abilities = await self.trying.told(Step.SERVICES, caller, _ABILITIES, url)
        properties = await self.trying.told(Step.EVENTS, caller, _PROPERTIES, url)
        found.topics = None if properties is None else properties.topics
        self.tell("listening to it for a moment")
        made = await self._subscribe(url, is_named=Namespace.EVENTS in mended)
        if made is not None:
            found.listened = await self._listen(made)
        found.let_in = caller.is_authorised

    async def _subscribe(self, url: str, *, is_named: bool) -> Point | None:
        """A subscription, in one of the ways in which cameras want to be told how long."""
        until = self.caller.camera_time() + timedelta(seconds=LASTS_S)
        ways: tuple[Lasts, ...] = (timedelta(seconds=LASTS_S), until, None)
        failed = self.trying.found.failed
        for lasts in ways:
            made = await self.trying.attempt(Step.SUBSCRIBE, point.create(self.caller, url, lasts))
            if made is not None:
                failed.pop(Step.SUBSCRIBE, None)
                return made
            if failed[Step.SUBSCRIBE].reason in _NO_OTHER_WAY:
                return None
        failure = failed[Step.SUBSCRIBE]
        if not is_named and failure.reason in {Reason.NOT_SOAP, Reason.FAULT}:
            failed[Step.SUBSCRIBE] = Failure(reason=Reason.NO_EVENTS, why=failure.why)
        return None

    async def _listen(self, made: Point) -> Listened:
        """Hear its initial state, and whether it keeps a pull open; then give the place back."""
        heard: list[Notification | Unknown] = []
        held_s: float | None = None
        try:
            await self.trying.attempt(Step.SYNCHRONISE, made.synchronise())
            for hold_s in (*[GLANCE_S] * PULLS, *[HOLD_S] * TRIES):
                if hold_s == GLANCE_S and held_s is not None:
                    continue  # it has told how things are
                begun = self.clock.monotonic()
                pulled = await self.trying.attempt(Step.PULL, made.pull(hold_s, hold_s + CALL_S))
                if pulled is None:
                    break
                heard += [one for holder in pulled.messages for one in notification.read(holder)]
                held_s = None if pulled.messages else self.clock.monotonic() - begun
                if hold_s == HOLD_S and held_s is not None:
                    break
        finally:
            was_given_back = await made.give_back()
        return Listened(
            granted_s=made.granted_s,
            asked_s=HOLD_S,
            heard=tuple(heard),
            held_s=held_s,
            was_given_back=was_given_back,
        )
