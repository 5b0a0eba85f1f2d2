"""Consoles over the API: each says that it is there and sounds; who watches over which district."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import Connection

from gateway.domain import consoles as noun
from gateway.domain.consoles import Console
from gateway.domain.deed import Deed
from gateway.domain.operator import Operator
from gateway.store import audit, consoles
from gateway.store.database import Urgency
from gateway.web import auth, schemas, shown
from gateway.web.house import Here, House

WRITTEN_AGAIN_S = 5.0
"""A console that says the same more often is heard, and not written down each time."""
REMEMBERED = 4096
router = APIRouter(prefix="/api/v1/consoles", tags=["consoles"])
_Id = Annotated[str, Path(pattern="^[A-Za-z0-9-]{8,64}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleView:
    """A page at which a shift was begun; `is_here`: it spoke within the last 25 s."""

    id: str
    person: str
    role: str
    districts: Sequence[str]
    """Empty: every district."""
    armed: bool
    sound: bool
    heard_at: datetime
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePage:
    """Consoles heard within a shift, and the districts over which none sounds now."""

    items: Sequence[ConsoleView]
    unarmed: Sequence[str]


class Signs:
    """When each console was last written down, and as what; bounded, the oldest goes first."""

    def __init__(self) -> None:
        self._written: OrderedDict[str, tuple[float, object]] = OrderedDict()

    def is_news(self, console: Console, now_s: float) -> bool:
        """Whether it is to be written down."""
        said = (console.person, console.role, console.districts, console.armed, console.sound)
        at_s, before = self._written.get(console.id, (-WRITTEN_AGAIN_S, None))
        return said != before or now_s - at_s >= WRITTEN_AGAIN_S

    def wrote(self, console: Console, now_s: float) -> None:
        """It was."""
        said = (console.person, console.role, console.districts, console.armed, console.sound)
        self._written[console.id] = (now_s, said)
        self._written.move_to_end(console.id)
        if len(self._written) > REMEMBERED:
            self._written.popitem(last=False)


@router.post("/{console}", response_model=ConsoleView)
async def sign(
    request: Request, house: Here, operator: auth.Armer, console: _Id, body: schemas.SignOfLife
) -> Response:
    """This page is there; to be said every 10 s, and at once when it is armed or falls silent.

    The page draws the id itself, once, and keeps it. `sound` is false too while its stream is
    silent: what is not heard of cannot sound.
    """
    said = _said(house, operator, console, body)
    signs: Signs = request.app.state.signs
    now_s = house.clock.monotonic()
    if signs.is_news(said, now_s):
        await house.database.write(partial(_hear, house, operator, said), Urgency.STEP)
        signs.wrote(said, now_s)
    return shown.answer(_shown(said, is_here=True))


@router.get("", response_model=ConsolePage)
async def list_consoles(house: Here, _: auth.Watcher) -> Response:
    """The consoles of this shift, and over which districts nobody watches with sound."""
    now, registry = house.clock.now(), house.registry()
    found = await house.database.read(lambda c: consoles.heard_since(c, now - consoles.KEPT))
    districts = {site.district for site in registry.sites.values() if site.district}
    armed = noun.armed(found, now)
    page = ConsolePage(
        items=[_shown(one, is_here=now - one.heard_at < noun.LASTS) for one in found],
        unarmed=noun.unwatched(districts, armed),
    )
    return shown.answer(page)


def _hear(house: House, operator: Operator, said: Console, connection: Connection) -> None:
    before = consoles.is_armed(connection, said.id, said.person)
    consoles.hear(connection, said)
    if said.armed != before:
        what = Deed.CONSOLE_ARMED if said.armed else Deed.CONSOLE_LEFT
        deed = audit.by(operator, what, said.id, gateway=house.desk.teller.gateway)
        audit.note(connection, deed, said.heard_at)


def _said(house: House, operator: Operator, console: str, body: schemas.SignOfLife) -> Console:
    return Console(
        id=console,
        person=operator.name,
        role=operator.role.value,
        districts=tuple(sorted(operator.districts)),
        armed=body.armed,
        sound=body.sound,
        heard_at=house.clock.now(),
    )


def _shown(one: Console, *, is_here: bool) -> ConsoleView:
    return ConsoleView(
        id=one.id,
        person=one.person,
        role=one.role,
        districts=one.districts,
        armed=one.armed,
        sound=one.sound,
        heard_at=one.heard_at,
        is_here=is_here,
    )
