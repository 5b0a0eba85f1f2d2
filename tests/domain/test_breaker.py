"""The breaker: when it opens, when it closes, and how long a delivery waits."""

from datetime import timedelta

import pytest

from gateway.domain import breaker
from gateway.domain.breaker import Breaker
from gateway.domain.kind import Priority


def test_three_different_deliveries_in_a_row_open_it() -> None:
    one = Breaker()
    assert [one.failure(number, 0.0) for number in (1, 2, 3, 4)] == [False, False, True, False]
    assert one.is_open


def test_one_delivery_that_fails_for_ever_does_not_open_it() -> None:
    one = Breaker()
    assert not any(one.failure(1, float(n)) for n in range(50))


def test_an_answer_between_starts_the_row_anew() -> None:
    one = Breaker()
    one.failure(1, 0)
    one.failure(2, 0)
    assert not one.success()
    assert not one.failure(3, 0)


def test_an_answer_closes_it_and_forgets_who_failed() -> None:
    one = Breaker()
    for number in (1, 2, 3):
        one.failure(number, 7.0)
    assert (one.last_failed, one.next_probe_at) == (3, 7.5)
    assert one.success()
    assert (one.is_open, one.last_failed, one.failed) == (False, None, [])


@pytest.mark.parametrize(
    ("attempts", "about_s"), [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, 30), (1000, 30)]
)
def test_waits_double_from_half_a_second_to_half_a_minute(attempts: int, about_s: float) -> None:
    assert breaker.wait_s(attempts, 1.0) == about_s
    assert breaker.wait_s(attempts, 0.8) == pytest.approx(about_s * 0.8)


@pytest.mark.parametrize(
    ("priority", "asked_s", "granted_s"),
    [(0, 1, 1), (0, 300, 2), (1, 300, 60), (3, 59, 59), (1, 0, 0), (1, -5, 0)],
)
def test_a_receivers_wish_is_granted_up_to_its_cap(
    priority: int, asked_s: int, granted_s: float
) -> None:
    assert breaker.capped(timedelta(seconds=asked_s), Priority(priority)) == granted_s
