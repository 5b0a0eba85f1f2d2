"""Pushing: what one camera sends by itself in one life of its link, and whether it still does."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta

from adapters.devices.onvif import calls, complaint, point, soap
from adapters.devices.onvif.course import ASKED_S, DOUBT_EVERY_S, SETTLING_S, SHORTEST_S
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.devices.onvif.health import Health, LetGo
from adapters.devices.onvif.hearing import Hearing
from adapters.devices.onvif.point import Point
from adapters.devices.onvif.push import Listener
from adapters.devices.onvif.subscription import Happened
from adapters.devices.onvif.transport import Caller

SILENT_PERIODS = 2
"""Silent for so many periods of renewal, it has to prove itself."""
SIGN_EVERY_S = 60.0
"""Silent for so long, it is asked for a sign of its events: that it tells its time is none."""
LOOK_S = 1.0
"""So often it is looked whether something was missed, or not taken by the gateway."""


class Pushing:
    """The second way to one camera's events."""

    __slots__ = (
        "_asked_s",
        "_caller",
        "_expires_s",
        "_health",
        "_heard_s",
        "_hearing",
        "_listener",
        "_monotonic",
        "_point",
        "_renewed_s",
        "_signed_s",
        "_url",
        "is_missed",
        "is_proven",
        "is_wanted",
    )

    def __init__(
        self,
        listener: Listener,
        caller: Caller,
        hearing: Hearing,
        health: Health,
        monotonic: Callable[[], float],
    ) -> None:
        self._listener, self._caller = listener, caller
        self._hearing, self._health, self._monotonic = hearing, health, monotonic
        self._point: Point | None = None
        self._url: str | None = None
        self._asked_s = self._heard_s = self._expires_s = self._renewed_s = 0.0
        self._signed_s = monotonic()
        self.is_missed = False
        """Whether something that it pushed was not taken: it is to tell how things are."""
        self.is_wanted = True
        """Whether it is still to be tried."""
        self.is_proven = False
        """Whether anything came that could be read; then there is no need to pull."""

    async def subscribe(self, service_url: str) -> Happened:
        """Ask the camera to push; once in a life.

        Raises:
            CameraLost: it does not answer.
        """
        self.is_wanted = False
        sources = await _addresses(self._caller.settings.host)
        self._url = self._listener.expect(sources, self._hear, self._miss)
        self._asked_s = self._monotonic()
        try:
            lasts = timedelta(seconds=ASKED_S)
            self._point = await point.subscribe(self._caller, service_url, self._url, lasts)
        except (soap.Fault, soap.NotSoap, CameraRefused):
            self._forget()
            return Happened.NOT_SUBSCRIBED
        except CameraLost as lost:
            self._forget()
            if lost.reason is Reason.NOT_SOAP:
                return Happened.NOT_SUBSCRIBED
            raise
        self._grant(self._point.granted_s)
        return Happened.SUBSCRIBED

    async def renew(self) -> Happened:
        """Ask that it go on.

        Raises:
            CameraLost: it does not answer.
        """
        self._renewed_s = self._monotonic()
        if self._point is None:
            return Happened.GONE
        try:
            self._grant(await self._point.renew(timedelta(seconds=ASKED_S)))
        except soap.Fault as fault:
            is_gone = complaint.reason(fault) is Reason.GONE
            return Happened.GONE if is_gone else Happened.NOT_RENEWED
        except (soap.NotSoap, CameraRefused):
            return Happened.NOT_RENEWED
        return Happened.RENEWED

    async def synchronise(self) -> Happened:
        """Ask that it push the state of everything, as a proof that it lives.

        Raises:
            CameraLost: it does not answer.
        """
        self._asked_s = self._monotonic()
        try:
            if self._point is not None:
                await self._point.synchronise()
        except (soap.Fault, soap.NotSoap, CameraRefused):
            return Happened.NOT_SYNCHRONISED
        return Happened.SYNCHRONISED

    async def listen(self, for_s: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Let it push for so long, or until it has to be asked."""
        until_s = self._monotonic() + for_s
        while (left_s := until_s - self._monotonic()) > 0 and not self._is_due():
            await sleep(min(LOOK_S, left_s))
            self._hearing.catch_up()

    async def asked(self) -> Happened | None:
        """What is wrong with its event channel, as far as it is due to be asked; None: nothing.

        Raises:
            CameraLost: it does not answer.
        """
        if not self._is_due():
            return None
        is_missed, self.is_missed = self.is_missed, False
        if await self.synchronise() is not Happened.SYNCHRONISED:
            if is_missed:  # it will not push it again
                return Happened.DOUBTED
            if await self.renew() is not Happened.RENEWED:  # it may only not like that question
                return Happened.UNHEARD
        self._signed_s = self._monotonic()
        self._hearing.sign()
        return None

    def judged(self, *, is_on_trial: bool) -> Happened:
        """How it stands now that it was listened to for a while."""
        now_s = self._monotonic()
        period_s = min(max(self._expires_s - self._renewed_s, SHORTEST_S), ASKED_S) / 2
        if is_on_trial:
            happened = Happened.HEARD if self._heard_s >= self._asked_s else Happened.UNHEARD
            self.is_proven = happened is Happened.HEARD
            return happened
        if self._expires_s - now_s < period_s <= now_s - self._renewed_s:
            return Happened.RENEWAL_DUE
        is_silent = now_s - self._heard_s >= SILENT_PERIODS * period_s
        return Happened.UNHEARD if is_silent else Happened.HEARD

    async def leave(self, *, give_back: bool) -> None:
        """Expect nothing any more, and say so to the camera where that is possible."""
        self._forget()
        point_, self._point = self._point, None
        if point_ is not None and give_back:
            await point_.give_back()

    def _hear(self, body: bytes) -> None:
        try:
            found = calls.notified(soap.parse(body))
        except (soap.NotSoap, soap.Fault):
            self._health.unreadable += 1
            self._miss()
            return
        if found.overflow:
            self._health.let_go[LetGo.CUT] += found.overflow
            self._miss()  # it is asked to say everything
        self._heard_s = self._signed_s = self._monotonic()
        is_asked = self._heard_s - self._asked_s < SETTLING_S
        self._hearing.take_pushed(found.messages, may_be_initial=is_asked)
        self._health.pushed += 1
        self.is_proven = True

    def _miss(self) -> None:
        self.is_missed = True

    def _is_due(self) -> bool:
        now_s = self._monotonic()
        may_be_asked = now_s - self._asked_s >= DOUBT_EVERY_S
        return now_s - self._signed_s >= SIGN_EVERY_S or (self.is_missed and may_be_asked)

    def _grant(self, granted_s: float | None) -> None:
        self._renewed_s = self._monotonic()
        self._expires_s = self._renewed_s + (ASKED_S if granted_s is None else granted_s)

    def _forget(self) -> None:
        if self._url is not None:
            self._listener.forget(self._url)
            self._url = None


async def _addresses(host: str) -> set[str]:
    """Where a camera may speak from: what its name stands for."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, None, type=socket.SOCK_STREAM
            )
        except OSError:
            return set()
        return {str(address[0]) for *_, address in found}
    return {host}
