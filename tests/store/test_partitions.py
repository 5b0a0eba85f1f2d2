"""Partitions: on PostgreSQL passages lie by the day; old days go whole, and are signed off."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from adapters.signal import Lane
from gateway.cli.checks import passages
from gateway.cli.checks.finding import Verdict
from gateway.domain.event import Event
from gateway.store import journal, migrate, partitions, retention, schema
from gateway.store.database import Conflict, Database, Urgency, open_database
from gateway.store.journal import Found, Head
from gateway.store.prepared import ask
from gateway.store.retention import Cut
from gateway.store.walk import What
from tests.domain.making import NOW, event
from tests.store.making import do
from tests.store.test_chain import SIGNER, named, verified

DAY = timedelta(days=1)
KEPT = 30 * DAY
MIDNIGHT = schema.midnight(NOW)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    """A database of its own: what is made here stays."""
    migrate.prepare(database_url)
    opened = open_database(database_url)
    yield opened
    await opened.close()


def passage(key: str, at: datetime, by: str = "gate-1") -> Event:
    return event("passage.granted", by, id=key, at=at)


async def make_all(store: Database, kept: timedelta = KEPT, now: datetime = NOW) -> list[str]:
    made = []
    while (name := await do(store, partitions.make_next, kept, now)) is not None:
        made.append(name)
    return made


async def drop_all(store: Database, now: datetime, kept: timedelta = KEPT) -> list[str]:
    gone = []
    while (name := await do(store, partitions.drop_next, SIGNER, kept, now)) is not None:
        gone.append(name)
    return gone


async def append(store: Database, *events: Event, gateway: str = "g1") -> Head:
    def work(connection: object) -> Head:
        head = journal.head(connection, gateway, Lane.EVENT)  # type: ignore[arg-type]
        return journal.append(connection, gateway, Lane.EVENT, events, head)  # type: ignore[arg-type]

    return await store.write(work, Urgency.EVENT)


async def known_at(store: Database, at: datetime) -> Found:
    return await do(store, ask, journal.finding(Lane.EVENT, [("gate-1", "p1")], at))


async def where(store: Database) -> dict[str, int]:
    """How many rows lie in which table."""
    asked = text("SELECT tableoid::regclass::text, count(*) FROM journal_event GROUP BY 1")
    return dict(await do(store, lambda c: [tuple(row) for row in c.execute(asked)]))


async def test_a_week_is_made_ahead_and_then_no_more(store: Database) -> None:
    made = await make_all(store)
    assert made == [
        f"journal_event_2026{day}" for day in (1122, 1123, 1124, 1125, 1126, 1127, 1128, 1129)
    ]
    assert await make_all(store) == []
    assert await make_all(store, now=NOW + DAY) == ["journal_event_20261130"]


async def test_every_passage_lies_in_its_day_and_a_strange_date_beside_them(
    store: Database,
) -> None:
    await make_all(store)
    years = [NOW - 9000 * DAY, NOW, NOW + DAY, NOW + 900 * DAY]
    await append(store, *(passage(f"p{n}", at) for n, at in enumerate(years)))
    assert await where(store) == {
        "journal_event_20261122": 1,
        "journal_event_20261123": 1,
        "journal_event_other": 2,
    }
    assert (await verified(store))[0] == []


async def test_passages_that_came_before_their_day_was_made_stay_where_they_are(
    store: Database,
) -> None:
    await append(store, passage("early", NOW), passage("ahead", NOW + 2 * DAY))
    made = await make_all(store)
    assert not {"journal_event_20261122", "journal_event_20261124"} & {*made}
    assert "journal_event_20261123" in made
    await append(store, passage("late", NOW + timedelta(hours=1)))
    assert await where(store) == {"journal_event_other": 3}


@pytest.mark.parametrize(
    ("days", "span"), [(1, 1), (30, 1), (60, 1), (61, 2), (365, 7), (3650, 61)]
)
def test_however_long_they_are_kept_there_are_few_partitions(days: int, span: int) -> None:
    assert partitions.span_days(timedelta(days=days)) == span


async def test_an_old_day_goes_whole_and_every_chain_is_signed_off(store: Database) -> None:
    await make_all(store)
    for gateway in ("g1", "g2"):
        days = (NOW, NOW + timedelta(minutes=1), NOW + DAY, NOW + 2 * DAY)
        events = [passage(f"{gateway}-{n}", at) for n, at in enumerate(days)]
        await append(store, *events, gateway=gateway)
    assert await drop_all(store, MIDNIGHT + KEPT - timedelta(seconds=1)) == []
    assert await drop_all(store, MIDNIGHT + KEPT) == ["journal_event_20261122"]
    assert await drop_all(store, MIDNIGHT + KEPT + DAY) == ["journal_event_20261123"]
    faults, walked = await verified(store)
    assert faults == []
    assert [(one.begins, one.rows) for one in walked] == [(3, 1), (3, 1)]


async def test_a_chain_goes_on_when_all_its_days_are_gone(store: Database) -> None:
    await make_all(store)
    head = await append(store, passage("p1", NOW))
    await drop_all(store, NOW + 90 * DAY)
    assert await where(store) == {}
    assert await do(store, journal.head, "g1", Lane.EVENT) == head
    assert (await append(store, passage("p2", NOW + 90 * DAY))).number == 2
    assert (await verified(store))[0] == []


async def test_two_days_are_kept_in_any_case_for_what_is_heard_again(store: Database) -> None:
    await make_all(store)
    await append(store, passage("p1", NOW))
    assert await drop_all(store, MIDNIGHT + 2 * DAY - timedelta(seconds=1), DAY) == []
    assert await drop_all(store, MIDNIGHT + 2 * DAY, DAY) == ["journal_event_20261122"]


async def test_days_that_a_clock_mixed_up_go_row_by_row(store: Database) -> None:
    await make_all(store)
    times = (NOW, NOW + DAY, NOW + timedelta(seconds=1), NOW + DAY)
    await append(store, *(passage(f"p{n}", at) for n, at in enumerate(times)))
    now = MIDNIGHT + KEPT + timedelta(hours=9)
    assert await drop_all(store, now) == []
    cut = Cut(signer=SIGNER, lane=Lane.EVENT, before=now - KEPT, now=now)
    assert await do(store, retention.drop_slice, cut, 99) == 1
    assert await drop_all(store, now) == []
    cut = Cut(signer=SIGNER, lane=Lane.EVENT, before=now + DAY - KEPT, now=now + DAY)
    assert await do(store, retention.drop_slice, cut, 99) == 3
    assert await drop_all(store, now + DAY) == ["journal_event_20261122", "journal_event_20261123"]
    assert (await verified(store))[0] == []


async def test_rows_of_a_day_that_was_dropped_by_hand_are_missed(store: Database) -> None:
    await make_all(store)
    await append(store, *(passage(f"p{n}", NOW + n * DAY) for n in range(4)))
    await do(store, lambda c: c.execute(text("DROP TABLE journal_event_20261123")).close())
    assert await named(store) == (2, What.MISSING, "row 2 is missing; the next is row 3")


async def test_the_same_number_on_two_days_is_named(store: Database) -> None:
    await make_all(store)
    await append(store, *(passage(f"p{n}", NOW + n * DAY) for n in range(3)))
    twice = text(
        "INSERT INTO journal_event SELECT gateway, number, device, 'other', reuse, digest, kind,"
        " site, part, link, received_at + 86400000000, said_at, clock, age_ms, boot, seq, marks,"
        " body, hash, heard_again, folded FROM journal_event WHERE number = 2"
    )
    await do(store, lambda c: c.execute(twice).close())
    number, what, says = await named(store)
    assert (number, what) == (2, What.INSERTED), says


async def test_two_gateways_that_hear_one_passage_at_once_store_it_once(store: Database) -> None:
    await make_all(store)
    await append(store, passage("p1", NOW), gateway="g1")
    with pytest.raises(Conflict):
        await append(store, passage("p1", NOW + timedelta(seconds=1)), gateway="g2")


async def test_a_passage_heard_again_is_found_and_counted_for_a_day(store: Database) -> None:
    await make_all(store)
    await append(store, passage("p1", NOW))
    for after, count in ((timedelta(hours=23), 1), (timedelta(hours=40), 1), (3 * DAY, 0)):
        found = await known_at(store, NOW + after)
        assert len(found) == count
    (known,) = (await known_at(store, NOW))["gate-1", "p1"]
    await do(store, journal.hear_again, Lane.EVENT, [(known, 3)])
    await do(store, journal.fold, Lane.EVENT, [("g1", 1, 4)])
    counts = text("SELECT heard_again, folded FROM journal_event")
    assert await do(store, lambda c: tuple(c.execute(counts).one())) == (3, 5)


async def test_looking_for_a_passage_asks_no_old_partition(store: Database) -> None:
    await make_all(store)
    asked = text(
        "EXPLAIN SELECT number FROM journal_event WHERE device = 'gate-1' AND received_at >= :since"
    )
    since = {"since": schema.microseconds(NOW + 3 * DAY)}
    plan = "\n".join(await do(store, lambda c: list(c.execute(asked, since).scalars())))
    assert "20261125" in plan
    assert "20261124" not in plan


@pytest.mark.parametrize(
    ("seconds", "is_seam"),
    [
        ([-61], False),
        ([-59], True),
        ([0], True),
        ([59], True),
        ([61], False),
        ([-600, -70], False),
        ([-600, -30], True),
        ([30, 600], True),
        ([-600, 0, 600], True),
        ([], False),
    ],
)
def test_the_seam_of_two_days_is_a_minute_on_each_side(
    seconds: list[int], *, is_seam: bool
) -> None:
    heard = [MIDNIGHT + timedelta(seconds=one) for one in seconds]
    assert journal.is_at_seam(Lane.EVENT, heard) is is_seam
    assert not journal.is_at_seam(Lane.ALARM, heard)


async def test_whoever_reads_for_long_only_puts_it_off(store: Database) -> None:
    await make_all(store)
    await append(store, passage("p1", NOW))
    reading = asyncio.create_task(
        store.read(lambda c: c.execute(text("SELECT pg_sleep(1) FROM journal_event")).close())
    )
    await asyncio.sleep(0.3)
    with pytest.raises(Exception, match="lock timeout"):
        await do(store, partitions.drop_next, SIGNER, KEPT, NOW + 90 * DAY)
    await reading
    assert await drop_all(store, NOW + 90 * DAY)


async def test_the_check_says_until_when_there_are_days(store: Database) -> None:
    (found,) = await store.read(passages.places)
    assert found.verdict is Verdict.WEAK
    await make_all(store, now=datetime.now(UTC))
    (found,) = await store.read(passages.places)
    assert (found.verdict, found.why[:19]) == (Verdict.OK, "8 partitions, the l")
