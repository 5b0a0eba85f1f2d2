"""Alarms in the order of the console's list."""

from gateway.domain.alarm import Alarm, Hidden, State
from gateway.domain.kind import Priority
from gateway.store import alarms, gravity
from gateway.store.alarms import Filter
from gateway.store.database import Database
from tests.domain.making import NOW, later
from tests.store.making import an_alarm, change, do

P0, P1, P2 = Priority.P0, Priority.P1, Priority.P2
OPEN = Filter(is_open=True)


async def saved(store: Database, *ones: Alarm) -> None:
    await do(store, alarms.save, [change(one, new=True) for one in ones])


async def test_the_gravest_come_first_then_what_nobody_has_seen_then_the_oldest(
    store: Database,
) -> None:
    await saved(
        store,
        an_alarm(8, priority=P1, hidden=Hidden.SHELVED),
        an_alarm(7, priority=P2),
        an_alarm(6, priority=P0, test=True),
        an_alarm(5, priority=P1, raised_at=later(5)),
        an_alarm(4, priority=P1),
        an_alarm(3, priority=P0, state=State.ACKNOWLEDGED, claimed_by="a"),
        an_alarm(2, priority=P0, claimed_by="a", raised_at=later(9)),
        an_alarm(1, priority=P0, hidden=Hidden.SUPPRESSED),
        an_alarm(9, priority=P0, state=State.NORMAL, closed_at=NOW),
    )
    found = await do(store, gravity.listed, OPEN, 99)
    assert [int(one.id, 16) for one in found] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert found == sorted(found, key=gravity.place)


async def test_its_pages_leave_none_out_and_repeat_none(store: Database) -> None:
    ones = [
        an_alarm(
            key,
            priority=Priority(key % 3),
            raised_at=later(key // 7),
            state=State.ACKNOWLEDGED if key % 2 else State.UNACKNOWLEDGED,
        )
        for key in range(1, 41)
    ]
    await saved(store, *ones)
    seen: list[str] = []
    after = None
    while page := await do(store, gravity.listed, OPEN, 7, after):
        seen += [one.id for one in page]
        after = gravity.place(page[-1])
    assert seen == [one.id for one in sorted(ones, key=gravity.place)]
