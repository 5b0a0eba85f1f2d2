"""A subscription that a camera granted, as calls: to pull from, or to be pushed."""

from datetime import datetime, timedelta
from typing import Final

from adapters.devices.onvif import address, calls, soap
from adapters.devices.onvif.calls import Action, Pulled, PullPoint
from adapters.devices.onvif.calls.subscription import Lasts
from adapters.devices.onvif.element import Element
from adapters.devices.onvif.fault import CameraLost, CameraRefused
from adapters.devices.onvif.transport import Caller

CALL_S: Final = 10.0
"""So long a camera may take for a call that it has no reason to hold."""
LEAVE_S: Final = 2.0
"""So long we try to give a subscription back."""


class Point:
    """One subscription on a camera."""

    __slots__ = ("_caller", "granted_s", "place", "url")

    def __init__(self, caller: Caller, place: PullPoint, service_url: str) -> None:
        self._caller = caller
        self.place = place
        self.url = address.mended(place.address, service_url)
        self.granted_s = seconds(place.granted)

    async def pull(self, hold_s: float, within_s: float) -> Pulled:
        """What it has to tell, waiting so long for the first.

        Raises:
            Fault, NotSoap, CameraLost, CameraRefused.
        """
        return calls.pulled(await self._call(calls.pull(hold_s), Action.PULL, within_s))

    async def renew(self, lasts: timedelta | datetime) -> float | None:
        """For how many seconds it is granted now; None: it does not say.

        Raises:
            Fault, NotSoap, CameraLost, CameraRefused.
        """
        renewed = calls.renewed(await self._call(calls.renew(lasts), Action.RENEW, CALL_S))
        return seconds(renewed.granted)

    async def synchronise(self) -> None:
        """Ask for the state of everything.

        Raises:
            Fault, NotSoap, CameraLost, CameraRefused.
        """
        await self._call(calls.synchronise(), Action.SYNCHRONISE, CALL_S)

    async def seek(self, at: datetime) -> None:
        """Ask for what it stored since then, by its own clock.

        Raises:
            Fault, NotSoap, CameraLost, CameraRefused.
        """
        await self._call(calls.seek(at), Action.SEEK, CALL_S)

    async def give_back(self) -> bool:
        """Unsubscribe; whether the camera said yes."""
        try:
            await self._call(calls.unsubscribe(), Action.UNSUBSCRIBE, LEAVE_S)
        except (soap.Fault, soap.NotSoap, CameraLost, CameraRefused):
            return False
        return True

    async def _call(self, asked: bytes, action: Action, within_s: float) -> Element:
        reference = self.place.reference
        return await self._caller.call(
            self.url, asked, action=action, reference=reference, within_s=within_s
        )


async def create(caller: Caller, service_url: str, lasts: Lasts) -> Point:
    """Ask for a subscription to pull from.

    Raises:
        Fault, NotSoap, CameraLost, CameraRefused.
    """
    asked = calls.create_pull_point(lasts)
    answer = await caller.call(service_url, asked, action=Action.CREATE_PULL_POINT, within_s=CALL_S)
    return Point(caller, calls.pull_point(answer), service_url)


async def subscribe(caller: Caller, service_url: str, consumer: str, lasts: Lasts) -> Point:
    """Ask to be pushed what happens, to that address.

    Raises:
        Fault, NotSoap, CameraLost, CameraRefused.
    """
    asked = calls.subscribe(consumer, lasts)
    answer = await caller.call(service_url, asked, action=Action.SUBSCRIBE, within_s=CALL_S)
    return Point(caller, calls.pull_point(answer), service_url)


def seconds(span: timedelta | None) -> float | None:
    """A span as seconds; None stays None."""
    return None if span is None else span.total_seconds()
