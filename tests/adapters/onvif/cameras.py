"""A server on loopback that answers as a test says, and tells what was asked of it."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from adapters.devices.onvif.settings import CameraSettings

USERNAME, PASSWORD = "dabyl", "s3cret"

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def envelope(body: str, header: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
        ' xmlns:tev="http://www.onvif.org/ver10/events/wsdl"'
        ' xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"'
        ' xmlns:tt="http://www.onvif.org/ver10/schema"'
        ' xmlns:ter="http://www.onvif.org/ver10/error">'
        f"<SOAP-ENV:Header>{header}</SOAP-ENV:Header><SOAP-ENV:Body>{body}</SOAP-ENV:Body>"
        "</SOAP-ENV:Envelope>"
    ).encode()


def fault(subcode: str, reason: str = "no", code: str = "Sender") -> bytes:
    return envelope(
        f"<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:{code}</SOAP-ENV:Value>"
        f"<SOAP-ENV:Subcode><SOAP-ENV:Value>{subcode}</SOAP-ENV:Value></SOAP-ENV:Subcode>"
        f"</SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text>{reason}</SOAP-ENV:Text>"
        "</SOAP-ENV:Reason></SOAP-ENV:Fault>"
    )


@dataclass
class Heard:
    """One request."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    def calls(self, name: str) -> bool:
        return f":{name}".encode() in self.body


@dataclass
class FakeCamera:
    port: int
    heard: list[Heard] = field(default_factory=list)
    tls: bool = False

    def settings(
        self, password: str | None = PASSWORD, pin: str | None = None, device: str = "camera"
    ) -> CameraSettings:
        return CameraSettings(
            device=device,
            host="127.0.0.1",
            port=self.port,
            tls=self.tls,
            username=USERNAME if password is not None else None,
            password=lambda: password,
            pin=pin,
        )

    def asked(self, name: str) -> list[Heard]:
        return [one for one in self.heard if one.calls(name)]


@asynccontextmanager
async def standing(
    answer: Answer, *, tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[FakeCamera]:
    camera = FakeCamera(port=port, tls=tls is not None)

    async def hear(request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        camera.heard.append(Heard(request.method, request.raw_path, dict(request.headers), body))
        return await answer(request)

    runner = web.ServerRunner(web.Server(hear), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
    await site.start()
    camera.port = runner.addresses[0][1]
    try:
        yield camera
    finally:
        await runner.cleanup()


def soap(body: bytes, status: int = 200, **headers: str) -> web.Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return web.Response(
        status=status, body=body, headers={"Content-Type": "application/soap+xml"} | named
    )
