"""The still picture over HTTP: who may have it, and the ways in which it is none."""

from http import HTTPStatus
from typing import Final

from aiohttp import web

from simulators.camera import admission, misbehave, picture
from simulators.camera.machine import Machine
from simulators.camera.quirks import Quirk
from simulators.camera.spelling import Happening
from simulators.clock import ALMATY

STILL: Final = "still"


class Stills:
    """One camera's pictures, numbered."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._last: picture.Seen | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request for a still."""
        machine = self.machine
        machine.record.asked(STILL, request.remote or "")
        for way in misbehave.BEFORE:
            if machine.switches.on(way, STILL):
                return await misbehave.WAYS[way](request, machine.switches, b"")
        refusal = self._admit(request) or await self._instead(request)
        if refusal is not None:
            return refusal
        machine.record.stills += 1
        body = picture.jpeg(self._seen())
        for way in misbehave.AFTER:
            if machine.switches.on(way, STILL):
                return await misbehave.WAYS[way](request, machine.switches, body)
        return web.Response(body=body, content_type="image/jpeg")

    async def _instead(self, request: web.BaseRequest) -> web.StreamResponse | None:
        switches = self.machine.switches
        if switches.on(Quirk.STILL_REDIRECT):
            where = switches.text(Quirk.STILL_REDIRECT, "http://127.0.0.1:80/")
            return web.Response(status=HTTPStatus.FOUND, headers={"Location": where})
        if switches.on(Quirk.STILL_HUGE):
            return await misbehave.huge_still(request)
        if switches.on(Quirk.STILL_NO_PICTURE):
            return await misbehave.page(request, switches, b"")
        return None

    def _admit(self, request: web.BaseRequest) -> web.StreamResponse | None:
        machine, header = self.machine, request.headers.get("Authorization")
        if machine.switches.on(Quirk.STILL_OPEN):
            return None
        basic = machine.doorkeeper.basic(header)
        machine.record.plain_passwords += basic is not None
        wants_basic = machine.switches.on(Quirk.STILL_BASIC)
        digest = machine.doorkeeper.digest(header, request.method, request.raw_path)
        tried = (basic if wants_basic else digest) or admission.NONE
        admission.note(machine, tried, request)
        if tried.why_not is None:
            return None
        if wants_basic:
            challenge = {"WWW-Authenticate": 'Basic realm="ONVIF"'}
            return web.Response(status=HTTPStatus.UNAUTHORIZED, headers=challenge)
        return admission.unauthorised(machine, tried)

    def _seen(self) -> picture.Seen:
        machine = self.machine
        if self._last is not None and machine.switches.on(Quirk.FROZEN):
            return self._last
        self._last = picture.Seen(
            name=machine.character.scene or machine.character.name,
            at=machine.now().astimezone(ALMATY),
            number=machine.record.stills,
            black=machine.switches.on(Quirk.BLACK) or machine.stands(Happening.SIGNAL_LOSS),
            covered=machine.stands(Happening.TAMPER),
            pressed=machine.sees_hand(),
            moving=machine.stands(Happening.MOTION),
        )
        return self._last
