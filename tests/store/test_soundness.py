"""What a database says about itself: how large it is, and of how long a past."""

from datetime import timedelta

from adapters.signal import Lane
from gateway.store import journal, soundness
from gateway.store.database import Database
from gateway.store.journal import Head
from tests.domain.making import NOW, event
from tests.store.making import do


async def test_the_extent_reaches_from_the_first_to_the_last_event_of_both_lanes(
    store: Database,
) -> None:
    empty = await do(store, soundness.extent, "g1")
    assert empty.span == timedelta()
    passages = [
        event("passage.granted", id=f"p{n}", at=NOW + timedelta(hours=n)) for n in range(1, 50)
    ]
    await do(store, journal.append, "g1", Lane.EVENT, passages, Head())
    await do(store, journal.append, "g1", Lane.ALARM, [event("panic.pressed")], Head())
    found = await do(store, soundness.extent, "g1")
    assert found.span == timedelta(hours=49)
    assert found.size_bytes >= empty.size_bytes > 10_000
