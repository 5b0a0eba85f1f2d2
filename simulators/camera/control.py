"""The second door: HTTP on loopback, by which cameras are driven and looked at."""

import asyncio
import fnmatch
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulators.acts import Act, Deed
from simulators.camera import deeds, quirks
from simulators.camera.camera import Camera
from simulators.camera.fleet import Fleet
from simulators.camera.quirks import MEANINGS, Quirk

Request = TypeVar("Request", bound=BaseModel)


class DeedRow(BaseModel):
    """What shall happen: `part` is the input, `quirk` is for break and mend.

    To many cameras it happens one after another, spread over so many seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    deed: Deed
    part: Annotated[int, Field(ge=1, le=64)] | None = None
    quirk: str = ""
    spread_s: Annotated[float, Field(ge=0, le=600)] = 0.0


class BreakRow(BaseModel):
    """A quirk, its figure or words, the one call it is for, how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quirk: Quirk
    value: str | float | None = None
    call: str | None = None
    times: Annotated[int, Field(ge=1)] | None = None


class SayRow(BaseModel):
    """Anything that a camera shall say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str
    source: dict[str, str] = {}
    data: dict[str, str] = {}
    operation: str | None = "Changed"


class ClockRow(BaseModel):
    """How far ahead of the true time its clock is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    offset_s: Annotated[float, Field(ge=-3e9, le=3e9)]


class Control:
    """The control door's answers."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def application(self) -> web.Application:
        """Lay out the paths."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/quirks", self._quirks),
                web.get("/summary", self._summary),
                web.get("/cameras", self._list),
                web.get("/cameras/{name}", self._show),
                web.delete("/cameras/{name}/record", self._forget),
                web.post("/cameras/{name}/do", self._do),
                web.post("/cameras/{name}/break", self._break),
                web.post("/cameras/{name}/mend", self._mend),
                web.post("/cameras/{name}/say", self._say),
                web.put("/cameras/{name}/clock", self._clock),
            ]
        )
        return application

    async def _quirks(self, _request: web.Request) -> web.Response:
        return web.json_response(dict(MEANINGS))

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response({name: one.url for name, one in self._fleet.cameras.items()})

    async def _summary(self, _request: web.Request) -> web.Response:
        return web.json_response(summary(self._fleet.cameras.values()))

    async def _show(self, request: web.Request) -> web.Response:
        return self._answer(request, self._chosen(request))

    async def _forget(self, request: web.Request) -> web.Response:
        for camera in self._chosen(request):
            camera.forget()
        return web.Response(status=204)

    async def _do(self, request: web.Request) -> web.Response:
        row = await _read(request, DeedRow)
        chosen = self._chosen(request)
        act = Act(deed=row.deed, part=row.part, quirk=row.quirk)
        try:
            if row.quirk:
                quirks.read(row.quirk)
        except ValueError as error:
            raise web.HTTPUnprocessableEntity(text=str(error)) from error
        async with asyncio.TaskGroup() as doings:
            for camera in chosen:
                doings.create_task(deeds.do(camera, act))
                await asyncio.sleep(row.spread_s / len(chosen))
        return self._answer(request, chosen)

    async def _break(self, request: web.Request) -> web.Response:
        row = await _read(request, BreakRow)
        chosen = self._chosen(request)
        for camera in chosen:
            await camera.break_(row.quirk, row.value, call=row.call, times=row.times)
        return self._answer(request, chosen)

    async def _mend(self, request: web.Request) -> web.Response:
        chosen = self._chosen(request)
        for camera in chosen:
            await camera.mend()
        return self._answer(request, chosen)

    async def _say(self, request: web.Request) -> web.Response:
        row = await _read(request, SayRow)
        for camera in self._chosen(request):
            camera.say(
                row.topic,
                source=tuple(row.source.items()),
                data=tuple(row.data.items()),
                operation=row.operation,
            )
        return web.Response(status=204)

    async def _clock(self, request: web.Request) -> web.Response:
        offset_s = (await _read(request, ClockRow)).offset_s
        chosen = self._chosen(request)
        for camera in chosen:
            camera.set_clock(offset_s)
        return self._answer(request, chosen)

    def _answer(self, request: web.Request, chosen: list[Camera]) -> web.Response:
        if request.match_info["name"] in self._fleet.cameras:
            return web.json_response(seen(chosen[0]))
        return web.json_response(summary(chosen))

    def _chosen(self, request: web.Request) -> list[Camera]:
        name, cameras = request.match_info["name"], self._fleet.cameras
        chosen = [cameras[one] for one in fnmatch.filter(cameras, name)]
        if not chosen:
            raise web.HTTPNotFound(text="no such camera")
        return chosen


def summary(cameras: Iterable[Camera]) -> dict[str, Any]:
    """Tell in figures how many cameras are, and what clients did to all of them."""
    requests: Counter[str] = Counter()
    pushed: Counter[str] = Counter()
    figures: Counter[str] = Counter()
    peers: set[str] = set()
    for camera in cameras:
        record = camera.record
        requests += record.requests
        pushed += record.pushed
        peers |= set(record.peers)
        figures.update(
            cameras=1,
            subscriptions=len(camera.subscriptions),
            connections=camera.connections,
            connections_ever=record.connections,
            logins_tried=record.logins_tried,
            logins_refused=record.logins_refused,
            stills=record.stills,
            told=record.told,
            both_schemes=record.both_schemes,
            plain_passwords=record.plain_passwords,
        )
    return {
        **figures,
        "requests": dict(requests),
        "pushed": dict(pushed),
        "peers": sorted(peers)[:100],
    }


def seen(camera: Camera) -> dict[str, Any]:
    """Tell how a camera is, and what clients did to it."""
    record = camera.record
    return {
        "name": camera.name,
        "url": camera.url,
        "make": camera.machine.character.make.model,
        "fingerprint": camera.fingerprint,
        "quirks": camera.machine.switches.now(),
        "clock": camera.machine.now().isoformat(timespec="milliseconds"),
        "boots": camera.machine.boots,
        "connections": {"open": camera.connections, "ever": record.connections},
        "subscriptions": [
            {
                "number": one.number,
                "consumer": one.consumer,
                "waiting": len(one.waiting),
                "pulls": one.pulls,
                "renews": one.renews,
                "overflowed": one.overflowed,
            }
            for one in camera.subscriptions
        ],
        "requests": dict(record.requests),
        "faults": dict(record.faults),
        "peers": dict(record.peers),
        "logins": {
            "tried": record.logins_tried,
            "refused": record.logins_refused,
            "last": [
                {
                    "at": one.at.isoformat(timespec="milliseconds"),
                    "scheme": one.scheme,
                    "user": one.user,
                    "why_not": one.why_not,
                    "peer": one.peer,
                }
                for one in record.logins
            ],
        },
        "stills": record.stills,
        "told": record.told,
        "pushed": dict(record.pushed),
        "both_schemes": record.both_schemes,
        "plain_passwords": record.plain_passwords,
    }


async def _read(request: web.Request, model: type[Request]) -> Request:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from error
