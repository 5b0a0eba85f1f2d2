"""A database of before: its rows, its chain and its checkpoint live on, and what is new comes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, insert, text

from adapters.signal import Lane
from gateway import verify
from gateway.domain.alarm import Alarm, State
from gateway.domain.escalation import Ladder
from gateway.domain.event import AlarmId, Event
from gateway.store import (
    alarms,
    checkpoints,
    deliveries,
    journal,
    ladder,
    migrate,
    partitions,
    schema,
    sessions,
)
from gateway.store.database import Database, open_database
from gateway.store.journal import Head
from gateway.store.ladder import Watch
from gateway.store.prepared import ask
from gateway.store.sealed import Seal
from gateway.store.walk import Fault
from gateway.verify import Trust, Walked
from tests.domain.making import alarm, event
from tests.harness.changed import replace
from tests.store.making import do, owed

SEAL = Seal(Fernet.generate_key())
NOW = datetime.now(UTC)
KEPT = timedelta(days=30)
AN_HOUR = timedelta(hours=1)


def passages(first: int, count: int, at: datetime) -> list[Event]:
    events = []
    for number in range(first, first + count):
        heard = at + timedelta(seconds=number)
        events.append(event("passage.granted", "gate-1", id=f"p{number}", at=heard))
    return events


def filled(connection: Connection) -> Head:
    """Five passages dropped behind a sealed checkpoint, five there, and a delivery that is done."""
    begins = Head()
    rows = passages(1, 10, NOW - timedelta(days=3))
    dropped = journal.append(connection, "g1", Lane.EVENT, rows[:5], begins)
    head = journal.append(connection, "g1", Lane.EVENT, rows[5:], dropped)
    connection.execute(text("DELETE FROM journal_event WHERE number <= 5"))
    said = f"checkpoint g1 event {dropped.number} {dropped.hash.hex()}".encode()
    connection.execute(
        text(
            "INSERT INTO checkpoints (gateway, lane, number, hash, at, signature)"
            " VALUES ('g1', 'event', :number, :hash, :at, :signature)"
        ),
        {
            "number": dropped.number,
            "hash": dropped.hash,
            "at": schema.microseconds(NOW),
            "signature": SEAL.sign(said),
        },
    )
    delivery = owed(1, state="done")
    names = [column.name for column in schema.deliveries.columns if column.name != "id"]
    connection.execute(insert(schema.deliveries), {name: getattr(delivery, name) for name in names})
    return head


@pytest.fixture
async def old(url: str) -> AsyncIterator[tuple[Database, Head]]:
    """It, migrated."""
    migrate.migrate(url, "0002")
    before = open_database(url)
    head = await do(before, filled)
    await before.close()
    assert migrate.migrate(url) == ("0002", migrate.head())
    after = open_database(url)
    yield after, head
    await after.close()


async def test_its_chain_is_whole_and_goes_on(old: tuple[Database, Head]) -> None:
    store, head = old
    await do(store, partitions.make_next, KEPT, NOW)
    assert await do(store, journal.head, "g1", Lane.EVENT) == head
    new = await do(store, journal.append, "g1", Lane.EVENT, passages(50, 3, NOW), head)
    trust = Trust(keys=set(), seal=SEAL)
    steps = [step async for step in verify.every_chain(store, trust)]
    assert not [step for step in steps if isinstance(step, Fault)]
    (walked,) = [step for step in steps if isinstance(step, Walked)]
    assert (walked.begins, walked.rows, walked.head) == (5, 8, new)


async def test_its_sealed_checkpoint_is_believed_by_the_seal_alone(
    old: tuple[Database, Head],
) -> None:
    store, _ = old
    made = await do(store, checkpoints.latest, "g1", Lane.EVENT)
    assert made is not None
    assert verify.is_trusted(made, Trust(keys=set(), seal=SEAL))
    assert not verify.is_trusted(made, Trust(keys=set(), seal=Seal(Fernet.generate_key())))
    assert not verify.is_trusted(made, Trust(keys={""}, seal=None))


async def test_a_passage_of_before_is_still_known(old: tuple[Database, Head]) -> None:
    store, _ = old
    asked = [("gate-1", "p7"), ("gate-1", "p3")]
    at = NOW - timedelta(days=2)
    found = await do(store, ask, journal.finding(Lane.EVENT, asked, at))
    assert list(found) == [("gate-1", "p7")]
    await do(store, journal.hear_again, Lane.EVENT, [(found["gate-1", "p7"][0], 2)])
    again = text("SELECT heard_again FROM journal_event WHERE event_id = 'p7'")
    assert await do(store, lambda c: c.execute(again).scalar()) == 2


async def test_its_deliveries_are_found(old: tuple[Database, Head]) -> None:
    store, _ = old
    (found,) = await do(store, deliveries.listed, "done", 9, None)
    assert found.key == owed(1).key


@pytest.mark.parametrize("holder", [None, "aigerim"])
async def test_a_cry_that_was_seen_before_the_upgrade_calls_the_supervisor_after_it(
    url: str, holder: str | None
) -> None:
    await asyncio.to_thread(migrate.migrate, url, "0012")
    taken_at = NOW + timedelta(seconds=40)
    seen = alarm(state=State.ACKNOWLEDGED, last_at=NOW)
    if holder is not None:
        seen = replace(seen, claimed_by=holder, claimed_at=taken_at)
    others = (
        replace(seen, id=AlarmId("b" * 32), state=State.UNACKNOWLEDGED),
        replace(seen, id=AlarmId("c" * 32), state=State.NORMAL, closed_at=NOW),
    )
    before = open_database(url)
    for one in (seen, *others):
        await do(before, _as_of_before, one)
    await before.close()
    await asyncio.to_thread(migrate.migrate, url)
    after = open_database(url)
    found = [await do(after, alarms.get, one.id) for one in (seen, *others)]
    due = await do(after, ladder.due, Ladder(), Watch(everywhere=True), taken_at + AN_HOUR, 9)
    await after.close()
    assert [one and one.acknowledged_at for one in found] == [
        taken_at if holder else NOW, None, None,
    ]  # fmt: skip
    assert seen.id in {one.id for one in due}


def _as_of_before(connection: Connection, one: Alarm) -> None:
    """It in a table that has not yet every column."""
    given = zip(schema.alarms.columns.keys(), alarms._row(one), strict=True)  # noqa: SLF001 - its own form
    row = {name: value for name, value in given if name not in {"acknowledged_at", "boot", "seq"}}
    names = ", ".join(row)
    places = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO alarms ({names}) VALUES ({places})"), row)  # noqa: S608


async def test_who_was_signed_in_stays_so_when_people_get_names(url: str) -> None:
    await asyncio.to_thread(migrate.migrate, url, "0007")
    before = open_database(url)
    later = schema.microseconds(NOW + timedelta(hours=1))
    digest = hashlib.sha256(b"session").digest()

    def signed_in(connection: Connection) -> None:
        connection.execute(
            text(
                "INSERT INTO tokens (name, digest, role, districts, created_at)"
                " VALUES ('aigerim', :digest, 'dispatcher', '[]', 0)"
            ),
            {"digest": b"token"},
        )
        connection.execute(
            text(
                "INSERT INTO sign_ins (digest, token, until, once) VALUES (:d, 'aigerim', :u, :o)"
            ),
            {"d": digest, "u": later, "o": False},
        )

    await do(before, signed_in)
    await before.close()
    await asyncio.to_thread(migrate.migrate, url)
    after = open_database(url)
    found = await do(after, sessions.find, "session", NOW)
    await after.close()
    assert found is not None
    assert found.holder.name == "aigerim"
