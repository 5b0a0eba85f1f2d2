"""Shares, rates and silences are what their counts say."""

from datetime import timedelta

import pytest

from gateway.domain import figures
from gateway.domain.figures import GOALS, Claims, Quiet, Silence
from gateway.domain.period import Period
from gateway.domain.shift import Shift
from tests.domain.making import NOW, later

HOUR = Period(since=NOW, until=later(3600))


def shift(person: str, begin: float, end: float | None, key: str = "") -> Shift:
    ended_at = None if end is None else later(end)
    return Shift(id=key or person, person=person, began_at=later(begin), ended_at=ended_at)


def test_a_goal_is_met_only_by_the_share_of_all_that_were_raised() -> None:
    some = Claims(raised=10, after_s={12: 5, 30: 3, 31: 1})
    assert some.share(30) == pytest.approx(0.8)
    assert [some.meets(goal) for goal in GOALS] == [True, False]
    assert Claims(raised=10, after_s={12: 7, 31: 3}).meets(GOALS[0]) is False


def test_nothing_is_met_or_missed_when_nothing_was_raised() -> None:
    assert Claims(raised=0).share(30) is None
    assert Claims(raised=0).meets(GOALS[0]) is None
    assert Claims(raised=0).slowest_s(0.5) is None


def test_the_half_has_no_time_when_more_than_the_half_was_never_taken() -> None:
    assert Claims(raised=4, after_s={3: 1, 9: 1}).slowest_s(0.5) == 9
    assert Claims(raised=5, after_s={3: 1, 9: 1}).slowest_s(0.5) is None


def test_alarms_are_shared_by_who_is_on_duty_in_their_ten_minutes() -> None:
    found = figures.slots(HOUR, {0: 22, 3: 4}, [shift("a", -60, 1500), shift("b", 30, None)])
    assert [slot.operators for slot in found] == [2, 2, 2, 1, 1, 1]
    assert [slot.each for slot in found] == [11, 0, 0, 4, 0, 0]
    assert [slot.is_flood for slot in found] == [True, False, False, False, False, False]


def test_one_person_with_two_shifts_in_ten_minutes_is_one_person() -> None:
    found = figures.slots(HOUR, {}, [shift("a", 0, 100, "x"), shift("a", 200, None, "y")])
    assert found[0].operators == 1


def test_all_alarms_are_ones_when_nobody_was_on_duty_and_that_is_counted() -> None:
    found = figures.load(figures.slots(HOUR, {1: 12}, []))
    assert found is not None
    assert (found.worst, found.floods, found.unmanned, found.average) == (12, 1, 1, 2)


def test_a_shift_that_nobody_ended_counts_for_a_day_and_no_longer() -> None:
    later_day = Period(since=later(86_400 - 600), until=later(86_400 + 600))
    found = figures.slots(later_day, {}, [shift("a", 0, None)])
    assert [slot.operators for slot in found] == [1, 0]


def test_a_period_of_no_length_has_no_load() -> None:
    nothing = Period(since=NOW, until=NOW)
    assert figures.load(figures.slots(nothing, {}, [])) is None


def test_loads_are_of_the_ten_minutes_that_begin_in_each_piece() -> None:
    halves = [Period(since=NOW, until=later(1800)), Period(since=later(1800), until=later(3600))]
    found = figures.loads(figures.slots(HOUR, {0: 3, 5: 6}, []), halves)
    assert [(one.alarms, one.worst) for one in found] == [(3, 3), (6, 6)]


@pytest.mark.parametrize(
    ("began", "ended", "minutes"),
    [(-600, 600, 10), (600, None, 50), (-600, None, 60), (-600, -1, 0), (600, 700, 100 / 60)],
)
def test_a_silence_counts_only_within_the_period(
    began: float, ended: float | None, minutes: float
) -> None:
    one = Silence(
        district="medeu",
        began_at=later(began),
        ended_at=None if ended is None else later(ended),
        devices=3,
    )
    assert figures.clipped(one, HOUR) == 3 * timedelta(minutes=minutes)


def test_a_district_was_heard_for_what_its_silences_leave() -> None:
    one = Quiet(district="medeu", devices=4, now=1, times=2, silent=timedelta(hours=1))
    assert one.on_average(timedelta(hours=1)) == 1.0
    assert one.heard(timedelta(hours=1)) == pytest.approx(0.75)
    assert one.heard(timedelta(0)) is None
    assert one.heard(timedelta(minutes=1)) == 0.0
