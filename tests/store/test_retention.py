"""Retention: old passages go in slices, and what stays is still a whole chain."""

from datetime import timedelta

from cryptography.fernet import Fernet

from adapters.signal import Lane
from gateway.store import journal, retention
from gateway.store.database import Database
from gateway.store.journal import Fault, Head
from gateway.store.sealed import Seal
from tests.domain.making import NOW, event
from tests.harness.changed import replace
from tests.store.making import do

SEAL = Seal(Fernet.generate_key())
LANE = Lane.EVENT


async def _passages(store: Database, count: int) -> Head:
    events = [
        replace(
            event("passage.granted", "gate-1"),
            id=f"p{number}",
            received_at=NOW + timedelta(hours=number),
        )
        for number in range(count)
    ]
    return await do(store, journal.append, "g1", LANE, events, Head())


async def test_what_is_old_is_dropped_and_the_chain_goes_on_from_the_checkpoint(
    store: Database,
) -> None:
    end = await _passages(store, 6)
    dropped = await do(
        store, retention.drop_slice, SEAL, "g1", LANE, NOW + timedelta(hours=3, minutes=1), NOW
    )
    begun = await do(store, retention.checkpoint, "g1", LANE)
    assert begun is not None
    walked = await do(store, lambda c: list(journal.verify(c, "g1", LANE, begun.head)))
    assert (dropped, begun.head.number, walked[-1]) == (4, 4, end)
    assert retention.is_genuine(begun, SEAL, "g1", LANE)


async def test_a_checkpoint_that_another_signed_is_not_ours(store: Database) -> None:
    await _passages(store, 3)
    forged = Seal(Fernet.generate_key())
    await do(store, retention.drop_slice, forged, "g1", LANE, NOW + timedelta(days=9), NOW)
    begun = await do(store, retention.checkpoint, "g1", LANE)
    assert begun is not None
    assert not retention.is_genuine(begun, SEAL, "g1", LANE)


async def test_rows_that_vanish_without_a_checkpoint_are_missed(store: Database) -> None:
    await _passages(store, 3)
    await do(store, retention.drop_slice, SEAL, "g1", LANE, NOW + timedelta(hours=1), NOW)
    (fault,) = await do(store, lambda c: list(journal.verify(c, "g1", LANE)))
    assert isinstance(fault, Fault)


async def test_the_last_row_stays_however_old_it_is(store: Database) -> None:
    end = await _passages(store, 3)
    await do(store, retention.drop_slice, SEAL, "g1", LANE, NOW + timedelta(days=9), NOW)
    assert await do(store, journal.head, "g1", LANE) == end
