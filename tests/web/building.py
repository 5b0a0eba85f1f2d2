"""A house for the web's tests: a real SQLite file, tokens of every role, alarms, and a server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx2
import uvicorn
from cryptography.fernet import Fernet
from fastapi import FastAPI
from sqlalchemy import Connection

from gateway.clock import SystemClock
from gateway.desk import Desk
from gateway.domain.alarm import Alarm, State
from gateway.domain.counts import Reckoning
from gateway.domain.decision import Change, Transition
from gateway.domain.event import AlarmId
from gateway.domain.kind import Priority
from gateway.domain.operator import Role
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver
from gateway.domain.site import Device, DeviceId, Names, Registry, Site, SiteId, Sort, Zone, ZoneId
from gateway.domain.telling import Teller
from gateway.store import changes, commit, database, operators, outbox, schema
from gateway.store.changes import What
from gateway.store.database import Database, Urgency
from gateway.store.operators import Token
from gateway.store.outbox import Settled, Settlement
from gateway.store.sealed import Seal
from gateway.store.wakeups import Wakeups
from gateway.web import server
from gateway.web.house import Health, HeardAnswer, House
from tests.harness import ports, waiting
from tests.harness.changed import replace

SITES = {
    "school-12": Site(
        id=SiteId("school-12"),
        name=Names(kk="№12 орта мектеп", ru="Средняя школа № 12", en="Secondary school No. 12"),
        district="medeu",
        address="Достық даңғылы, 85",
        phones=("+7 727 264 00 12",),
    ),
    "school-90": Site(
        id=SiteId("school-90"),
        name=Names(kk="№90 гимназия", ru="Гимназия № 90", en="Gymnasium No. 90"),
        district="auezov",
        address="Абай даңғылы, 150",
    ),
}
ZONES = {
    ("school-12", "hall"): Zone(
        id=ZoneId("hall"),
        site=SiteId("school-12"),
        name=Names(kk="Кіреберіс", ru="Вестибюль", en="Entrance hall"),
        floor="1",
    ),
    ("school-90", "office"): Zone(
        id=ZoneId("office"),
        site=SiteId("school-90"),
        name=Names(kk="Директор кабинеті", ru="Кабинет директора", en="Head's office"),
        floor="2",
    ),
}


def _device(key: str, sort: Sort, site: str, zone: str) -> Device:
    return Device(id=DeviceId(key), sort=sort, site=SiteId(site), zone=ZoneId(zone))


DEVICES = {
    str(one.id): one
    for one in (
        _device("button-12-1", Sort.PANIC_BUTTON, "school-12", "hall"),
        _device("gate-12-1", Sort.TURNSTILE, "school-12", "hall"),
        _device("button-90-1", Sort.PANIC_BUTTON, "school-90", "office"),
    )
}
PEOPLE = {
    "aigerim": Token(
        name="aigerim", role=Role.DISPATCHER, created_at=datetime(2026, 1, 1, tzinfo=UTC)
    ),
    "bolat": Token(
        name="bolat",
        role=Role.DISPATCHER,
        districts=("auezov",),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    ),
    **{
        role.value: Token(
            name=role.value,
            role=role,
            receiver="centre" if role is Role.MACHINE else None,
            device="button-12-1" if role is Role.DEVICE else None,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for role in Role
    },
}
"""Every role by its own name, and two dispatchers; everyone's secret is `<name>-secret`."""


@dataclass
class Built:
    """A house, the application on it, and ways to make things happen in it."""

    house: House
    app: FastAPI
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    url: str = "http://house"
    unstored: set[str] = field(default_factory=set)
    """The alarms that were told and are not stored."""

    @property
    def database(self) -> Database:
        return self.house.database

    def client(self, name: str | None = None) -> httpx2.AsyncClient:
        """A client that shows that person's token, or none; straight into the application."""
        headers = {} if name is None else {"Authorization": f"Bearer {name}-secret"}
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url=self.url, headers=headers)

    async def press(
        self, key: str = "a", device: str = "button-12-1", *, wake: bool = True, **more: object
    ) -> Alarm:
        """An alarm of that device, committed with what it owes the centre."""
        place = self.house.registry().place(device)
        now = self.house.clock.now()
        alarm = Alarm(
            id=AlarmId(key * 32 if len(key) == 1 else key),
            kind="panic.pressed",
            priority=Priority.P0,
            latches=True,
            device=device,
            site=None if place.site is None else place.site.id,
            district=None if place.site is None else place.site.district,
            zone=None if place.zone is None else place.zone.id,
            event_id=f"event-{key}",
            raised_at=now,
            last_at=now,
            pressed_at=now - timedelta(milliseconds=12),
        )
        alarm = replace(alarm, **more)
        line = Transition(
            alarm=alarm.id,
            what="raise",
            before=State.NORMAL,
            after=alarm.state,
            at=now,
            by=device,
        )
        change = Change(alarm=alarm, transition=line, notice="raised", is_new=True)
        desk = self.house.desk
        await self.database.write(
            lambda c: commit.write(c, [change], desk.teller, desk.context(c, now)), Urgency.ALARM
        )
        self.unstored.discard(alarm.id)
        if wake:
            self.house.wakeups.wake()
        return alarm

    def shout(self, alarm: Alarm) -> None:
        """Tell of an alarm that the store has not taken."""
        self.unstored.add(alarm.id)
        self.app.state.hub.shout(alarm)

    async def settle(self, state: Settled = Settled.DONE, number: int = 1) -> None:
        """The centre's answer to a delivery."""
        now = self.house.clock.now()
        ended = Settlement(id=number, state=state, attempts=1)

        def transact(connection: Connection) -> None:
            outbox.settle(connection, [ended], now)
            changes.note(connection, [(What.DELIVERY, str(number))], now)

        await self.database.write(transact, Urgency.STEP)
        self.house.wakeups.wake()


def unstored(key: str, **more: object) -> Alarm:
    """An alarm of button-12-1 that the store has not taken."""
    now = datetime.now(UTC)
    plain = Alarm(
        id=AlarmId(key * 32),
        kind="panic.pressed",
        priority=Priority.P0,
        latches=True,
        device="button-12-1",
        site="school-12",
        district="medeu",
        zone="hall",
        event_id=f"event-{key}",
        raised_at=now,
        last_at=now,
        pressed_at=now,
    )
    return replace(plain, **more)


@asynccontextmanager
async def built(folder: Path) -> AsyncIterator[Built]:
    """A house on a new SQLite file."""
    store = database.open_database(f"sqlite:///{folder / 'web.db'}")
    await store.write(schema.metadata.create_all, Urgency.BULK)
    for name, token in PEOPLE.items():
        secret = f"{name}-secret"
        await store.write(partial(operators.add_token, token=token, secret=secret), Urgency.STEP)
    house = _house(store)
    found = Built(house=house, app=server.create_app(house))

    async def hear(device: str, raw: bytes) -> HeardAnswer:
        found.heard.append((device, raw))
        if not raw.startswith(b"{"):
            return HeardAnswer(refused="not_json")
        return HeardAnswer(id="e1", stored_at=house.clock.now())

    found.house = replace(house, hear=hear, is_unstored=lambda alarm: alarm in found.unstored)
    found.app.state.house = found.app.state.hub._house = found.house  # noqa: SLF001 - made before
    try:
        yield found
    finally:
        await store.close()


@asynccontextmanager
async def served(house: Built) -> AsyncIterator[str]:
    """The application behind a real server on a free port: its URL."""
    port = ports.free()
    config = uvicorn.Config(
        house.app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2
    )
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve())
    try:
        await waiting.until(lambda: running.started or task.done(), what="the server starts")
        house.url = f"http://127.0.0.1:{port}"
        yield house.url
    finally:
        house.app.state.hub.close()
        running.should_exit = True
        await task


def _house(store: Database) -> House:
    registry = Registry(version=1, sites={**SITES}, zones={**ZONES}, devices={**DEVICES})
    presence, clock, wakeups = Presence(), SystemClock(), Wakeups()
    teller = Teller(
        installation="test",
        gateway="g1",
        receivers=(Receiver(name="centre", authority=True),),
        base_url="http://house",
    )
    desk = Desk(
        database=store,
        teller=teller,
        presence=presence,
        registry=lambda: registry,
        clock=clock,
        owed=lambda _: wakeups.wake(),
    )

    async def unheard(device: str, raw: bytes) -> HeardAnswer:
        raise AssertionError((device, raw))

    async def nothing() -> Reckoning:
        return Reckoning(heard={}, chains=(), owed=())

    return House(
        database=store,
        desk=desk,
        registry=lambda: registry,
        presence=presence,
        clock=clock,
        seal=Seal(Fernet.generate_key()),
        wakeups=wakeups,
        hear=unheard,
        health=lambda: Health(
            store="ok",
            brokers={"b1": True},
            receivers={"centre": "ok"},
            outbox={},
            canary_age_s={},
            unstored=0,
            version="0",
        ),
        metrics=lambda: b"dabyl_build_info 1.0\n",
        reckoning=nothing,
        authorities=frozenset({"centre"}),
    )
