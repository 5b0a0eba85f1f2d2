"""The live stream over the API: server-sent events, resumed by their position without a gap."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from gateway.domain.operator import Operator
from gateway.store.database import StoreError
from gateway.web import auth
from gateway.web.house import Here
from gateway.web.hub import Full, Hub
from gateway.web.listener import Listener

DRAIN_WITHIN_S = 5.0
"""A reader whose socket takes nothing for so long is cut off."""
ASKED_EACH_S = 10.0
"""Whoever is disabled, or has another role or district now, hears no more after so long."""
LASTS_S = 600.0
"""Each stream ends after so long; the page resumes, and is asked anew who it is."""
_INT64 = 2**63
router = APIRouter(prefix="/api/v1/alarms", tags=["alarms"])
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


@router.get(
    "/stream",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}, "description": "server-sent events"}},
)
async def stream(
    request: Request,
    house: Here,
    operator: auth.Seer,
    after: Annotated[str | None, Query(max_length=20)] = None,
    *,
    seat: bool = True,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """`alarm`, `delivery`, `device`, `test`, `heartbeat` each second, `reset`: `after` is too old.

    `seat=false`: nobody sits before it (a wall); what its person holds may lapse all the same.
    """
    hub: Hub = request.app.state.hub
    if not await hub.is_started():
        raise HTTPException(503, "the store does not answer", {"Retry-After": "1"})

    async def is_known() -> bool:
        return await auth.asking(request, house) == operator

    since = _position(last_event_id or after)
    return _Stream(hub, operator, since, is_known, is_seat=seat)


class _Stream(Response):
    """Speaks raw ASGI: each send has a limit, and nothing buffers between hub and socket."""

    def __init__(
        self,
        hub: Hub,
        operator: Operator,
        since: int | None,
        is_known: Callable[[], Awaitable[bool]],
        *,
        is_seat: bool,
    ) -> None:
        super().__init__()
        self._hub, self._operator, self._since, self._is_seat = hub, operator, since, is_seat
        self._is_known = is_known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        try:
            with self._hub.listen(self._operator, self._since, is_seat=self._is_seat) as (
                listener,
                position,
            ):
                async with asyncio.TaskGroup() as group:
                    watches = (
                        group.create_task(_end_when_gone(receive, listener)),
                        group.create_task(_end_when_unknown(self._is_known, listener)),
                    )
                    try:
                        await self._speak(listener, position, send)
                    finally:
                        for watch in watches:
                            watch.cancel()
        except Full:
            raise HTTPException(503, "too many streams", {"Retry-After": "5"}) from None

    async def _speak(self, listener: Listener, position: int, send: Send) -> None:
        try:
            await _send(send, {"type": "http.response.start", "status": 200, "headers": _HEADERS})
            async for data in self._hub.missed(listener, self._since, position):
                await _send(send, _body(data))
            async with asyncio.timeout(LASTS_S):
                while (fresh := await listener.next()) is not None:
                    await _send(send, _body(fresh))
        except _TooSlow:
            # The bytes that its socket did not take are lost with it; it resumes by its position.
            return
        except (StoreError, TimeoutError):
            listener.end()  # it resumes, and is asked anew who it is
        await send(_body(b"", more=False))


class _TooSlow(Exception):
    """The reader's socket is full."""


async def _send(send: Send, message: Message) -> None:
    try:
        async with asyncio.timeout(DRAIN_WITHIN_S):
            await send(message)
    except TimeoutError:
        raise _TooSlow from None


async def _end_when_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


async def _end_when_unknown(is_known: Callable[[], Awaitable[bool]], listener: Listener) -> None:
    """A store that is away says nothing of anybody: then the stream goes on."""
    while True:
        await asyncio.sleep(ASKED_EACH_S)
        try:
            if not await is_known():
                listener.end()
        except StoreError:
            continue


def _body(data: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def _position(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) >= _INT64:
        raise HTTPException(400, "this position is none of ours")
    return int(text)
