"""The second door: switch the centre's mode, read what it has, and watch it live."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from simulators.operations_centre.desk import Desk
from simulators.operations_centre.gallery import Gallery
from simulators.operations_centre.ledger import AlarmHeard, plain_alarm
from simulators.operations_centre.modes import Mode
from simulators.operations_centre.records import Verdict
from simulators.operations_centre.respond import Dispatcher, Habit

PAGE: Final = Path(__file__).with_name("page.html")
SHOWN: Final = 50
LISTED: Final = 10_000
_REFRESH_S: Final = 0.25
# A proxy or a closed lid is noticed by the silence, so something is said at least this often.
_BREATH_S: Final = 5.0

Request = TypeVar("Request", bound=BaseModel)


class Control:
    """The control door's answers; `switch` sets a mode, opening or closing the other door."""

    def __init__(
        self,
        desk: Desk,
        dispatcher: Dispatcher | None,
        gallery: Gallery | None,
        switch: Callable[[Mode], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._dispatcher = dispatcher
        self._gallery = gallery
        self._switch = switch
        self._page = PAGE.read_text(encoding="utf-8")

    def application(self) -> web.Application:
        """Lay out the paths."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/", self._show),
                web.get("/stream", self._stream),
                web.get("/mode", self._get_mode),
                web.put("/mode", self._put_mode),
                web.get("/records", self._records),
                web.delete("/records", self._forget),
                web.get("/alarms", self._alarms),
                web.get("/summary", self._summary),
                web.get("/respond", self._get_respond),
                web.put("/respond", self._put_respond),
                web.get("/stills", self._stills),
                web.get("/stills/{sha256}", self._still),
            ]
        )
        return application

    def summary(self) -> dict[str, object]:
        """Say in figures what the centre has, and whether Dabyl is heard."""
        desk, ledger, now = self._desk, self._desk.ledger, self._desk.now()
        return {
            "at": now.isoformat(timespec="milliseconds"),
            "mode": desk.switch.mode.mode,
            "requests": desk.records.verdicts.total(),
            "under_way": desk.under_way,
            "accepted": ledger.accepted,
            "distinct": len(ledger.known),
            "repeats": ledger.repeats,
            "alarms": len(ledger.alarms),
            "types": dict(ledger.types.most_common(LISTED)),
            "violations": ledger.violations,
            "signature_failures": desk.faults[Verdict.UNSIGNED],
            "schema_failures": desk.faults[Verdict.MALFORMED],
            "followed": desk.records.verdicts[Verdict.FOLLOWED],
            "verdicts": dict(desk.records.verdicts),
            "dabyl": ledger.supervision(now),
            "supervision": {
                gateway: {
                    "heard_at": word.at.isoformat(timespec="milliseconds"),
                    "interval_s": word.interval.total_seconds(),
                    "silent": word.is_silent(now),
                    "said": word.data,
                }
                for gateway, word in ledger.words.items()
            },
        }

    async def _show(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._page, content_type="text/html")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        clock = asyncio.get_running_loop().time
        shown, said_at = -1, 0.0
        while True:
            if shown != self._desk.records.total or clock() - said_at >= _BREATH_S:
                shown, said_at = self._desk.records.total, clock()
                newest = islice(reversed(self._desk.ledger.alarms.values()), SHOWN)
                seen = {"summary": self.summary(), "alarms": [self._seen(one) for one in newest]}
                await response.write(f"data: {json.dumps(seen)}\n\n".encode())
            await asyncio.sleep(_REFRESH_S)

    async def _get_mode(self, _request: web.Request) -> web.Response:
        return web.json_response(self._desk.switch.mode.model_dump(mode="json", exclude_none=True))

    async def _put_mode(self, request: web.Request) -> web.Response:
        await self._switch(await _read(request, Mode))
        return await self._get_mode(request)

    async def _records(self, request: web.Request) -> web.Response:
        after, limit = _figure(request, "after", 0), _figure(request, "limit", 1000)
        items = list(self._desk.records.after(after, min(limit, LISTED)))
        return web.json_response({"items": items, "last": self._desk.records.total})

    async def _forget(self, _request: web.Request) -> web.Response:
        self._desk.forget()
        return web.Response(status=204)

    async def _alarms(self, request: web.Request) -> web.Response:
        alarms = self._desk.ledger.alarms
        wanted = request.query.get("id")
        chosen = alarms.values() if wanted is None else filter(None, [alarms.get(wanted)])
        return web.json_response({alarm.id: plain_alarm(alarm) for alarm in chosen})

    async def _summary(self, _request: web.Request) -> web.Response:
        return web.json_response(self.summary())

    async def _get_respond(self, _request: web.Request) -> web.Response:
        dispatcher = self._responder()
        return web.json_response(
            {
                "habit": dispatcher.habit.model_dump(mode="json"),
                "under_way": dispatcher.under_way,
                "skipped": dispatcher.skipped,
                "answers": list(dispatcher.answers),
            }
        )

    async def _put_respond(self, request: web.Request) -> web.Response:
        self._responder().habit = await _read(request, Habit)
        return await self._get_respond(request)

    def _seen(self, alarm: AlarmHeard) -> dict[str, object]:
        stills = self._gallery.of(alarm.id) if self._gallery else []
        return {**plain_alarm(alarm), "stills": stills}

    async def _stills(self, _request: web.Request) -> web.Response:
        if self._gallery is None:
            raise web.HTTPConflict(text="started without --dabyl: there is nobody to ask")
        return web.json_response({"items": list(self._gallery.log)})

    async def _still(self, request: web.Request) -> web.Response:
        body = self._gallery.body(request.match_info["sha256"]) if self._gallery else None
        if body is None:
            raise web.HTTPNotFound(text="that still is not held")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        kind = "image/png" if body.startswith(b"\x89PNG") else "image/jpeg"
        return web.Response(body=body, content_type=kind, headers=headers)

    def _responder(self) -> Dispatcher:
        if self._dispatcher is None:
            raise web.HTTPConflict(text="started without --dabyl: there is nobody to answer to")
        return self._dispatcher


async def _read(request: web.Request, model: type[Request]) -> Request:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from error


def _figure(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    return int(text[:18]) if text.isascii() and text.isdecimal() else otherwise
