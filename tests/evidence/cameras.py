"""Cameras that give stills over real HTTP, each as well or as badly as it is told."""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

import aiohttp
from aiohttp import web
from PIL import Image, ImageDraw

from adapters.devices.onvif.fault import CameraLost, Reason
from gateway.domain.site import DeviceId

GIVES_UP_S = 1.0
MOST_BYTES = 5 * 1024 * 1024
HUGE_BYTES = 300 * 1024 * 1024


class Way(StrEnum):
    """How a camera answers."""

    WELL = "well"
    SLOW = "slow"
    HANGS = "hangs"
    HTML = "html"
    REDIRECTS = "redirects"
    HUGE = "huge"
    RESETS = "resets"


class Taken(NamedTuple):
    """What a fetch gives."""

    body: bytes
    content_type: str
    fetched_at: datetime
    sha256: str


@dataclass
class Cameras:
    """A wall of cameras behind one port; `ways` by camera, well where nothing is said."""

    url: str
    session: aiohttp.ClientSession
    ways: dict[str, Way] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)
    followed: int = 0
    """Requests that came by a redirect: nobody may."""
    same: bool = False
    """Every picture is the same, as a frozen camera's is."""

    async def fetch(self, camera: DeviceId) -> Taken:
        """As a link's own client does: capped, no redirects, host as it was asked.

        Raises:
            CameraLost: with the reason.
        """
        try:
            async with asyncio.timeout(GIVES_UP_S):
                return await self._fetch(camera)
        except TimeoutError:
            raise CameraLost(camera, Reason.TIMED_OUT, "no answer") from None
        except aiohttp.ClientError as error:
            raise CameraLost(camera, Reason.RESET, str(error)) from None

    async def _fetch(self, camera: DeviceId) -> Taken:
        address = f"{self.url}/{camera}/snapshot"
        async with self.session.get(address, allow_redirects=False) as answer:
            if answer.status != 200:
                raise CameraLost(camera, Reason.FOREIGN, f"status {answer.status}")
            body = bytearray()
            async for some in answer.content.iter_chunked(65536):
                body += some
                if len(body) > MOST_BYTES:
                    raise CameraLost(camera, Reason.TOO_LARGE, "more than 5 MiB")
        return Taken(bytes(body), answer.content_type, datetime.now(UTC), "")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        camera = request.match_info["camera"]
        self.asked[camera] += 1
        self.at_once[camera] += 1
        self.most_at_once[camera] = max(self.most_at_once[camera], self.at_once[camera])
        try:
            return await self._answer(camera, request)
        finally:
            self.at_once[camera] -= 1

    async def _answer(self, camera: str, request: web.Request) -> web.StreamResponse:
        match self.ways.get(camera, Way.WELL):
            case Way.HANGS:
                await asyncio.sleep(3600)
            case Way.SLOW:
                await asyncio.sleep(GIVES_UP_S / 2)
            case Way.HTML:
                return web.Response(
                    text="<html><script>alert(1)</script>", content_type="image/jpeg"
                )
            case Way.REDIRECTS:
                raise web.HTTPFound("/followed")
            case Way.RESETS:
                assert request.transport is not None
                request.transport.abort()
            case Way.HUGE:
                return await self._huge(request)
            case Way.WELL:
                pass
        text = "same" if self.same else f"{camera} {self.asked[camera]}"
        return web.Response(body=drawn(text), content_type="image/jpeg")

    async def _huge(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        await response.prepare(request)
        await response.write(b"\xff\xd8\xff")
        for _ in range(HUGE_BYTES // 65536):
            await response.write(bytes(65536))
        return response

    async def follow(self, _: web.Request) -> web.Response:
        self.followed += 1
        return web.Response(body=drawn("followed"), content_type="image/jpeg")


def drawn(text: str, size: tuple[int, int] = (320, 180)) -> bytes:
    """A JPEG with that text on it."""
    image = Image.new("RGB", size, (40, 60, 80))
    ImageDraw.Draw(image).text((10, 10), text, fill=(255, 255, 255))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


@asynccontextmanager
async def standing() -> AsyncIterator[Cameras]:
    """They, on a free port."""
    async with aiohttp.ClientSession() as session:
        cameras = Cameras(url="", session=session)
        application = web.Application()
        application.router.add_get("/followed", cameras.follow)
        application.router.add_get("/{camera}/snapshot", cameras.answer)
        runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        cameras.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield cameras
        finally:
            await runner.cleanup()
