"""Alarms and their time lines as rows."""

from datetime import timedelta
from typing import Any

from gateway.domain.alarm import Disposition, Hidden, State, TimeQuality
from gateway.domain.kind import Priority
from gateway.store import alarms, dues
from gateway.store.alarms import Filter
from gateway.store.database import Database
from gateway.store.prepared import ask
from tests.domain.making import NOW, later
from tests.harness.changed import replace
from tests.store.making import an_alarm, change, do

P1, P2 = Priority.P1, Priority.P2


async def saved(store: Database, *keys: int) -> None:
    await do(store, alarms.save, [change(an_alarm(key), new=True) for key in keys])


async def test_an_alarm_is_read_as_it_was_written(store: Database) -> None:
    whole = an_alarm(
        1,
        state=State.ACKNOWLEDGED,
        hidden=Hidden.SHELVED,
        hidden_until=later(9),
        silent=True,
        doubt="moved",
        zone="hall",
        sort="panic-button",
        pressed_quality=TimeQuality.FREE,
        claimed_by="Әйгерім",
        claimed_until=later(8),
        responded="accepted",
        disposition=Disposition.FALSE,
        note="бір\nекі",
        repeats_owed=("r1", 'r"2'),
        repeats_due_at=later(7),
        repeats_since=later(6),
    )
    await do(store, alarms.save, [change(whole, new=True)])
    assert await do(store, alarms.get, whole.id) == whole
    assert await do(store, alarms.get, whole.id, hold=True) == whole
    assert set(whole.__struct_fields__) == set(alarms._FIELDS)  # noqa: SLF001 - the pin


async def test_an_alarm_that_nobody_raised_is_none(store: Database) -> None:
    assert await do(store, alarms.get, "f" * 32) is None


async def test_the_oldest_real_p0_that_is_open_at_those_sites_is_found(store: Database) -> None:
    harmless: list[dict[str, Any]] = [
        {"priority": P1},
        {"test": True},
        {"site": "school-13"},
        {"site": None},
        {"closed_at": later(9), "state": State.NORMAL},
    ]
    ones = [an_alarm(key, **one) for key, one in enumerate(harmless, 1)]
    await do(store, alarms.save, [change(one, new=True) for one in ones])
    assert await do(store, alarms.real_p0, ["school-12", "school-14"]) is None
    await saved(store, 9, 8)
    found = await do(store, alarms.real_p0, ["school-12", "school-14"])
    assert found == (an_alarm(8).id, "school-12")


async def test_two_changes_of_one_new_alarm_are_one_row_and_two_lines(store: Database) -> None:
    first = an_alarm(1)
    again = replace(first, count=2)
    await do(store, alarms.save, [change(first, new=True), change(again, "repeat")])
    assert await do(store, alarms.get, first.id) == again
    lines = await do(store, alarms.time_line, first.id)
    assert [line.what for line in lines] == ["raise", "repeat"]


async def test_a_changed_alarm_is_written_over(store: Database) -> None:
    await saved(store, 1, 2)
    seen = an_alarm(1, state=State.ACKNOWLEDGED, version=2)
    await do(store, alarms.save, [change(seen, "acknowledge")])
    assert await do(store, alarms.get, seen.id) == seen
    assert await do(store, alarms.get, an_alarm(2).id) == an_alarm(2)


async def test_the_open_alarms_of_devices_come_oldest_first(store: Database) -> None:
    ones = [
        an_alarm(3, device="a"),
        an_alarm(1, device="a"),
        an_alarm(2, device="b"),
        an_alarm(4, device="a", state=State.NORMAL, closed_at=NOW),
        an_alarm(5, device="c"),
    ]
    await do(store, alarms.save, [change(one, new=True) for one in ones])
    found = await do(store, ask, alarms.opening(["a", "b"]))
    assert [one.id for one in found] == [an_alarm(key).id for key in (1, 2, 3)]


async def test_pages_of_alarms_leave_none_out_and_repeat_none(store: Database) -> None:
    same = [an_alarm(key, raised_at=later(key // 3)) for key in range(10)]
    await do(store, alarms.save, [change(one, new=True) for one in same])
    after, seen = None, []
    while page := await do(store, alarms.listed, Filter(), 3, after):
        seen += [one.id for one in page]
        after = (page[-1].raised_at, page[-1].id)
    assert seen == [one.id for one in sorted(same, key=lambda a: (a.raised_at, a.id))][::-1]


async def test_a_list_is_filtered_as_asked(store: Database) -> None:
    ones = [
        an_alarm(1, priority=P1, district="medeu"),
        an_alarm(2, district="auezov", site="school-9"),
        an_alarm(3, district=None, site=None),
        an_alarm(4, state=State.NORMAL, closed_at=NOW),
    ]
    await do(store, alarms.save, [change(one, new=True) for one in ones])

    async def listed(wanted: Filter) -> set[int]:
        return {int(one.id, 16) for one in await do(store, alarms.listed, wanted, 9, None)}

    assert await listed(Filter(is_open=True)) == {1, 2, 3}
    assert await listed(Filter(is_open=False)) == {4}
    assert await listed(Filter(priority=P1)) == {1}
    assert await listed(Filter(site="school-9")) == {2}
    assert await listed(Filter(since=later(3))) == {3, 4}
    assert await listed(Filter(districts=frozenset({"auezov"}))) == {2, 3}


async def test_time_finds_what_it_has_to_do(store: Database) -> None:
    ones = [
        an_alarm(1, repeats_owed=("r",), repeats_due_at=NOW),
        an_alarm(2, hidden=Hidden.SHELVED, hidden_until=NOW),
        an_alarm(3, state=State.ACKNOWLEDGED, claimed_by="a", claimed_until=NOW),
        an_alarm(
            4, state=State.ACKNOWLEDGED, claimed_by="a", claimed_until=NOW, responded="accepted"
        ),
    ]
    await do(store, alarms.save, [change(one, new=True) for one in ones])
    early = NOW - timedelta(seconds=1)
    for find, expected in (
        (dues.due, ones[0]),
        (dues.shelved_until, ones[1]),
        (dues.lapsed, ones[2]),
    ):
        assert await do(store, find, early, 9) == []
        assert await do(store, find, NOW, 9) == [expected]
    assert not await do(store, dues.anything_due, early)
    assert await do(store, dues.anything_due, NOW)


async def test_a_sign_of_life_extends_only_the_holders_open_claims(store: Database) -> None:
    ones = [an_alarm(key, claimed_by=by, claimed_until=NOW) for key, by in ((1, "a"), (2, "b"))]
    await do(store, alarms.save, [change(one, new=True) for one in ones])
    await do(store, dues.extend_claims, ["a"], later(60))
    found = {
        one.id: one.claimed_until for one in await do(store, alarms.by_ids, [o.id for o in ones])
    }
    assert found == {ones[0].id: later(60), ones[1].id: NOW}


async def test_the_open_are_counted_by_priority(store: Database) -> None:
    ones = [
        an_alarm(1),
        an_alarm(2, priority=P2),
        an_alarm(3, priority=P2),
        an_alarm(4, closed_at=NOW),
    ]
    await do(store, alarms.save, [change(one, new=True) for one in ones])
    assert await do(store, alarms.open_counts) == {Priority.P0: 1, P2: 2}


async def test_the_last_step_is_a_persons_and_not_a_devices(store: Database) -> None:
    await saved(store, 1)
    for what, by in (("claim", "aigerim"), ("repeat", "button-1"), ("note", "bolat")):
        await do(store, alarms.save, [change(an_alarm(1), what, by)])
    last = await do(store, alarms.last_step, an_alarm(1).id)
    assert last is not None
    assert (last.what, last.by) == ("claim", "aigerim")
