"""How a camera turns a request away, and notes who tried to come in."""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from simulators.camera import soap
from simulators.camera.doorkeeper import Tried
from simulators.camera.machine import Machine
from simulators.camera.record import Login
from simulators.camera.soap import Fault

XML: Final = {"Content-Type": "application/soap+xml; charset=utf-8"}
NONE: Final = Tried(scheme="none", why_not="no login")


def note(machine: Machine, tried: Tried, request: web.BaseRequest) -> None:
    """Keep a login that was tried."""
    if tried.scheme == "none" or tried.stale:
        return
    machine.record.login(
        Login(
            at=machine.clock.now(),
            scheme=tried.scheme,
            user=tried.user[:60],
            why_not=tried.why_not,
            peer=request.remote or "",
        )
    )


def unauthorised(machine: Machine, tried: Tried) -> web.Response:
    """Answer 401 with the camera's challenges."""
    headers: CIMultiDict[str] = CIMultiDict(XML)
    for challenge in machine.doorkeeper.challenges(stale=tried.stale):
        headers.add("WWW-Authenticate", challenge)
    body = soap.fault(not_authorized())
    return web.Response(status=HTTPStatus.UNAUTHORIZED, body=body, headers=headers)


def not_authorized() -> Fault:
    """Make the fault of a login that was not taken."""
    return Fault("ter:NotAuthorized", "Sender not Authorized")
