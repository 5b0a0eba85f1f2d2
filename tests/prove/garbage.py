"""Garbage: a million hostile payloads through decoder, bus, intake, store; good presses between."""

import asyncio
import contextlib
import os
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet
from sqlalchemy import Connection, text

from adapters.devices.mqtt import dabyl_v1
from adapters.devices.mqtt.dabyl_v1 import Delivered
from adapters.signal import Receipt, Signal
from gateway.bus import Bus, Heard
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver
from gateway.domain.telling import Teller
from gateway.intake import Intake
from gateway.intake.memory import Means
from gateway.store import migrate, sites
from gateway.store.database import Database, Urgency, open_database
from gateway.store.sealed import Seal
from tests.bench import devices, watching
from tests.prove import hostile
from tests.prove.found import Found, Ground, Size
from tests.prove.hostile import Said

BATCH = 240
NEIGHBOURS = 16
STEP = timedelta(milliseconds=2)
"""By so much the time of day moves with each message: no device is faster than it may be."""
ANSWERED_WITHIN_S = 60.0
LOOK_AT = 60
"""So often the memory is looked at."""
FLAT_MIB = 8.0


class Ticking:
    """A clock whose time of day moves with what is heard; waits are real."""

    def __init__(self) -> None:
        self.wall = datetime.now(UTC)

    def now(self) -> datetime:
        """The time of day."""
        return self.wall

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait as long."""
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class Line:
    """What stands in for the connection: it decodes, hands in, and counts the answers."""

    intake: Intake
    clock: Ticking
    slips: int = 0
    """Exceptions out of a decoder."""
    answered: int = 0
    stored: set[str] = field(default_factory=set)
    """Event ids that have a receipt, of this batch."""

    def hear(self, said: Said) -> None:
        """One message, as Session hands it on."""
        self.clock.wall += STEP
        delivered = Delivered(
            topic=f"dabyl/v1/{said.device}/{said.leaf}",
            payload=said.payload,
            retained=said.retained,
            link="b1",
            received_at=self.clock.now(),
        )
        signal: Signal
        try:
            signal = dabyl_v1.signal(delivered)
        except Exception:  # noqa: BLE001 - counted, and asked to be none
            self.slips += 1
            signal = dabyl_v1.unreadable(delivered)
        self.intake.bus.put(Heard(signal, self._answer, self.clock.monotonic()))

    def _answer(self, receipt: Receipt) -> None:
        self.answered += 1
        if receipt.stored_at is not None and receipt.id:
            self.stored.add(receipt.id)


@dataclass(slots=True)
class Tally:
    """What became of the good presses, and of the memory."""

    good: int = 0
    unreceipted: int = 0
    unjournalled: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Payloads so far, MiB."""

    @property
    def growth_mib(self) -> float:
        """Over the second half, by the line that fits best."""
        late = self.memory[len(self.memory) // 2 :]
        return watching.slope(late) * (late[-1][0] - late[0][0])


async def prove(ground: Ground) -> Found:
    """Pour it in, batch by batch, and count what became of the neighbours."""
    short = 16_000 if ground.database == "sqlite" else 4_000
    count = ground.pick(short=short, long=1_000_000) // BATCH * BATCH
    corpus = hostile.thought_up(ground.pick(short=500, long=20_000))
    url = ground.database
    if url == "sqlite":
        url = f"sqlite:///{ground.folder / 'garbage.db'}"
    async with _standing(url) as (line, database, running):
        begun = time.monotonic()
        tally = await _pour(ground, count, corpus, line, database, running)
        took_s = time.monotonic() - begun
        refused = await _number(database, "SELECT SUM(count) FROM quarantine")
        raised = await _number(database, "SELECT COUNT(*) FROM alarms")
    # The short form ends before the databases' own caches are full.
    flat_mib = FLAT_MIB if ground.size is Size.LONG else None
    peak = max(mib for _, mib in tally.memory)
    return (
        Found(notes=[f"Memory {tally.memory[0][1]:.0f} MiB at first, {peak:.0f} at most."])
        .ask("hostile payloads", count)
        .ask("exceptions out of the decoders", line.slips, at_most=0)
        .ask("quarantined", refused)
        .ask("alarms raised", raised)
        .ask("good presses among them", tally.good)
        .ask("good presses without a receipt", tally.unreceipted, at_most=0)
        .ask("good presses not in the journal", tally.unjournalled, at_most=0)
        .ask("memory grown over the second half", tally.growth_mib, "MiB", at_most=flat_mib)
        .ask("payloads taken", count / took_s, "/s")
    )


async def _pour(
    ground: Ground,
    count: int,
    corpus: list[bytes],
    line: Line,
    database: Database,
    running: "asyncio.Task[None]",
) -> Tally:
    dice, tally = random.Random(11), Tally()
    names = [devices.button(n) for n in range(3000)] + [f"stranger-{n}" for n in range(500)]
    words = hostile.stream(dice, corpus, names)
    for number in range(count // BATCH):
        good = [_good(tally.good + n) for n in range(NEIGHBOURS)]
        tally.good += NEIGHBOURS
        batch = [*good, *(next(words) for _ in range(BATCH))]
        dice.shuffle(batch)
        before = line.answered
        line.stored.clear()
        for said in batch:
            line.hear(said)
        await _answered(line, before + len(batch), running)
        ids = {said.device: _id(said) for said in good}
        tally.unreceipted += len(ids.keys()) - len(line.stored & {*ids.values()})
        tally.unjournalled += NEIGHBOURS - await _journalled(database, ids)
        every = max(1, count // BATCH // LOOK_AT)
        if number % every == 0:
            tally.memory.append((number * BATCH, watching.look(os.getpid()).rss_mib))
        if number % (every * 6) == 0:
            ground.say(f"{number * BATCH:,} of {count:,}, {tally.memory[-1][1]:.0f} MiB")
    return tally


def _good(number: int) -> Said:
    body = f'{{"id": "good-{number:09d}", "kind": "panic.pressed", "seq": {number}}}'
    return Said(devices.button(3000 + number % 1000), "alarm", body.encode(), retained=False)


def _id(said: Said) -> str:
    return said.payload.split(b'"')[3].decode()


async def _answered(line: Line, count: int, running: "asyncio.Task[None]") -> None:
    """Every signal of the batch has its answer; or intake has ended, which it never may."""
    limit = time.monotonic() + ANSWERED_WITHIN_S
    while line.answered < count:
        if running.done():
            running.result()
        assert time.monotonic() < limit, f"{count - line.answered} of a batch are not answered"
        await asyncio.sleep(0.0005)


async def _journalled(database: Database, ids: dict[str, str]) -> int:
    sql = text("SELECT COUNT(*) FROM journal_alarm WHERE device = :device AND event_id = :id")

    def count(connection: Connection) -> int:
        keys = [{"device": device, "id": event_id} for device, event_id in ids.items()]
        return sum(int(connection.execute(sql, key).scalar_one()) for key in keys)

    return await database.read(count)


async def _number(database: Database, sql: str) -> int:
    return await database.read(lambda c: int(c.execute(text(sql)).scalar() or 0))


@contextlib.asynccontextmanager
async def _standing(url: str) -> AsyncIterator[tuple[Line, Database, "asyncio.Task[None]"]]:
    """An intake on that database, with the bench's region registered."""
    await asyncio.to_thread(migrate.prepare, url)
    database, clock, region = open_database(url), Ticking(), devices.region()
    await database.write(
        lambda c: sites.put(c, region.sites, region.zones, region.devices), Urgency.BULK
    )
    teller = Teller(installation="prove", gateway="g1", receivers=(Receiver(name="centre"),))
    intake = Intake(
        bus=Bus(),
        database=database,
        clock=clock,
        means=Means(
            teller=teller, seal=Seal(Fernet.generate_key()), hash_card=lambda card: f"#{len(card)}"
        ),
        presence=Presence(),
        owed=lambda _: None,
        committed=lambda: None,
    )
    running = asyncio.create_task(intake.run())
    try:
        yield Line(intake, clock), database, running
    finally:
        running.cancel()
        await asyncio.wait([running])
        await database.close()
