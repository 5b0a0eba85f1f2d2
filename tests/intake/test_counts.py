"""Counts: whatever comes in one batch, each signal is counted once, on its row and in the sum."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from adapters.signal import CheckIn, Lane, Unread, Unreadable
from gateway.domain.counts import Heard
from gateway.store import migrate, schema
from gateway.store.database import Urgency
from tests.domain.making import NOW, spoken
from tests.harness import waiting
from tests.harness.changed import replace
from tests.intake.bench import Bench, bench


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def at(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    url = None
    if request.param == "postgresql":
        url = str(request.getfixturevalue("database_url"))
        migrate.prepare(url)
    async with bench(tmp_path, url=url) as found:
        yield found


def heard(at: Bench, lane: Lane = Lane.ALARM) -> Heard:
    return at.intake.counts(lane)[0]


def unreadable(body: bytes = b"?") -> Unreadable:
    return Unreadable(
        link="b1",
        device="button-1",
        heard_on=Lane.ALARM,
        received_at=NOW,
        reason=Unread.NOT_JSON,
        body=body,
    )


async def test_a_repeat_in_the_same_batch_is_counted_on_its_row(at: Bench) -> None:
    press = spoken("panic.pressed", id="x")
    await at.answered(press, press, press)
    assert await at.rows() == [("x", 0, 2, 1)]
    await at.answered(press)
    assert await at.rows() == [("x", 0, 3, 1)]
    assert dict(heard(at).results) == {"journalled": 1, "repeat": 3}


async def test_a_flood_in_one_batch_is_counted_on_its_row(at: Bench) -> None:
    await at.answered(*(spoken("panic.pressed", id=f"x{n}") for n in range(40)))
    rows = await at.rows()
    assert sum(folded for *_, folded in rows) == 40
    await at.answered(*(spoken("panic.pressed", id=f"y{n}") for n in range(5)))
    assert sum(folded for *_, folded in await at.rows()) == 45
    assert heard(at).results["journalled"] == len(rows)
    assert heard(at).results["folded"] == 45 - len(rows)


async def test_a_row_that_is_repeated_and_folded_into_at_once_is_counted_for_both(
    at: Bench,
) -> None:
    """In one statement PostgreSQL changes a row once, and says nothing of the second time."""
    first, *more = (spoken("panic.pressed", id=f"x{n}", more=1) for n in range(4))
    await at.answered(first)
    again = replace(first, more=0)
    await at.answered(again, *more, again)
    assert await at.rows() == [("x0", 0, 2, 8)]


async def test_everything_that_is_heard_is_in_the_sum(at: Bench) -> None:
    press = spoken("panic.pressed", id="x")
    online = CheckIn(link="b1", device="button-1", received_at=NOW, online=True, content={})
    passed = spoken("passage.granted", "gate-1", id="p", lane=Lane.EVENT)
    await at.answered(press, press, unreadable(), unreadable(), online, passed)
    alarm, event = heard(at), heard(at, Lane.EVENT)
    assert (alarm.heard, alarm.difference, alarm.under_way) == (4, 0, 0)
    assert dict(alarm.results) == {"journalled": 1, "repeat": 1, "quarantined": 2}
    assert (event.heard, event.difference) == (2, 0)
    assert dict(event.results) == {"journalled": 1, "check_in": 1}


async def test_what_waits_for_the_store_is_under_way(at: Bench) -> None:
    at.database.is_down = True
    at.hear(spoken("panic.pressed", id="x"))
    assert (heard(at).heard, heard(at).difference, heard(at).under_way) == (1, 0, 1)


async def test_what_was_written_is_what_the_head_went_on_by(at: Bench) -> None:
    await at.answered(spoken("panic.pressed", id="x"), unreadable())
    (_, written) = at.intake.counts(Lane.ALARM)
    assert (written.started_at, written.rows, written.under_way) == (0, 2, False)


async def test_what_a_lost_word_of_the_store_had_written_is_ours_too(at: Bench) -> None:
    await at.answered(spoken("panic.pressed", id="x"))
    at.database.lost_words = 1
    at.hear(spoken("panic.pressed", id="y"))
    await waiting.until(lambda: at.clock.sleepers, what="it waits to try again")
    await at.clock.push(1)
    await at.until_answered(2)
    (found, written) = at.intake.counts(Lane.ALARM)
    assert (found.difference, dict(found.results)) == (0, {"journalled": 1, "repeat": 1})
    assert (written.started_at, written.rows) == (0, 2)


async def test_a_heap_that_cannot_be_stored_is_in_the_sum(at: Bench) -> None:
    at.database.poison = "x"
    (receipt,) = await at.answered(spoken("panic.pressed", id="x", again=4, more=3))
    assert receipt.refused is not None
    assert (heard(at).heard, heard(at).difference) == (8, 0)


async def test_nothing_is_folded_into_a_row_that_a_lost_server_had(at: Bench) -> None:
    """Of two servers one may be lost with the last rows, before they were copied."""
    if at.database.dialect == "sqlite":
        pytest.skip("one machine, one file")
    await at.answered(*(spoken("panic.pressed", id=f"x{n}") for n in range(40)))
    await at.database.write(lambda c: c.execute(delete(schema.journal_alarm)), Urgency.BULK)
    at.database.failing = 1
    at.hear(spoken("panic.pressed", id="y", more=2))
    await waiting.until(lambda: at.clock.sleepers, what="it waits to try again")
    await at.clock.push(1)
    await at.until_answered(41)
    assert [(key, folded) for key, *_, folded in await at.rows()] == [("y", 3)]
