"""An intake on a real SQLite file with a pushed clock, and every answer that it gives."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography.fernet import Fernet
from sqlalchemy import Connection, text

from adapters.signal import Lane, Receipt, Signal, Unread, Unreadable
from gateway.bus import Bus, Heard
from gateway.clock import Clock
from gateway.domain.alarm import Alarm
from gateway.domain.event import Event
from gateway.domain.outcry import Outcry
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver
from gateway.domain.telling import Teller
from gateway.intake import Intake
from gateway.intake.memory import Means, Memory
from gateway.store import alarms, quarantine, schema, sites
from gateway.store.alarms import Filter
from gateway.store.database import (
    BadData,
    Database,
    Kept,
    StoreDown,
    Urgency,
    open_database,
)
from gateway.store.outbox import Delivery
from gateway.store.quarantine import Quarantined
from gateway.store.sealed import Seal
from tests.domain.making import REGISTRY
from tests.harness import waiting
from tests.harness.clock import PushedClock

T = TypeVar("T")


class Faulty:
    """A real database that can be told to fail before or after the work."""

    def __init__(self, real: Database) -> None:
        self.real, self.dialect = real, real.dialect
        self.is_down = False
        self.lost_words = 0
        """So many of the next commits happen, and nobody hears of them."""
        self.poison: str | None = None
        """No journal row with this event id is ever taken."""
        self.writes = 0
        self.copies = 1
        self.failing = 0
        """So many transactions fail once their work is done."""

    async def write(self, work: Callable[[Connection], T], urgency: Urgency) -> T:
        if self.is_down:
            raise StoreDown("told to be down")
        self.writes += 1

        def checked(connection: Connection) -> T:
            found = work(connection)
            poisoned = "SELECT count(*) FROM journal_alarm WHERE event_id = :id"
            if self.poison and connection.execute(text(poisoned), {"id": self.poison}).scalar():
                raise BadData("told not to like it")
            if self.failing:
                self.failing -= 1
                raise StoreDown("told to fail at the end")
            return found

        stored = await self.real.write(checked, urgency)
        if self.lost_words:
            self.lost_words -= 1
            raise StoreDown("told to lose its word")
        return stored

    async def keep(self, work: Callable[[Connection], T], urgency: Urgency) -> Kept[T]:
        return Kept(await self.write(work, urgency), self.copies)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self.real.read(work)

    async def close(self) -> None:
        await self.real.close()


@dataclass
class Bench:
    """What is heard goes in; receipts, rows and alarms come out."""

    file: Path
    database: Faulty
    clock: PushedClock
    intake: Intake
    seal: Seal
    receipts: list[Receipt] = field(default_factory=list)
    owed: list[Delivery] = field(default_factory=list)

    def hear(self, *signals: Signal | Event) -> None:
        """Put them on the bus at once, so that they make one batch of each lane."""
        for signal in signals:
            self.intake.bus.put(Heard(signal, self.receipts.append, self.clock.monotonic()))

    async def answered(self, *signals: Signal | Event) -> list[Receipt]:
        """Hear them, and wait until each is answered; these answers, in their order."""
        before = len(self.receipts)
        self.hear(*signals)
        await self.until_answered(before + len(signals))
        return self.receipts[before:]

    async def until_answered(self, count: int) -> None:
        await waiting.until(lambda: len(self.receipts) >= count, what=f"{count} answers")

    async def rows(self, lane: Lane = Lane.ALARM) -> list[tuple[str, int, int, int]]:
        """(event id, reuse, heard again, folded) of a journal, in order."""
        sql = f"SELECT event_id, reuse, heard_again, folded FROM journal_{lane} ORDER BY number"  # noqa: S608
        return await self.database.read(
            lambda c: [(row[0], row[1], row[2], row[3]) for row in c.execute(text(sql))]
        )

    async def alarms(self) -> list[Alarm]:
        """Every alarm, the oldest first."""
        found = await self.database.read(lambda c: alarms.listed(c, Filter(), 999, None))
        return found[::-1]

    async def quarantined(self) -> list[Quarantined]:
        return await self.database.read(lambda c: quarantine.listed(c, self.seal, 999, None))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another process holds the file's write lock."""
        with sqlite3.connect(self.file, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                other.execute("ROLLBACK")
        other.close()


async def settle(real: Database, *, is_prepared: bool = False) -> None:
    """Make its tables, unless that is done, and register the school of tests.domain."""
    if not is_prepared:
        await real.write(schema.metadata.create_all, Urgency.BULK)
    parts: list[Sequence[object]] = [
        list(part.values()) for part in (REGISTRY.sites, REGISTRY.zones, REGISTRY.devices)
    ]
    await real.write(lambda c: sites.put(c, *parts), Urgency.BULK)  # type: ignore[arg-type]  # three kinds


@asynccontextmanager
async def bench(
    folder: Path,
    *,
    gateway: str = "g1",
    real: Database | None = None,
    url: str | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Bench]:
    """A running intake, on a new SQLite file or a prepared database; a school is registered.

    `real` is settled already.
    """
    file, seal = folder / "intake.db", Seal(Fernet.generate_key())
    pushed = PushedClock()
    if real is None:
        real = open_database(url or f"sqlite:///{file}")
        await settle(real, is_prepared=url is not None)
    database, owed = Faulty(real), list[Delivery]()
    teller = Teller(installation="test", gateway=gateway, receivers=(Receiver(name="centre"),))
    intake = Intake(
        bus=Bus(),
        database=database,
        clock=clock or pushed,
        means=Means(teller=teller, seal=seal, hash_card=lambda card: f"hashed {len(card)}"),
        presence=Presence(),
        owed=owed.extend,
        committed=lambda: None,
        memory=Memory(outcry=Outcry("test")),
    )
    found = Bench(file, database, pushed, intake, seal, owed=owed)
    task = asyncio.create_task(intake.run())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.wait([task])
        await real.close()


def garbage(device: str = "button-1", body: bytes = b"HELP", lane: Lane = Lane.ALARM) -> Unreadable:
    """Bytes that nobody can read, heard at the bench's first moment."""
    return Unreadable(
        link="b1",
        device=device,
        heard_on=lane,
        received_at=PushedClock().now(),
        reason=Unread.NOT_JSON,
        body=body,
    )
