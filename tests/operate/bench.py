"""A desk on a real SQLite file with a pushed clock, and alarms to take steps on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.desk import Desk
from gateway.domain.alarm import Alarm
from gateway.domain.decision import Transition
from gateway.domain.operator import Operator, Role
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver, Route
from gateway.domain.telling import Teller
from gateway.store import alarms, commands, commit, deliveries, schema
from gateway.store.commands import Command
from gateway.store.database import Database, Urgency, open_database
from gateway.store.outbox import Delivery
from tests.domain.making import REGISTRY
from tests.harness.changed import replace
from tests.harness.clock import PushedClock
from tests.store.making import an_alarm, change

AIGERIM = Operator(name="aigerim", role=Role.DISPATCHER)
BOLAT = Operator(name="bolat", role=Role.DISPATCHER)
AUEZOV = replace(BOLAT, districts=frozenset({"auezov"}))
CENTRE = Operator(name="centre-api", role=Role.MACHINE, receiver="centre", authority=True)
SUPERVISOR = Operator(name="saule", role=Role.SUPERVISOR)
DUTY = Operator(name="duty-api", role=Role.MACHINE, receiver="duty")
TECHNICIAN = Operator(name="tanya", role=Role.TECHNICIAN)


@dataclass
class Bench:
    """A desk, and what it handed on."""

    desk: Desk
    database: Database
    clock: PushedClock
    owed: list[Delivery]
    flooded: list[str] = field(default_factory=list)

    async def raised(self, key: int = 1, **more: Any) -> str:  # noqa: ANN401 - fields of every type
        """An alarm, committed with what it owes; its id."""
        one, now = an_alarm(key, **more), self.clock.now()
        await self.database.write(
            lambda c: commit.write(
                c, [change(one, new=True)], self.desk.teller, self.desk.context(c, now)
            ),
            Urgency.ALARM,
        )
        return one.id

    async def alarm(self, key: str) -> Alarm:
        found = await self.database.read(lambda c: alarms.get(c, key))
        assert found is not None
        return found

    async def line(self, key: str) -> list[Transition]:
        return await self.database.read(lambda c: alarms.time_line(c, key))

    async def notices(self, key: str) -> list[str]:
        found = await self.database.read(lambda c: deliveries.of_alarm(c, key))
        return [one.type.removeprefix("dabyl.alarm.") for one in found]

    async def commands(self) -> list[Command]:
        return await self.database.read(lambda c: commands.waiting(c, self.clock.now(), 99))


@asynccontextmanager
async def bench(
    folder: Path, url: str | None = None, *, gateway: str = "g1", called: str | None = None
) -> AsyncIterator[Bench]:
    """A desk whose only receiver is the centre, but for whom it calls; else on a database there."""
    database = open_database(url or f"sqlite:///{folder / 'operate.db'}")
    if url is None:
        await database.write(schema.metadata.create_all, Urgency.BULK)
    owed, flooded, clock = list[Delivery](), list[str](), PushedClock()
    names = ["centre"] if called is None else ["centre", called]
    teller = Teller(
        installation="test",
        gateway=gateway,
        receivers=tuple(Receiver(name=one, authority=one == "centre") for one in names),
        routes=(Route(receiver="centre"),),
        called=called,
    )
    desk = Desk(
        database=database,
        teller=teller,
        presence=Presence(),
        registry=lambda: REGISTRY,
        clock=clock,
        owed=owed.extend,
        flooded=flooded.append,
    )
    try:
        yield Bench(desk, database, clock, owed, flooded)
    finally:
        await database.close()
