"""What belongs to another district does not exist: every closed route, every role, both ways.

Whoever adds a route whose path holds a new kind of thing says below which thing that is.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from adapters.signal import Lane
from gateway import commission, relieve
from gateway.domain.event import Event
from gateway.domain.kind import KINDS
from gateway.domain.operator import PEOPLE, RIGHTS, May, Operator, Role
from gateway.store import alarms, journal, operators, quarantine
from gateway.store.database import Urgency
from gateway.store.operators import Token
from gateway.store.outbox import Settled
from gateway.store.quarantine import Refused
from gateway.web import server
from tests.web.building import Built
from tests.web.staffing import let_in

THEIRS, OURS = "auezov", "medeu"
"""The district of whoever asks from outside, and the one where everything happened."""
DEVICE, SITE = "button-12-1", "school-12"
ROUTES = [
    pytest.param(route, method, right, id=f"{method} {route.path}")
    for route, right in server.rights()
    for method in sorted(route.methods or ())
    if right not in {None, May.SPEAK} and not route.path.endswith("/stream")
]
PAGES = [
    pytest.param(route, id=route.path)
    for route, right in server.rights()
    if right is None and "GET" in (route.methods or ()) and not route.path.startswith("/api/")
]
"""Pages ask for their right themselves, to say no as a page."""
OF_NOBODY = {
    *(
        "/api/v1/session",
        "/api/v1/session/password",
        "/api/v1/consoles/{console}",
        "/api/v1/shifts",
        "/api/v1/handovers",
    ),
}
"""Routes that change something of whoever asks, and nothing of a district."""
BY_ITS_GIVER = {"/api/v1/handovers/{handover}/withdraw", "/api/v1/shifts/{shift}/end"}
"""Nobody else does this, in their own district either."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What happened in our district, by the names of paths and queries."""

    things: dict[str, str]
    until: datetime

    @property
    def marks(self) -> list[str]:
        """What nobody of another district may read."""
        named = {
            self.things[one]
            for one in ("alarm", "sha256", "window", "device", "site", "shift", "handover")
        }
        return sorted(named | {"Достық", "№12", "No. 12", "№ 12"})

    def path(self, route: APIRoute) -> str:
        def filled(found: re.Match[str]) -> str:
            name = found[1].partition(":")[0]
            assert name in self.things, f"say in World.things what a {{{name}}} of {OURS} is"
            return self.things[name]

        return re.sub(r"\{([^}]+)\}", filled, route.path)

    def query(self, route: APIRoute) -> dict[str, str]:
        names = {field.alias for field in route.dependant.query_params}
        return {name: value for name, value in self.things.items() if name in names}

    def body(self, route: APIRoute, version: int) -> dict[str, Any]:
        """What that step says; a route that needs more says here what."""
        last = route.path.rpartition("/")[2]
        said: dict[str, dict[str, Any]] = {
            "acknowledge": {"version": version},
            "note": {"note": "seen from the window"},
            "shelve": {
                "version": version,
                "until": self.until.isoformat(),
                "reason": "works",
            },
            "unshelve": {"version": version},
            "take-over": {"version": version},
            "agree": {"version": version},
            "procedure": {"step": "call"},
            "password": {"old": "no password", "new": "of anybody here"},
            "people": {"name": "somebody", "role": "dispatcher", "districts": [OURS]},
            "change": {"role": "dispatcher", "districts": [OURS]},
            "handovers": {"note": "calm"},
            "{console}": {"armed": True, "sound": True},
            "close": {"version": version, "disposition": "suspicious"},
            "reopen": {"version": version, "reason": "the wrong row"},
            "respond": {"id": f"r{version}", "state": "accepted"},
            "tests": {"devices": [DEVICE], "minutes": 5, "reason": "a walk"},
        }
        return said.get(last, {})


async def happened(house: Built) -> World:
    """An alarm with its still and its dead letter, an event, a test, and what nobody could read."""
    now = house.house.clock.now()
    chief = Operator(name="chief", role=Role.SUPERVISOR)
    window = await commission.open_window(house.house.desk, chief, [DEVICE], 30, reason="a walk")
    alarm = await house.press(device=DEVICE)
    still = await house.still(alarm, "cam-1")
    await house.settle(Settled.DEAD)
    keeper = Operator(name="keeper", role=Role.DISPATCHER, districts=frozenset({OURS}))
    shift = await relieve.begin(house.house.desk, keeper)
    handover = await relieve.offer(house.house.desk, keeper, None, "it was calm")
    dana = await let_in(house, "dana-of-medeu", districts=(OURS,))
    event = Event(
        device=DEVICE,
        kind=KINDS["panic.pressed"],
        lane=Lane.ALARM,
        id="e1",
        digest=b"d",
        link="b1",
        received_at=now,
        data={},
        body=b"{}",
        place=house.house.registry().place(DEVICE),
    )
    refused = Refused(device=DEVICE, reason="not_json", link="b1", at=now, body=b"what is this")
    await house.database.write(
        partial(journal.append, gateway="g1", lane=Lane.ALARM, events=[event], head=journal.Head()),
        Urgency.ALARM,
    )
    await house.database.write(
        lambda c: quarantine.keep(c, house.house.seal, [refused]), Urgency.EVENT
    )
    assert still.sha256 is not None
    things = {
        "alarm": alarm.id,
        "sha256": still.sha256,
        "delivery": "1",
        "window": window.id,
        "device": DEVICE,
        "site": SITE,
        "district": OURS,
        "console": "console-of-a-page",
        "shift": shift.id,
        "name": dana.name,
        "zone": "hall",
        "handover": handover.id,
        "language": "en",
    }
    return World(things=things, until=now + timedelta(minutes=10))


async def asked(
    house: Built, world: World, route: APIRoute, method: str, role: Role, district: str
) -> httpx2.Response:
    """That route's answer about our district, to a role limited to a district."""
    key = f"{role.value}-{district}"
    token = Token(
        name=key,
        role=role,
        districts=(district,),
        receiver="centre" if role is Role.MACHINE else None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    known = await house.database.read(lambda c: operators.named(c, key))
    if known is None:
        await house.database.write(
            lambda c: operators.add_token(c, token, f"{key}-secret"), Urgency.STEP
        )
    version = await version_of(house, world)
    async with house.client(key) as client:
        body = world.body(route, version) if method in {"POST", "PUT", "PATCH"} else None
        query = world.query(route) if method == "GET" else {}
        return await client.request(method, world.path(route), json=body, params=query)


async def version_of(house: Built, world: World) -> int:
    found = await house.database.read(lambda c: alarms.get(c, world.things["alarm"]))
    assert found is not None
    return found.version


@pytest.mark.parametrize(("route", "method", "right"), ROUTES)
async def test_nothing_of_another_district_is_seen_or_moved_whoever_asks(
    house: Built, route: APIRoute, method: str, right: May
) -> None:
    world = await happened(house)
    before = await stored(house)
    for role in (one for one in Role if right in RIGHTS[one]):
        answer = await asked(house, world, route, method, role, THEIRS)
        if "{" in route.path or method != "GET":
            assert answer.status_code in {403, 404} or route.path in OF_NOBODY, (role, answer.text)
        else:
            assert answer.status_code != 500, (role, answer.text)
            told = [mark for mark in world.marks if mark in answer.text]
            assert not told, (role, told)
    assert await stored(house) == before


@pytest.mark.parametrize(("route", "method", "right"), ROUTES)
async def test_ones_own_district_is_there_so_that_the_other_test_can_fail(
    house: Built, route: APIRoute, method: str, right: May
) -> None:
    world = await happened(house)
    for role in (one for one in Role if right in RIGHTS[one]):
        answer = await asked(house, world, route, method, role, OURS)
        assert answer.status_code != 401 or route.path in OF_NOBODY, (role, answer.text)
        assert answer.status_code != 403 or route.path in BY_ITS_GIVER, (role, answer.text)
        assert "errors" not in answer.text[:300], f"say in World.body what it needs: {answer.text}"
        is_gone = route.path.endswith(("/resend", "/plan"))  # sent again already; none was drawn
        assert answer.status_code != 404 or is_gone, (role, answer.text)


@pytest.mark.parametrize("route", PAGES)
async def test_no_page_shows_anything_of_another_district(house: Built, route: APIRoute) -> None:
    world = await happened(house)
    for role in PEOPLE:
        answer = await asked(house, world, route, "GET", role, THEIRS)
        assert answer.status_code < 500, (role, answer.text)
        told = [mark for mark in world.marks if mark in answer.text]
        assert not told or answer.status_code == 404, (role, told)


async def stored(house: Built) -> str:
    """A digest of all that a step could have moved."""

    def look(connection: Any) -> str:  # noqa: ANN401 - a connection
        tables = ("alarms", "transitions", "deliveries", "windows", "commands", "changes", "people")
        rows = [
            connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608 - our own names
            for table in tables
        ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    return await house.database.read(look)
