"""Retention: old rows go at a chain's beginning, and what stays is a whole chain, by our word."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, delete, update

from adapters.signal import Lane
from gateway.store import alarms, checkpoints, journal, retention, schema
from gateway.store.checkpoints import Checkpoint
from gateway.store.database import Database
from gateway.store.journal import Head
from gateway.store.retention import Cut
from gateway.store.signing import Signer
from gateway.store.walk import What
from tests.domain.making import NOW, event
from tests.store.making import an_alarm, change, do, owed
from tests.store.test_chain import SIGNER, forged, named, verified
from tests.store.test_outbox import owe

LANE = Lane.ALARM
LATER = NOW + timedelta(days=400)
DAY = timedelta(days=1)


async def presses(store: Database, count: int, *, first: int = 0, head: Head | None = None) -> Head:
    """One an hour."""
    events = [
        event("panic.pressed", id=f"e{n}", at=NOW + timedelta(hours=n))
        for n in range(first, first + count)
    ]
    return await do(store, journal.append, "g1", LANE, events, head or Head())


def cut(before: datetime, signer: Signer = SIGNER, now: datetime = LATER) -> Cut:
    return Cut(signer=signer, lane=LANE, before=before, now=now)


async def dropped(store: Database, hours: float, now: datetime = LATER, limit: int = 99) -> int:
    """What was heard within the first hours is too old."""
    before = NOW + timedelta(hours=hours)
    return await do(store, retention.drop_slice, cut(before, now=now), limit)


async def made(store: Database) -> list[Checkpoint]:
    return await do(store, checkpoints.all_of, "g1", LANE)


async def test_what_is_old_goes_and_the_chain_goes_on_from_the_checkpoint(store: Database) -> None:
    head = await presses(store, 6)
    assert await dropped(store, 3.5) == 4
    faults, (walked,) = await verified(store)
    assert (faults, walked.begins, walked.rows, walked.head) == ([], 4, 2, head)


async def test_no_slice_is_larger_than_was_asked(store: Database) -> None:
    await presses(store, 6)
    assert [await dropped(store, 4.5, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert (await verified(store))[0] == []


async def test_one_checkpoint_a_day_stays_and_each_signs_the_one_before(store: Database) -> None:
    await presses(store, 9)
    for day, hours in ((0, 1.5), (0, 2.5), (1, 4.5), (2, 5.5)):
        await dropped(store, hours, LATER + day * DAY)
    found = await made(store)
    assert [one.head.number for one in found] == [3, 5, 6]
    assert [one.previous for one in found] == [b"", found[0].signature, found[1].signature]
    assert (await verified(store))[0] == []


async def test_where_everything_was_dropped_the_chain_still_goes_on(store: Database) -> None:
    head = await presses(store, 3)
    assert await dropped(store, 99) == 3
    assert await do(store, journal.head, "g1", LANE) == head
    await presses(store, 2, first=3, head=head)
    faults, (walked,) = await verified(store)
    assert (faults, walked.begins, walked.rows) == ([], 3, 2)


async def test_a_clock_set_back_drops_nothing_that_is_young(store: Database) -> None:
    head = await presses(store, 2, first=500)
    await presses(store, 1, head=head)
    assert await dropped(store, 99) == 0


async def test_a_press_dated_years_ahead_keeps_nothing_behind_it(store: Database) -> None:
    ahead = event("panic.pressed", id="ahead", at=LATER + 800 * DAY)
    head = await do(store, journal.append, "g1", LANE, [ahead], Head())
    await presses(store, 3, head=head)
    assert await dropped(store, 1.5) == 3


@pytest.mark.parametrize("kept", ["an open alarm", "an alarm", "an unsettled notice"])
async def test_nothing_goes_that_may_still_be_asked_for(store: Database, kept: str) -> None:
    since = NOW + DAY
    assert await do(store, retention.unfinished_since, since) is None
    if kept == "an unsettled notice":
        await owe(store, owed(1, state="done"), owed(2, created_at=NOW + DAY))
        assert await do(store, retention.unfinished_since, since) == NOW + DAY
    else:
        later = an_alarm(9, closed_at=None if kept == "an open alarm" else since)
        ended = an_alarm(1, closed_at=NOW)
        await do(store, alarms.save, [change(one, new=True) for one in (later, ended)])
        assert await do(store, retention.unfinished_since, since) == later.raised_at


async def test_a_checkpoint_that_another_signed_is_not_believed(store: Database) -> None:
    await presses(store, 4)
    stranger = Signer(Fernet.generate_key())
    await do(store, retention.drop_slice, cut(NOW + timedelta(hours=1.5), stranger), 9)
    number, what, says = await named(store)
    assert (number, what) == (2, What.UNSIGNED)
    assert stranger.public in says


ROWS = schema.checkpoints
FORGERIES: dict[str, Callable[[Connection], object]] = {
    "number": lambda c: c.execute(update(ROWS).values(number=3)).close(),
    "hash": lambda c: c.execute(update(ROWS).values(hash=bytes(32))).close(),
    "before": lambda c: c.execute(update(ROWS).values(before=NOW)).close(),
    "at": lambda c: c.execute(update(ROWS).values(at=NOW)).close(),
    "key": lambda c: c.execute(update(ROWS).values(key="")).close(),
    "gone": lambda c: c.execute(delete(ROWS)).close(),
    "row put before": forged(LANE, 1),
}


@pytest.mark.parametrize("forgery", list(FORGERIES))
async def test_whoever_touches_a_checkpoint_is_found(store: Database, forgery: str) -> None:
    await presses(store, 5)
    await dropped(store, 1.5)
    assert (await verified(store))[0] == []
    await do(store, lambda c: FORGERIES[forgery](c) and None)
    faults, _ = await verified(store)
    assert faults
    first = {"gone": What.MISSING, "row put before": What.INSERTED}.get(forgery, What.UNSIGNED)
    assert faults[0].what is first


@pytest.mark.parametrize(("removed", "named_at"), [(0, 4), (1, 5)])
async def test_a_checkpoint_whose_forerunner_was_removed_is_found(
    store: Database, removed: int, named_at: int
) -> None:
    await presses(store, 6)
    for day, hours in enumerate((1.5, 3.5, 4.5)):
        await dropped(store, hours, LATER + day * DAY)
    one = (await made(store))[removed]
    gone = delete(ROWS).where(ROWS.c.number == one.head.number)
    await do(store, lambda c: c.execute(gone).close())
    number, what, says = await named(store)
    assert (number, what) == (named_at, What.UNSIGNED)
    assert says == f"the checkpoint at row {named_at} follows one that is not there"


def test_a_checkpoint_says_what_was_dropped_and_by_which_rule() -> None:
    one = Checkpoint(
        gateway="g1",
        lane=LANE,
        head=Head(number=7, hash=b"\x01" * 32),
        at=NOW,
        before=NOW - DAY,
        previous=b"\x02",
        key=SIGNER.public,
        signature=b"",
    )
    said = one.statement
    for other in (
        replace(one, gateway="g2"),
        replace(one, lane=Lane.EVENT),
        replace(one, head=Head(number=8, hash=one.head.hash)),
        replace(one, head=Head(number=7, hash=bytes(32))),
        replace(one, at=NOW + DAY),
        replace(one, before=NOW),
        replace(one, previous=b""),
    ):
        assert other.statement != said
