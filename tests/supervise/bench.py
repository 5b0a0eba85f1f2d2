"""Supervision joined with a real intake on a real database; time passes only when it is pushed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet

from adapters.signal import CheckIn, Receipt, Signal, Spoken
from gateway.app.voice import Voice
from gateway.bus import Bus, Heard
from gateway.domain.alarm import Alarm
from gateway.domain.decision import Transition
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver
from gateway.domain.site import Registry
from gateway.domain.telling import Teller
from gateway.intake import Intake
from gateway.intake.memory import Means
from gateway.store import alarms, commands, schema, sites
from gateway.store.alarms import Filter
from gateway.store.commands import Command
from gateway.store.database import CountingDatabase, Urgency, open_database
from gateway.store.sealed import Seal
from gateway.supervise import Remembered, Supervisor
from gateway.supervise.brokers import Line
from gateway.supervise.post import Post
from tests.domain.making import spoken
from tests.domain.watching import region
from tests.harness import waiting
from tests.harness.clock import PushedClock

LOOPS = 5
"""What supervision does again and again, each in a sleep of its own."""
UP, DOWN = Line(hears=True, is_whole=True), Line(hears=False, is_whole=False)
SCHOOL = region(4, 3)


class Time(PushedClock):
    """One clock for all gateways of a test; it knows how many loops sleep on it at rest."""

    loops = 0


class Counted(Bus):
    """A bus that knows how much of what it took is not stored yet."""

    pending = 0

    def put(self, heard: Heard) -> None:
        self.pending += 1

        def answered(receipt: Receipt) -> None:
            self.pending -= 1
            heard.answer(receipt)

        super().put(Heard(heard.said, answered, heard.at))


@dataclass
class Bench:
    """One gateway that supervises; several may share a database and a clock."""

    database: CountingDatabase
    clock: Time
    name: str
    bus: Counted
    intake: Intake
    supervisor: Supervisor
    lines: dict[str, Line]
    duty: list[bool]
    server_ahead_s: list[float]
    receipts: list[Receipt] = field(default_factory=list)

    async def hear(self, *signals: Signal) -> None:
        """Hear them, and wait until each is stored."""
        wanted = len(self.receipts) + len(signals)
        for signal in signals:
            self.intake.bus.put(Heard(signal, self.receipts.append, self.clock.monotonic()))
        await waiting.until(lambda: len(self.receipts) >= wanted, what="all are stored")

    async def check_in(self, *devices: str, link: str = "a", **said: Any) -> None:  # noqa: ANN401 - a body's fields
        await self.hear(*(self.said(device, link, **said) for device in devices))

    async def fall(self, device: str, link: str = "a") -> None:
        """Its broker says its Last Will."""
        await self.hear(self.said(device, link, online=False))

    def said(self, device: str, link: str = "a", *, online: bool = True, **said: Any) -> CheckIn:  # noqa: ANN401
        return CheckIn(
            link=link, device=device, received_at=self.clock.now(), online=online, content=said
        )

    async def press(self, device: str, seq: int, boot: int = 1, **more: Any) -> None:  # noqa: ANN401
        await self.hear(self.pressed(device, seq, boot, **more))

    def pressed(self, device: str, seq: int, boot: int = 1, **more: Any) -> Spoken:  # noqa: ANN401
        given = {"id": f"{boot}-{seq}", "boot": boot, "seq": seq, **more}
        return spoken("panic.pressed", device, at=self.clock.now(), **given)

    async def pass_(self, seconds: float, alive: tuple[str, ...] = ()) -> None:
        """So many seconds pass; those devices check in every 30 of them."""
        for second in range(int(seconds)):
            if second % 30 == 0 and alive:
                await self.check_in(*alive)
            await self.clock.push(1)
            await self.settle()

    async def settle(self) -> None:
        """Whatever is under way comes to its end: looks that read, words that are stored."""
        await waiting.until(
            lambda: self.bus.pending == 0 and self.clock.sleepers >= self.clock.loops,
            what="all is at rest",
        )

    async def alarms(self, *, is_open: bool | None = None) -> list[Alarm]:
        """Alarms, the oldest first."""
        wanted = Filter(is_open=is_open)
        found = await self.database.read(lambda c: alarms.listed(c, wanted, 999, None))
        return found[::-1]

    async def opened(self) -> list[str]:
        """`kind of whom` of every open alarm."""
        return [f"{one.kind} {one.device}" for one in await self.alarms(is_open=True)]

    async def until_opened(self, *wanted: str) -> None:
        """These, and no others, stand open."""

        async def are_open() -> bool:
            return sorted(await self.opened()) == sorted(wanted)

        await waiting.until(are_open, what=f"open: {wanted}")

    async def line(self, alarm: Alarm) -> list[Transition]:
        return await self.database.read(lambda c: alarms.time_line(c, alarm.id))

    async def ordered(self) -> list[Command]:
        now = self.clock.now()
        return await self.database.read(lambda c: commands.waiting(c, now, 99))


@asynccontextmanager
async def opened(
    url: str, *, registry: Registry = SCHOOL, clock: Time | None = None, name: str = "g1"
) -> AsyncIterator[Bench]:
    """A gateway that supervises that region; everything in the database stays."""
    database = open_database(url)
    await database.write(schema.metadata.create_all, Urgency.BULK)
    parts = list(registry.sites.values()), (), list(registry.devices.values())
    await database.write(lambda c: sites.put(c, *parts), Urgency.BULK)
    found = _made(database, clock or Time(), name)
    found.intake.memory.registry = await database.read(sites.registry)
    tasks = [asyncio.create_task(found.intake.run()), asyncio.create_task(found.supervisor.run())]
    found.clock.loops += LOOPS
    try:
        await found.settle()
        yield found
    finally:
        found.clock.loops -= LOOPS
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await database.close()


def _made(database: CountingDatabase, clock: Time, name: str) -> Bench:
    bus = Counted()
    intake = Intake(
        bus=bus,
        database=database,
        clock=clock,
        means=Means(
            teller=Teller(installation="test", gateway=name, receivers=(Receiver(name="centre"),)),
            seal=Seal(Fernet.generate_key()),
            hash_card=str,
        ),
        presence=Presence(),
        owed=lambda _: None,
        committed=lambda: None,
    )
    memory, lines, duty, ahead_s = intake.memory, {"a": UP, "b": UP}, [True], [0.0]
    voice = Voice(bus=bus, clock=clock, registry=lambda: memory.registry)
    supervisor = Supervisor(
        Post(
            gateway=name,
            database=database,
            clock=clock,
            presence=intake.presence,
            registry=lambda: memory.registry,
            find=voice.find,
            on_duty=lambda: duty[0],
        ),
        Remembered(
            unwritten=memory.take_unwritten,
            facts=memory.facts,
            reused=memory.reused,
            stuck=memory.stuck,
        ),
        lines=lambda: lines,
        is_storing=lambda: intake.is_storing,
        ordered=lambda _: None,
    )
    intake.noted = supervisor.note
    # The server's clock goes with ours, which is pushed.
    supervisor.own_clock.server_time = lambda _: clock.now() + timedelta(seconds=ahead_s[0])
    return Bench(database, clock, name, bus, intake, supervisor, lines, duty, ahead_s)
