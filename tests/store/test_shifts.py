"""Shifts and hand-overs, there and back, on both databases."""

from datetime import timedelta

import pytest

from gateway.domain import shift as rules
from gateway.domain.period import Period
from gateway.domain.shift import Handover, Shift
from gateway.store import alarms, forgetting, shifts
from gateway.store.database import Database
from gateway.store.shifts import OnDuty
from tests.domain.making import NOW, later
from tests.harness.changed import replace
from tests.store.making import an_alarm, change, do

SHIFT = Shift(id="a" * 32, person="Әйгерім", districts=("medeu",), began_at=NOW)
ENDED = replace(SHIFT, id="b" * 32, began_at=later(-100), ended_at=later(-10), ended_by="chief")


def offered() -> Handover:
    return rules.offer("c" * 32, SHIFT, "bolat", "жаз\nбіл", [an_alarm(1)], later(5))


async def test_a_shift_is_read_as_it_was_written(store: Database) -> None:
    await do(store, shifts.begin, ENDED)
    await do(store, shifts.begin, SHIFT)
    assert await do(store, shifts.standing) == [SHIFT]
    assert await do(store, shifts.get, ENDED.id) == ENDED
    assert await do(store, shifts.of_person, "Әйгерім") == SHIFT
    assert await do(store, shifts.lately, later(-20), 9) == [ENDED]
    assert await do(store, shifts.lately, later(-5), 9) == []


async def test_nobody_is_on_duty_twice_and_the_transaction_goes_on(store: Database) -> None:
    await do(store, shifts.begin, SHIFT)
    with pytest.raises(OnDuty):
        await do(store, shifts.begin, replace(SHIFT, id="d" * 32))
    await do(store, shifts.save, replace(SHIFT, ended_at=later(9), ended_by="Әйгерім"))
    await do(store, shifts.begin, replace(SHIFT, id="d" * 32))
    assert len(await do(store, shifts.standing)) == 1


async def test_the_shifts_of_a_period_are_those_that_touch_it(store: Database) -> None:
    await do(store, shifts.begin, ENDED)
    await do(store, shifts.begin, SHIFT)
    for begin, end, found in ((-200, -100, []), (-99, -1, [ENDED]), (-50, 1, [ENDED, SHIFT])):
        period = Period(since=later(begin), until=later(end))
        assert await do(store, shifts.within, period) == found


async def test_a_hand_over_is_read_as_it_was_written_and_what_was_open_never_changes(
    store: Database,
) -> None:
    one = offered()
    await do(store, shifts.offer, one)
    assert await do(store, shifts.handover, one.id) == one
    assert await do(store, shifts.handover, one.id, hold=True) == one
    assert await do(store, shifts.offered, SHIFT.id) == [one]
    taken = replace(one, taken_at=later(9), taken_by="bolat")
    await do(store, shifts.settle, replace(taken, note="forged", open=()))
    assert await do(store, shifts.handover, one.id) == taken
    assert await do(store, shifts.offered, SHIFT.id) == []
    assert await do(store, shifts.listed, NOW, 9) == [taken]
    assert await do(store, shifts.listed, later(6), 9) == []


async def test_what_is_open_and_held_is_found_by_district_and_person(store: Database) -> None:
    ones = [
        an_alarm(1, claimed_by="a"),
        an_alarm(2, district="auezov", claimed_by="b"),
        an_alarm(3, district=None),
        an_alarm(4, closed_at=NOW, claimed_by="a"),
    ]
    await do(store, alarms.save, [change(one, new=True) for one in ones])
    found = await do(store, shifts.opened, ["medeu"])
    assert {one.id for one in found} == {an_alarm(1).id, an_alarm(3).id}
    assert len(await do(store, shifts.opened, [])) == 3
    assert [one.id for one in await do(store, shifts.held_by, "a")] == [an_alarm(1).id]


async def test_old_shifts_and_hand_overs_are_forgotten_and_standing_ones_stay(
    store: Database,
) -> None:
    await do(store, shifts.begin, ENDED)
    await do(store, shifts.begin, SHIFT)
    await do(store, shifts.offer, offered())
    year = NOW + timedelta(days=365)
    assert await do(store, forgetting.shifts, year, 9) == 1
    assert await do(store, forgetting.handovers, year, 9) == 1
    assert await do(store, shifts.standing) == [SHIFT]
