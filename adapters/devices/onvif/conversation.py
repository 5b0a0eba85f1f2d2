"""Conversation: what is said to one camera about its subscription, and what its answer means.

Each step answers what happened, for the table of subscription.py; what ends the life is raised.
"""

from datetime import timedelta
from typing import Final

from adapters.devices.onvif import complaint, introduction, point, soap
from adapters.devices.onvif.calls import DeviceInformation, Namespace, Pulled
from adapters.devices.onvif.calls.subscription import Lasts
from adapters.devices.onvif.course import ASKED_S, Course
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason, ended
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.means import Means, Past
from adapters.devices.onvif.point import Point
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.subscription import Do, Happened
from adapters.devices.onvif.transport import Caller
from adapters.devices.onvif.wire import RACE_S

SEEK_LIMIT_S: Final = 3600.0
"""What it stored is asked for at most so far back; older news helps nobody in time."""
SEEK_MARGIN_S: Final = 2.0
ODD: Final = (soap.Fault, soap.NotSoap, CameraLost, CameraRefused)
"""How a call may end otherwise than with its answer."""

_PASSING: Final = frozenset({Reason.RESET, Reason.NOT_SOAP, Reason.TOO_LARGE, Reason.TIMED_OUT})
"""A call that ended so says nothing of the next one; some cameras hold a pull as they like."""
_NO_LOSS: Final = _PASSING | {Reason.ROLE}
"""A side call that ended so: the pulls go on, and will tell whether anything is wrong."""
_ASKED: Final = timedelta(seconds=ASKED_S)


class Conversation:
    """With one camera, in one life of its link."""

    __slots__ = (
        "_course",
        "_events_url",
        "_health",
        "_is_resolved",
        "_means",
        "_past",
        "_settings",
        "caller",
        "point",
        "why",
    )

    def __init__(
        self, settings: CameraSettings, means: Means, course: Course, health: Health, past: Past
    ) -> None:
        self._settings, self._means, self._course = settings, means, course
        self._health, self._past = health, past
        self.caller = Caller(settings, means.wire, now=means.now, monotonic=means.monotonic)
        self.point: Point | None = None
        self.why: CameraLost | CameraRefused | None = None
        """What the life ends with, where it ends by the table."""
        self._events_url = settings.base + introduction.EVENTS_PATH
        self._is_resolved = False

    async def resolve(self) -> Happened:
        """Read its clock, who it is, and where its events are.

        Raises:
            CameraLost, CameraRefused: also where it is another camera than was commissioned.
        """
        await self.read_clock()
        found = await introduction.identity(self.caller)
        self._health.reachable = self._health.is_introduced = True
        if found is not None:
            self._recognise(found)
        services = await introduction.services(self.caller)
        self._is_resolved = Namespace.EVENTS in services
        self._events_url = services.get(Namespace.EVENTS, self._events_url)
        await self._give_back_what_was_left()
        return Happened.RESOLVED if self._is_resolved else Happened.UNRESOLVED

    async def read_clock(self) -> None:
        """Ask for its time.

        Raises:
            CameraLost, CameraRefused.
        """
        try:
            await self.caller.read_clock()
        except CameraLost as lost:
            if lost.reason is not Reason.NOT_SOAP:
                raise
        self._health.clock_offset_s = self.caller.offset_s

    async def create(self, do: Do) -> Happened:
        """Ask for a subscription, saying the time in the way that is next.

        Raises:
            CameraLost, CameraRefused: also where it has no room.
        """
        try:
            made = await point.create(self.caller, self._events_url, self._lasts(do))
        except soap.Fault as fault:
            return self._not_created(complaint.reason(fault), str(fault))
        except soap.NotSoap as error:
            return self._not_created(Reason.NOT_SOAP, error.why)
        except CameraLost as lost:
            if lost.reason is not Reason.NOT_SOAP:
                raise
            return self._not_created(lost.reason, lost.why)
        self.point, self._past.left = made, made.place
        self._health.subscribed, self._health.slot_faults = True, 0
        return self._course.created(made.granted_s, self._means.monotonic())

    async def renew(self, do: Do) -> Happened:
        """Ask that the subscription last longer.

        Raises:
            CameraLost, CameraRefused.
        """
        is_mending = do is Do.RENEW_UNTIL
        now_s = self._means.monotonic
        try:
            granted_s = await self._held.renew(self._lasts(do) or _ASKED)
        except ODD as error:
            self._raise_losses(error)
            return Happened.NOT_RENEWED if is_mending else self._course.not_renewed(now_s())
        return self._course.renewed(granted_s, now_s())

    async def seek(self) -> Happened:
        """After an outage, ask for what it stored meanwhile, where it stores anything.

        Raises:
            CameraLost, CameraRefused.
        """
        since, now = self._past.heard_until, self._means.now()
        if since is None or not await self._stores_events():
            return Happened.NOTHING_SOUGHT
        earliest = now - timedelta(seconds=SEEK_LIMIT_S)
        at = max(since - timedelta(seconds=SEEK_MARGIN_S), earliest)
        try:
            await self._held.seek(at + (self.caller.camera_time() - now))
        except ODD as error:
            self._raise_losses(error)
            return Happened.NOTHING_SOUGHT
        self._health.sought += 1
        return Happened.SOUGHT

    async def synchronise(self) -> Happened:
        """Ask for the state of everything; many cameras cannot, and tell it all the same.

        Raises:
            CameraLost, CameraRefused.
        """
        try:
            await self._held.synchronise()
        except ODD as error:
            self._raise_losses(error)
            return self._course.not_synchronised()
        return self._course.synchronised()

    async def pull(self, hold_s: float) -> Pulled | Happened:
        """What it has to tell; or how the pull ended, where another one may do better.

        Raises:
            CameraLost, CameraRefused.
        """
        self.why, begun_s = None, self._means.monotonic()  # what failed before was got over
        try:
            return await self._held.pull(hold_s, self._course.patience_s())
        except soap.Fault as fault:
            reason = complaint.reason(fault)
            if reason is Reason.FAULT and self._course.is_failing:
                reason = Reason.GONE  # it refuses what it granted, whatever it says
            self.why = self._end(reason, str(fault))
            if reason is Reason.GONE:
                self._health.subscribed = False
                return self._course.gone(self._means.monotonic())
        except soap.NotSoap as error:
            self.why = self._end(Reason.NOT_SOAP, error.why)
        except CameraLost as lost:
            if lost.reason not in _PASSING:
                raise
            self.why = lost
            if lost.reason is Reason.RESET and self._means.monotonic() - begun_s <= RACE_S:
                return self._course.raced()
        return self._course.failed()

    async def replace(self) -> Happened:
        """Give the subscription back, so that another can be had.

        Raises:
            CameraLost, CameraRefused.
        """
        if not await self._held.give_back():
            return self._course.not_unsubscribed()
        self.point = self._past.left = None
        return Happened.UNSUBSCRIBED

    async def leave(self) -> None:
        """Give the subscription back, as far as it is still there."""
        held, self.point = self.point, None
        if held is not None and await held.give_back():
            self._past.left = None

    @property
    def events_url(self) -> str:
        """Where its events are."""
        return self._events_url

    @property
    def _held(self) -> Point:
        if self.point is None:
            raise self._end(Reason.GONE, "there is no subscription")
        return self.point

    def _lasts(self, do: Do) -> Lasts:
        if do in {Do.CREATE_UNTIL, Do.RENEW_UNTIL}:
            return self.caller.camera_time() + _ASKED
        return None if do is Do.CREATE_BARE else _ASKED

    def _not_created(self, reason: Reason, why: str) -> Happened:
        if reason is Reason.SLOTS:
            self._health.slot_faults += 1
        if reason in {Reason.SLOTS, Reason.ROLE}:
            raise self._end(reason, why)
        is_known = reason is Reason.FAULT or (reason is Reason.NOT_SOAP and self.caller.speaks_soap)
        if is_known and not self._is_resolved:
            reason = Reason.NO_EVENTS
        if self.why is None or self.why.reason is Reason.FAULT:
            self.why = self._end(Reason.FAULT if reason is Reason.GONE else reason, why)
        return Happened.REFUSED

    def _recognise(self, found: DeviceInformation) -> None:
        health, expected = self._health, self._settings.serial
        health.manufacturer, health.model = found.manufacturer, found.model
        health.firmware, health.serial = found.firmware, found.serial
        if expected and found.serial and found.serial != expected:
            why = f"it says its serial number is {found.serial[:40]}, and was {expected[:40]}"
            raise self._end(Reason.CHANGED, why)

    async def _stores_events(self) -> bool:
        if self._past.stores_events is None:
            self._past.stores_events = await introduction.stores_events(
                self.caller, self._events_url
            )
        return self._past.stores_events

    async def _give_back_what_was_left(self) -> None:
        left, self._past.left = self._past.left, None
        if left is not None:
            await Point(self.caller, left, self._events_url).give_back()

    def _raise_losses(self, error: Exception) -> None:
        """Raise what ends the life; a side call that merely failed does not."""
        if not isinstance(error, CameraLost | CameraRefused):
            return
        is_dead = error.reason is Reason.TIMED_OUT and self._course.is_failing
        if is_dead or error.reason not in _NO_LOSS:
            raise error

    def _end(self, reason: Reason, why: str) -> CameraLost | CameraRefused:
        return ended(self._settings.device, reason, why)
