"""Clocks that drift, and two bodies under one id: believed only after several observations."""

import pytest

from adapters.signal import ClockQuality
from gateway.domain import drift
from gateway.domain.drift import Clocks
from gateway.domain.identity import Bodies
from tests.domain.making import NOW, later

SYNCED, FREE, UNSET = ClockQuality.SYNCED, ClockQuality.FREE, ClockQuality.UNSET


def observed(quality: ClockQuality, *ahead_s: float, every_s: float = 30) -> list[bool | None]:
    clocks = Clocks()
    return [clocks.observe("b", quality, one, n * every_s) for n, one in enumerate(ahead_s)]


@pytest.mark.parametrize(
    ("quality", "ahead_s", "turns"),
    [
        (SYNCED, [6, 6, 6, 6], [None, None, True, None]),
        (SYNCED, [-6, -6, -6], [None, None, True]),
        (SYNCED, [4.9] * 9, [None] * 9),
        (SYNCED, [6, 6, -6, 6], [None] * 4),
        (SYNCED, [6, 6, 0, 6, 6], [None] * 5),
        (SYNCED, [9, 9, 9, 1, 1], [None, None, True, None, False]),
        (SYNCED, [9, 9, 9, 4, 4, 4], [None, None, True, None, None, None]),
        (FREE, [50] * 5, [None] * 5),
        (FREE, [61] * 3, [None, None, True]),
        (UNSET, [9000] * 5, [None] * 5),
    ],
)
def test_a_clock_is_off_after_three_observations_and_right_well_within_its_limit(
    quality: ClockQuality, ahead_s: list[float], turns: list[bool | None]
) -> None:
    assert observed(quality, *ahead_s) == turns


def test_what_comes_in_one_go_waited_in_one_place_and_is_one_observation() -> None:
    assert observed(SYNCED, *[-300] * 20, every_s=0.01) == [None] * 20


def test_the_age_of_what_was_said_is_no_drift() -> None:
    assert drift.ahead_s(later(-90), NOW, 90_000) == 0
    assert drift.ahead_s(later(7), NOW, None) == 7


def test_most_of_them_off_alike_is_our_own_clock_before_any_is_blamed() -> None:
    clocks = Clocks()
    for at_s in (0, 30):
        assert clocks.ours_is_off == 0
        for n, ahead_s in enumerate((7, 8, 7, 0)):
            assert clocks.observe(f"b{n}", SYNCED, ahead_s, at_s) is None
    assert clocks.ours_is_off == 1
    for at_s in (60, 90):
        clocks.observe("b9", SYNCED, -7, at_s)
        clocks.observe("b8", SYNCED, 0, at_s)
    assert clocks.ours_is_off == 0


def test_what_waited_at_a_broker_and_comes_with_less_and_less_is_nobodys_clock() -> None:
    clocks = Clocks()
    found = [
        clocks.observe(f"b{n}", SYNCED, -300 + step * 40, step * 6)
        for step in range(8)
        for n in range(5)
    ]
    assert (set(found), clocks.ours_is_off) == ({None}, 0)


def test_while_ours_is_in_doubt_nobodys_is_judged() -> None:
    clocks = Clocks()
    clocks.is_ours_trusted = False
    assert [clocks.observe("b", SYNCED, 60, n * 30) for n in range(5)] == [None] * 5
    clocks.is_ours_trusted = True
    assert clocks.observe("b", SYNCED, 60, 200) is True


def test_a_clock_that_was_off_before_a_start_comes_right() -> None:
    clocks = Clocks()
    clocks.remember("b")
    assert [clocks.observe("b", SYNCED, 0, n * 30) for n in range(2)] == [None, False]


def taking_turns(*bodies: tuple[str | None, int | None], every_s: float = 30) -> list[str | None]:
    found = Bodies()
    return [found.observe("b", *body, n * every_s) for n, body in enumerate(bodies)]


A, B = ("SN-A", 7), ("SN-B", 7)


@pytest.mark.parametrize(
    ("bodies", "what"),
    [
        ([A, A, B, B, B], None),
        ([A, B, A, A, A], None),
        ([A, B, A, B], "serials_take_turns"),
        ([(None, 7), (None, 3), (None, 7), (None, 3)], "boots_take_turns"),
        ([(None, 7), (None, 1), (None, 2), (None, 3)], None),
        ([(None, n) for n in range(9)], None),
        ([(None, None)] * 4, None),
    ],
)
def test_two_bodies_betray_themselves_by_taking_turns(
    bodies: list[tuple[str | None, int | None]], what: str | None
) -> None:
    assert next((one for one in taking_turns(*bodies) if one), None) == what


def test_old_words_from_a_broker_that_was_away_are_no_second_body() -> None:
    assert not any(taking_turns(*[A, B] * 20, every_s=0.01))


def test_bodies_that_change_an_hour_apart_are_no_two() -> None:
    assert not any(taking_turns(*[A, B] * 4, every_s=3600))
