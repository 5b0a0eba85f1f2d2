"""Seeing: what is written once serves all who wait for it."""

from unittest.mock import AsyncMock

from gateway.domain.kind import Priority
from gateway.domain.site import DeviceId
from gateway.domain.stills import BEFORE_S, Fate, asked
from gateway.evidence.picture import Picture
from gateway.evidence.queue import Job, Wanted
from gateway.evidence.room import Room
from gateway.evidence.seeing import Seer
from gateway.store import evidence
from gateway.store.database import Urgency
from tests.evidence.bench import Bench
from tests.evidence.cameras import drawn


async def test_a_picture_of_before_that_many_presses_want_is_written_once(at: Bench) -> None:
    camera, shelf = DeviceId("cam-1"), AsyncMock(wraps=at.shelf())
    pressed, now = [await at.press() for _ in range(3)], at.clock.now()
    wanted = [asked(one.id, now, [camera], [BEFORE_S])[0] for one in pressed]
    await at.database.write(lambda c: evidence.ask(c, wanted, "g1", now), Urgency.EVENT)
    seen = Picture(body=drawn("hall"), content_type="image/jpeg", taken_at=now, fetched_at=now)
    room = Room(database=at.database, shelf=shelf, most_bytes=10**9, clock=at.clock)
    of = (Wanted(still=one, site="s1", priority=Priority.P0, due=0, picture=seen) for one in wanted)
    seer = Seer(desk=at.desk(), room=room, fetch=at.cameras.fetch)
    assert await seer.see_to(Job(camera=camera, site="s1", wanted=tuple(of)))
    assert [[one.fate for one in await at.stills(alarm)] for alarm in pressed] == [[Fate.KEPT]] * 3
    assert shelf.keep.await_count == 1
    assert at.cameras.asked == {}
