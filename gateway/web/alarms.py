"""Alarms over the API: list, look at one, and the steps that people and the centre take."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from gateway import operate
from gateway.domain.alarm import Alarm
from gateway.domain.errors import Foreign, Unknown
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator
from gateway.domain.stills import Still
from gateway.store import alarms, evidence, gravity, views
from gateway.store.alarms import Filter
from gateway.store.views import DeliveryView
from gateway.web import auth, paging, schemas, shapes, shown
from gateway.web.house import Here, House
from gateway.web.hub import Hub

router = APIRouter(prefix="/api/v1/alarms", tags=["alarms"])
_Priority = Annotated[str | None, Query(pattern="^[Pp]?[0-3]$", description="0 to 3, or P0 to P3")]
_Site = Annotated[str | None, Query(max_length=64)]
_Order = Annotated[
    Literal["newest", "gravity"],
    Query(description="`gravity`: by priority, then what nobody has seen, then the oldest"),
]
_With = Annotated[
    str | None,
    Query(
        alias="with",
        pattern="^(deliveries|evidence)(,(deliveries|evidence))?$",
        description="`deliveries`: the first notice to each receiver; `evidence`: the stills",
    ),
]


@router.get("", response_model=shapes.AlarmPage)
async def list_alarms(  # noqa: PLR0913 - the query's fields
    house: Here,
    operator: auth.Seer,
    *,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    priority: _Priority = None,
    site: _Site = None,
    since: AwareDatetime | None = None,
    order: _Order = "newest",
    more: _With = None,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """Alarms, the newest first; of those that are open also the gravest first."""
    if order == "gravity" and not is_open:
        raise HTTPException(422, "the gravest first: only of open alarms (open=true)")
    wanted = Filter(
        is_open=is_open,
        priority=None if priority is None else Priority(int(priority[-1])),
        site=site,
        since=since,
        districts=operator.districts,
    )
    read = _newest(wanted, limit, cursor) if order == "newest" else _gravest(wanted, limit, cursor)
    page, goes_on = await house.database.read(read)
    registry = house.registry()
    owed, seen = await _beside(house, page, more or "")
    items = [
        shown.alarm(
            alarm,
            registry,
            deliveries=None if owed is None else owed.get(alarm.id, []),
            evidence=None if seen is None else seen.get(alarm.id, []),
        )
        for alarm in page
    ]
    return shown.answer(shapes.AlarmPage(items=items, next=goes_on))


@router.get("/{alarm}", response_model=shapes.AlarmView)
async def see_alarm(house: Here, operator: auth.Seer, alarm: str) -> Response:
    """One alarm with its transitions, deliveries and evidence."""
    one, lines, owed, seen = await house.database.read(
        lambda c: (
            alarms.get(c, alarm),
            alarms.time_line(c, alarm),
            views.deliveries_of(c, alarm),
            evidence.of_alarms(c, [alarm]),
        )
    )
    if one is None:
        raise Unknown("alarm", alarm)
    if not operator.sees(one.district):
        raise Foreign("alarm", alarm)  # another district's does not exist for him
    view = shown.alarm(
        one,
        house.registry(),
        transitions=lines,
        deliveries=owed,
        evidence=seen.get(alarm, []),
    )
    return shown.answer(view)


@router.post("/{alarm}/claim", response_model=shapes.AlarmView)
async def claim(
    request: Request,
    house: Here,
    operator: auth.Claimer,
    alarm: str,
    _: schemas.Claim | None = None,
) -> Response:
    """Take it; 409 with who was first."""
    has_stream = _has_stream(request, operator)
    after = await operate.claim(house.desk, operator, alarm, has_stream=has_stream)
    return _moved(house, after)


@router.post("/{alarm}/take-over", response_model=shapes.AlarmView)
async def take_over(
    request: Request, house: Here, operator: auth.Reliever, alarm: str, body: schemas.TakeOver
) -> Response:
    """Hold it in the place of whoever holds it."""
    has_stream = _has_stream(request, operator)
    after = await operate.take_over(
        house.desk, operator, alarm, body.version, has_stream=has_stream
    )
    return _moved(house, after)


@router.post("/{alarm}/procedure", response_model=shapes.AlarmView)
async def tick(house: Here, operator: auth.Stepper, alarm: str, body: schemas.Tick) -> Response:
    """A step of the procedure is done: a line `procedure` in its time line, with its `data`."""
    after = await operate.tick(house.desk, operator, alarm, body.step, done=body.done)
    return _moved(house, after)


@router.post("/{alarm}/agree", response_model=shapes.AlarmView)
async def agree(house: Here, operator: auth.Stepper, alarm: str, body: schemas.Agree) -> Response:
    """Who holds it agrees to the centre's closing (`closing_as`): it ends at once."""
    return _moved(house, await operate.agree(house.desk, operator, alarm, body.version))


@router.post("/{alarm}/acknowledge", response_model=shapes.AlarmView)
async def acknowledge(
    house: Here, operator: auth.Stepper, alarm: str, body: schemas.Acknowledge
) -> Response:
    """A person has seen it."""
    after = await operate.acknowledge(house.desk, operator, alarm, body.version, body.note)
    return _moved(house, after)


@router.post("/{alarm}/respond", response_model=shapes.AlarmView)
async def respond(
    house: Here, operator: auth.Responder, alarm: str, body: schemas.Respond
) -> Response:
    """What the centre says of it; idempotent by `id`; a machine only to what it was told."""
    return _moved(house, await operate.respond(house.desk, operator, alarm, body.said()))


@router.post("/{alarm}/note", response_model=shapes.AlarmView)
async def add_note(house: Here, operator: auth.Stepper, alarm: str, body: schemas.Note) -> Response:
    """A line in its time line."""
    return _moved(house, await operate.add_note(house.desk, operator, alarm, body.note))


@router.post("/{alarm}/shelve", response_model=shapes.AlarmView)
async def shelve(house: Here, operator: auth.Shelver, alarm: str, body: schemas.Shelve) -> Response:
    """Hide it for a time; P0 never (409)."""
    after = await operate.shelve(house.desk, operator, alarm, body.version, body.until, body.reason)
    return _moved(house, after)


@router.post("/{alarm}/unshelve", response_model=shapes.AlarmView)
async def unshelve(
    house: Here, operator: auth.Shelver, alarm: str, body: schemas.Unshelve
) -> Response:
    """Show it again."""
    return _moved(house, await operate.unshelve(house.desk, operator, alarm, body.version))


@router.post("/{alarm}/close", response_model=shapes.AlarmView)
async def close(house: Here, operator: auth.Stepper, alarm: str, body: schemas.Close) -> Response:
    """End it, with how it ended."""
    after = await operate.close(
        house.desk, operator, alarm, body.version, body.disposition, body.note
    )
    return _moved(house, after)


@router.post("/{alarm}/reopen", response_model=shapes.AlarmView)
async def reopen(
    request: Request, house: Here, operator: auth.Reopener, alarm: str, body: schemas.Reopen
) -> Response:
    """Take its closing back, within 24 hours: it is open again, and yours."""
    has_stream = _has_stream(request, operator)
    after = await operate.reopen(
        house.desk, operator, alarm, body.version, body.reason, has_stream=has_stream
    )
    return _moved(house, after)


_Page = tuple[Sequence[Alarm], str | None]


def _newest(wanted: Filter, limit: int, cursor: str | None) -> Callable[[Connection], _Page]:
    after = paging.place("alarms", cursor, tuple[datetime, str])

    def read(connection: Connection) -> _Page:
        found = alarms.listed(connection, wanted, limit + 1, after)
        return _cut("alarms", found, limit, lambda last: (last.raised_at, last.id))

    return read


def _gravest(wanted: Filter, limit: int, cursor: str | None) -> Callable[[Connection], _Page]:
    after = paging.place("gravity", cursor, gravity.Place)

    def read(connection: Connection) -> _Page:
        found = gravity.listed(connection, wanted, limit + 1, after)
        return _cut("gravity", found, limit, gravity.place)

    return read


def _cut(
    listing: str, found: Sequence[Alarm], limit: int, place: Callable[[Alarm], object]
) -> _Page:
    """One page of what was found, and where the next begins."""
    is_last = len(found) <= limit
    return found[:limit], None if is_last else paging.cursor(listing, place(found[limit - 1]))


async def _beside(
    house: House, page: Sequence[Alarm], more: str
) -> tuple[dict[str, list[DeliveryView]] | None, dict[str, list[Still]] | None]:
    """What a list shows beside its alarms, where it was asked for."""
    if not more:
        return None, None
    keys = [alarm.id for alarm in page]
    return await house.database.read(
        lambda c: (
            views.first_deliveries(c, keys) if "deliveries" in more else None,
            evidence.of_alarms(c, keys) if "evidence" in more else None,
        )
    )


def _has_stream(request: Request, operator: Operator) -> bool:
    hub: Hub = request.app.state.hub
    return operator.name in hub.watching


def _moved(house: House, alarm: Alarm) -> Response:
    return shown.answer(shown.alarm(alarm, house.registry()))
