"""What a camera answers over HTTP: SOAP and stills, each login judged, each failure as switched."""

from aiohttp import web

from simulators.camera import admission, dressing, media, misbehave, soap
from simulators.camera.calls import CALLS, Call, reply_header
from simulators.camera.doorkeeper import Level
from simulators.camera.machine import Machine
from simulators.camera.quirks import Quirk
from simulators.camera.soap import Asked, Fault, NotSoap
from simulators.camera.still import Stills
from simulators.camera.visit import Visit


class Service:
    """One camera's answers."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._stills = Stills(machine)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        machine = self.machine
        machine.request_came()
        if machine.clock.monotonic() < machine.dead_until_s:
            return await misbehave.never()
        if request.method == "GET" and request.path == media.STILL_PATH:
            return await self._stills.answer(request)
        if request.method != "POST" or not request.path.startswith("/onvif/"):
            return web.Response(status=404, text="404 Not Found", content_type="text/html")
        try:
            asked = soap.read(await request.read())
        except NotSoap as why:
            machine.record.asked("?", request.remote or "")
            return _faulty(Fault("ter:WellFormed", str(why)))
        return await self._soap(request, asked)

    async def _soap(self, request: web.BaseRequest, asked: Asked) -> web.StreamResponse:
        machine = self.machine
        machine.record.asked(asked.call, request.remote or "")
        for way in misbehave.BEFORE:
            if machine.switches.on(way, asked.call):
                return await misbehave.WAYS[way](request, machine.switches, b"")
        call = CALLS.get((asked.service, asked.call))
        if call is None:
            return _faulty(Fault("ter:ActionNotSupported", f"no {asked.call[:60]} here"))
        try:
            refusal = self._admit(request, asked, call)
            if refusal is not None:
                return refusal
            reply = await self._answer(request, asked, call)
        except Fault as fault:
            machine.record.faults[fault.subcode] += 1
            body = dressing.dressed(soap.fault(fault), machine.switches, asked.call)
            return web.Response(status=fault.status, body=body, headers=admission.XML)
        return await self._reply(request, asked, reply)

    async def _answer(self, request: web.BaseRequest, asked: Asked, call: Call) -> bytes:
        visit = Visit(
            machine=self.machine,
            asked=asked,
            path=request.raw_path,
            peer=request.remote or "",
            connection=id(request.protocol),
        )
        body = await call.answer(visit)
        message_id = soap.text_of(asked.header, "MessageID")
        reply = soap.envelope(body, header=reply_header(call, message_id))
        return dressing.dressed(reply, self.machine.switches, asked.call)

    async def _reply(
        self, request: web.BaseRequest, asked: Asked, reply: bytes
    ) -> web.StreamResponse:
        switches = self.machine.switches
        for way in (Quirk.RESET, Quirk.HANG):  # switched on while a pull was being held
            if asked.call == "PullMessages" and switches.on(way, asked.call):
                return await misbehave.WAYS[way](request, switches, reply)
        for way in misbehave.AFTER:
            if switches.on(way, asked.call):
                return await misbehave.WAYS[way](request, switches, reply)
        response = web.Response(body=reply, headers=admission.XML)
        if asked.call == "PullMessages" and switches.on(Quirk.CLOSES_AFTER_PULL):
            response.force_close()
        return response

    def _admit(
        self, request: web.BaseRequest, asked: Asked, call: Call
    ) -> web.StreamResponse | None:
        """Tell why a request is turned away; None lets it in."""
        machine, header = self.machine, request.headers.get("Authorization")
        keeper = machine.doorkeeper
        by_digest = keeper.digest(header, request.method, request.raw_path)
        by_token = keeper.token(asked.header) if by_digest is None else None
        if by_digest is not None and soap.text_of(asked.header, "Security") is not None:
            machine.record.both_schemes += 1
        wants_login = asked.call == "GetSystemDateAndTime" and machine.switches.on(
            Quirk.DATE_NEEDS_LOGIN
        )
        if call.open and not wants_login and not machine.switches.on(Quirk.UNAUTHORISED):
            return None
        tried = by_digest or by_token or admission.NONE
        admission.note(machine, tried, request)
        if tried.why_not is None:
            administrator = machine.switches.on(Quirk.ADMINISTRATOR_SUBSCRIBES)
            if call.subscribes and administrator and tried.level is not Level.ADMINISTRATOR:
                raise admission.not_authorized()
            return None
        if tried.scheme == "wsse" or machine.switches.on(Quirk.WSSE_ONLY):
            raise admission.not_authorized()
        return admission.unauthorised(machine, tried)


def _faulty(fault: Fault) -> web.Response:
    return web.Response(status=fault.status, body=soap.fault(fault), headers=admission.XML)
