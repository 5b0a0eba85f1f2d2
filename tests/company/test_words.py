"""What is said of other gateways and of the store: once when it begins, once when it ends."""

from datetime import timedelta

import pytest

from gateway.company import words
from gateway.company.words import Peers, Store, Word
from tests.company.making import peer, primary

LONG = timedelta(hours=1)


def kinds(said: list[Word]) -> list[str]:
    return [word.kind for word in said]


@pytest.mark.parametrize(
    ("age_s", "left_s", "judged_s", "is_silent"),
    [
        (3, None, 99, False),
        (12, None, 99, False),
        (12.1, None, 99, True),
        (60, None, 5, False),  # we could not see it either
        (60, 50, 99, False),  # it was stopped, and may come back
        (999, 601, 999, True),
    ],
)
def test_a_gateway_is_silent_when_four_beats_are_missed(
    age_s: float, left_s: float | None, judged_s: float, *, is_silent: bool
) -> None:
    judged = timedelta(seconds=judged_s)
    assert words.is_silent(peer("g2", age_s, left_s), judged) is is_silent


def test_a_silent_gateway_is_told_once_until_it_is_silent_again() -> None:
    known = Peers()
    ages = [1, 20, 23, 26, 1, 20, 23]
    said = [known.judge([peer("g2", age), peer("g3", 0)], LONG) for age in ages]
    silent = ["gateway.silent"]
    assert [kinds(each) for each in said] == [[], [], silent, [], [], [], silent]
    assert said[2] == [Word("gateway.silent", "gateway-g2", "no_sign_of_life")]


def test_a_clock_that_was_set_makes_nobody_silent() -> None:
    known = Peers()
    assert [known.judge([peer("g2", age)], LONG) for age in (1, 3600, 2)] == [[], [], []]


def test_a_store_that_goes_alone_and_is_joined_again_is_told_each_time() -> None:
    store = Store(expected=2)
    whole, alone = primary("pg2", "pg3"), primary(names="")
    looks = [whole, whole, alone, alone, alone, whole]
    said = [kinds(store.judge(one)) for one in looks]
    assert said[0] == ["store.joined", "store.standby_back"]  # whoever was before us is put right
    assert said[1:] == [[], [], ["store.alone"], [], ["store.joined"]]


def test_a_lost_standby_is_told_by_name_and_a_moments_absence_is_not() -> None:
    store = Store(expected=2)
    both, one = primary("pg2", "pg3"), primary("pg2")
    said = [store.judge(each) for each in (both, one, both, one, one, one, both)]
    assert [kinds(each) for each in said[1:]] == [
        [],
        [],
        [],
        ["store.standby_lost"],
        [],
        ["store.standby_back"],
    ]
    assert said[4][0].cause == "pg3"


def test_a_store_that_was_never_meant_to_have_standbys_says_nothing() -> None:
    assert Store(expected=1).judge(primary(names="")) == []
