"""A house for the web's tests: a real SQLite file, tokens of every role, alarms, and a server."""

import asyncio
import hashlib
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
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver
from gateway.domain.site import DeviceId, Registry
from gateway.domain.stills import Fate, Still
from gateway.domain.telling import Teller
from gateway.evidence import settling
from gateway.siteplan import procedures
from gateway.store import changes, commit, database, evidence, operators, outbox, schema
from gateway.store.changes import What
from gateway.store.database import Database, Urgency
from gateway.store.outbox import Settled, Settlement
from gateway.store.sealed import Seal
from gateway.store.wakeups import Wakeups
from gateway.web import server
from gateway.web.house import Health, HeardAnswer, House
from tests.evidence.cameras import drawn
from tests.harness import ports, waiting
from tests.harness.changed import replace
from tests.web.ground import DEVICES, PEOPLE, SITES, ZONES


@dataclass
class Built:
    """A house, the application on it, and ways to make things happen in it."""

    house: House
    app: FastAPI
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    url: str = "http://house"
    unstored: set[str] = field(default_factory=set)
    """The alarms that were told and are not stored."""
    shelf: dict[str, bytes] = field(default_factory=dict)
    """The bytes of stills, by their digest."""
    plans: dict[str, bytes] = field(default_factory=dict)
    """The pictures of floors, by their names."""

    @property
    def database(self) -> Database:
        return self.house.database

    def client(self, name: str | None = None) -> httpx2.AsyncClient:
        """A client that shows that person's token, or none; straight into the application."""
        headers = {} if name is None else {"Authorization": f"Bearer {name}-secret"}
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url=self.url, headers=headers)

    def client_outside(self, name: str) -> httpx2.AsyncClient:
        """The same over the network, where the application is served."""
        headers = {"Authorization": f"Bearer {name}-secret"}
        return httpx2.AsyncClient(base_url=self.url, headers=headers, timeout=20)

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
        await self._commit(Change(alarm=alarm, transition=line, notice="raised", is_new=True))
        self.unstored.discard(alarm.id)
        if wake:
            self.house.wakeups.wake()
        return alarm

    async def again(self, alarm: Alarm) -> None:
        """Its device says it once more."""
        line = Transition(
            alarm=alarm.id,
            what="repeat",
            before=alarm.state,
            after=alarm.state,
            at=self.house.clock.now(),
            by=alarm.device,
        )
        alarm = replace(alarm, count=alarm.count + 1, notices=1)
        await self._commit(Change(alarm=alarm, transition=line, notice="repeated"))
        self.house.wakeups.wake()

    async def _commit(self, change: Change) -> None:
        desk, now = self.house.desk, self.house.clock.now()
        await self.database.write(
            lambda c: commit.write(c, [change], desk.teller, desk.context(c, now)), Urgency.ALARM
        )

    async def still(self, alarm: Alarm, camera: str, offset_s: int = 0, **more: object) -> Still:
        """What a camera gave, or did not, written down beside its alarm, and told."""
        body = drawn(f"{camera} {offset_s:+d} s", (640, 360))
        digest = hashlib.sha256(body).hexdigest()
        due_at = alarm.raised_at + timedelta(seconds=offset_s)
        asked = Still(alarm=alarm.id, camera=DeviceId(camera), offset_s=offset_s, due_at=due_at)
        kept = replace(
            asked,
            fate=Fate.KEPT,
            sha256=digest,
            content_type="image/jpeg",
            size_bytes=len(body),
            taken_at=due_at,
            fetched_at=due_at,
        )
        ended = replace(kept, **more) if "fate" not in more else replace(asked, **more)
        self.shelf[digest] = body
        gateway, now = self.house.desk.teller.gateway, self.house.clock.now()
        await self.database.write(lambda c: evidence.ask(c, [asked], gateway, now), Urgency.EVENT)
        await settling.end(self.house.desk, [ended])
        return ended

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
async def built(folder: Path, url: str | None = None) -> AsyncIterator[Built]:
    """A house on a new SQLite file, or on that empty database."""
    store = database.open_database(url or f"sqlite:///{folder / 'web.db'}")
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

    async def still(digest: str) -> bytes | None:
        return found.shelf.get(digest)

    async def plan(name: str) -> bytes | None:
        return found.plans.get(name)

    found.house = replace(
        house,
        hear=hear,
        still=still,
        plan=plan,
        procedures=procedures.read(None),
        is_unstored=lambda alarm: alarm in found.unstored,
    )
    found.app.state.house = found.app.state.hub._house = found.house  # noqa: SLF001 - made before
    try:
        yield found
    finally:
        await store.close()


@asynccontextmanager
async def served(house: Built, port: int | None = None) -> AsyncIterator[str]:
    """The application behind a real server on that port, or a free one: its URL."""
    port = port or ports.free()
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
