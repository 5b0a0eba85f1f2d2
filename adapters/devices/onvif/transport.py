"""Calls to one camera, for one life: addressed, let in, answered, or ended for a reason."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Final
from xml.sax.saxutils import escape

from msgspec import Struct

from adapters.devices.onvif import address, calls, soap
from adapters.devices.onvif.calls import Action, DateAndTime
from adapters.devices.onvif.digest import Challenge
from adapters.devices.onvif.element import Element
from adapters.devices.onvif.fault import Reason, ended
from adapters.devices.onvif.login import Login, Proof, Refusal, Way
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.wire import Ask, Wire
from adapters.http.reply import Reply

__all__ = ["Caller", "Wire"]

WITHIN_S: Final = 10.0
STEP_S: Final = 2.0
"""A clock that moved by more has been set."""
IN_A_THREAD_BYTES: Final = 128 * 1024
"""A reply so long would hold up every other camera while it is taken apart."""

_DEVICE_SERVICE: Final = "/onvif/device_service"
_MAY_BE_SILENT: Final = frozenset({Action.UNSUBSCRIBE, Action.SYNCHRONISE})
"""Some say yes to these with nothing at all."""
_WSA: Final = 'xmlns:wsa="http://www.w3.org/2005/08/addressing"'
# A message's id need not be a secret, only nobody else's: random for the process, counted in it.
_ID: Final = f"urn:uuid:{uuid.uuid4()}"[:-12]
_COUNTED: Final = count()


class Caller:
    """One camera's calls; shares the wire with all others. `now` and `monotonic` are the clock."""

    def __init__(
        self,
        settings: CameraSettings,
        wire: Wire,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.device_url = settings.base + _DEVICE_SERVICE
        """Where it says that its device service is, once that is known."""
        self.offset_s: float | None = None
        """The camera's clock minus ours; None: not known."""
        self._wire = wire
        self._now = now
        self._login = Login(
            settings=settings, logins=wire.logins(settings.device), monotonic=monotonic
        )
        self._told_s: float | None = None
        self._has_clock = True
        self.speaks_soap = False
        """Whether any answer was SOAP, a fault too; else it is a page, or another device."""

    @property
    def is_authorised(self) -> bool | None:
        """Whether it took our login; None where it has not asked for one."""
        return self._login.is_proven if self._login.way is not Way.NONE else None

    async def call(
        self,
        url: str,
        body: bytes,
        *,
        action: Action,
        reference: tuple[bytes, ...] = (),
        within_s: float = WITHIN_S,
    ) -> Element:
        """Make one call, logging in as the camera wants it; the first element of its answer.

        `reference` goes along as it came. A call may take up to five requests, `within_s` each.

        Raises:
            Fault: the camera answered so, and not because of the login.
            CameraLost, CameraRefused: with the reason.
        """
        call = _Call(url, body, action, reference, within_s)
        while True:
            proof = self._login.proof("POST", call.target, self.camera_time())
            answer = await self._try(call, proof)
            if not isinstance(answer, Refusal):
                return answer
            await self._prepare(call, proof, answer)

    async def read_clock(self) -> DateAndTime | None:
        """Ask the camera for its time, without a login where it allows that; None: it told none.

        Raises:
            CameraLost, CameraRefused: with the reason, where it did not answer at all.
        """
        begun = self._now()
        try:
            answer = await self._clock()
            said = None if answer is None else calls.date_and_time(answer)
        except (soap.Fault, soap.NotSoap):
            return None
        if said is None:
            return None
        ended_at = self._now()
        self._has_clock = said.utc is not None
        if said.utc is not None:
            self.offset_s = (said.utc - (begun + (ended_at - begun) / 2)).total_seconds()
            self._told_s = None  # steps count from here
        return said

    def told_time(self, current_at: datetime | None) -> None:
        """Take note of the CurrentTime of an answer that came just now.

        Some tell it an hour off the clock that logins go by, so only its steps count; it is
        believed wholly where the clock cannot be read.
        """
        if current_at is None:
            return
        told_s = (current_at - self._now()).total_seconds()
        if self.offset_s is None:
            self.offset_s = told_s
        elif self._told_s is not None and abs(told_s - self._told_s) > STEP_S:
            self.offset_s += told_s - self._told_s
        self._told_s = told_s

    def camera_time(self) -> datetime:
        """What its clock shows now, as far as we know."""
        try:
            return self._now() + timedelta(seconds=self.offset_s or 0.0)
        except OverflowError:
            return self._now()

    async def _try(self, call: "_Call", proof: Proof) -> Element | Refusal:
        reply = await self._wire.call(self.settings, _ask(call, proof))
        if 300 <= reply.status < 400:  # noqa: PLR2004 - HTTP's own classes
            raise ended(self.settings.device, Reason.FOREIGN, _sent_away(reply))
        answer = await self._taken_apart(reply, call.action)
        self.speaks_soap |= bool(reply.body) and not isinstance(answer, soap.NotSoap)
        fault = answer if isinstance(answer, soap.Fault) else None
        refusal = Refusal.of(reply.status, reply.challenges, fault)
        if refusal is not None:
            return refusal
        match answer:
            case soap.Fault():
                raise answer
            case soap.NotSoap():
                why = f"HTTP {reply.status}: {answer.why}"
                raise ended(self.settings.device, Reason.NOT_SOAP, why)
            case _:
                info = reply.headers.get("authentication-info", "")
                self._login.accepted(call.action, proof, was_refused=call.was_refused, info=info)
                return answer

    async def _taken_apart(
        self, reply: Reply, action: Action
    ) -> Element | soap.Fault | soap.NotSoap:
        body = reply.body
        if not body and action in _MAY_BE_SILENT and reply.status < 300:  # noqa: PLR2004 - likewise
            body = soap.envelope(b"")
        try:
            if len(body) <= IN_A_THREAD_BYTES:
                return soap.parse(body)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._wire.aside, soap.parse, body)
        except (soap.Fault, soap.NotSoap) as error:
            return error

    async def _prepare(self, call: "_Call", proof: Proof, refusal: Refusal) -> None:
        """Make ready for another try, or end it."""
        call.was_refused = True
        if proof.way is Way.NONE:
            self._login.asked(refusal)
            if self._login.way is Way.TOKEN and self.offset_s is None:
                await self.read_clock()
            return
        if not call.was_repeated and self._login.may_repeat(refusal, call.action):
            call.was_repeated = True
            return
        if proof.way is Way.TOKEN and not call.was_clock_read:
            call.was_clock_read = True
            if await self._clock_moved():
                return
        raise self._login.refused(refusal, call.action, has_clock=self._has_clock)

    async def _clock(self) -> Element | None:
        """Its answer to what time it is; None: it wants a token for it, which needs that time."""
        asked, action = calls.get_system_date_and_time(), Action.GET_SYSTEM_DATE_AND_TIME
        way = self._login.way
        if way is not Way.DIGEST:
            bare = _Call(self.device_url, asked, action, (), WITHIN_S)
            found = await self._try(bare, Proof(way=Way.NONE))
            if not isinstance(found, Refusal):
                return found
            if way is Way.TOKEN or Challenge.parse(*found.challenges) is None:
                return None
        return await self.call(self.device_url, asked, action=action)

    async def _clock_moved(self) -> bool:
        before = self.offset_s
        await self.read_clock()
        return self.offset_s is not None and (
            before is None or abs(self.offset_s - before) > STEP_S
        )


class _Call(Struct):
    """One call, and what was tried for it."""

    url: str
    body: bytes
    action: Action
    reference: tuple[bytes, ...]
    within_s: float
    was_refused: bool = False
    was_repeated: bool = False
    was_clock_read: bool = False

    @property
    def target(self) -> str:
        return address.target(self.url)


def _ask(call: _Call, proof: Proof) -> Ask:
    headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{call.action}"'}
    if proof.authorization is not None:
        headers["Authorization"] = proof.authorization
    inside = (*_addressing(call), *call.reference)
    return Ask(
        method="POST",
        url=call.url,
        headers=headers,
        body=soap.envelope(call.body, headers=inside, security=proof.security),
        within_s=call.within_s,
        limit_bytes=soap.LIMIT_BYTES,
        # What the first pull took is lost; the next one must not be held while that is unknown.
        may_repeat=call.action is not Action.PULL,
    )


def _addressing(call: _Call) -> tuple[bytes, ...]:
    if not call.action.is_addressed:
        return ()
    return (
        f"<wsa:Action {_WSA}>{call.action.value}</wsa:Action>"
        f"<wsa:MessageID {_WSA}>{_ID}{next(_COUNTED):012x}</wsa:MessageID>"
        f"<wsa:To {_WSA}>{escape(call.url)}</wsa:To>".encode(),
    )


def _sent_away(reply: Reply) -> str:
    there = "".join(sign for sign in reply.headers.get("location", "") if sign.isprintable())
    if there.startswith("https:"):
        return f"HTTP {reply.status}: it wants https; enrol it so"
    return f"HTTP {reply.status}: it sends us to {there[:80] or 'another place'}, and we do not go"
