"""The course of a subscription: what its numbers make of what happened."""

import pytest

from adapters.devices.onvif.course import EARLIES, HASTES, SETTLING_S, Course
from adapters.devices.onvif.subscription import INITIAL, STEADY, Do, Happened, State

HOLD_S = 30.0


def _course(state: State = State.HOLDING, quiet_s: float | None = None) -> Course:
    course = Course(hold_s=HOLD_S, quiet_s=quiet_s, state=state)
    course.created(600.0, 0.0)
    return course


@pytest.mark.parametrize("granted_s", [-3600.0, 0.0, 10.0, 28 * 86400.0])
def test_a_grant_that_was_misread_or_never_ends_is_renewed_with_an_absolute_time(
    granted_s: float,
) -> None:
    course = Course(hold_s=HOLD_S, state=State.CREATING)
    assert course.goes(course.created(granted_s, 5.0), 5.0) is Do.RENEW_UNTIL


@pytest.mark.parametrize("granted_s", [90.0, 600.0, 3600.0, None])
def test_a_grant_of_its_own_is_taken_as_it_is(granted_s: float | None) -> None:
    course = Course(hold_s=HOLD_S, state=State.CREATING)
    assert course.goes(course.created(granted_s, 5.0), 5.0) is Do.SEEK


def test_a_camera_is_held_only_for_what_its_subscription_outlasts() -> None:
    course = Course(hold_s=HOLD_S, state=State.HOLDING)
    course.created(20.0, 0.0)
    assert course.timeout_s() == 10.0


def test_after_messages_the_next_pull_goes_at_once() -> None:
    course = _course()
    do = course.goes(course.pulled(3, 12.0, 600.0, 100.0), 100.0)
    assert (do, course.rest_s(do, 0.9)) == (Do.PULL, 0.0)


def test_after_a_held_reply_nothing_is_waited_for_and_after_an_early_one_a_breath() -> None:
    course = _course()
    do = course.goes(course.pulled(0, 30.0, 600.0, 100.0), 100.0)
    assert course.rest_s(do, 1.0) == 0.0
    do = course.goes(course.pulled(0, 0.1, 600.0, 100.0), 100.0)
    assert (course.rest_s(do, 0.0), course.rest_s(do, 1.0)) == (0.2, 1.0)


def test_three_early_replies_in_a_row_make_it_polled_and_a_held_one_ends_that() -> None:
    course = _course()
    done = [course.goes(course.pulled(0, 0.1, 600.0, 1.0), 1.0) for _ in range(EARLIES)]
    assert (course.state, done[-1]) == (State.POLLING, Do.PULL_PACED)
    assert course.rest_s(Do.PULL_PACED, 1.0) == 1.0
    done = [course.goes(course.pulled(0, 0.1, 600.0, 1.0), 1.0) for _ in range(9)]
    assert course.rest_s(done[-1], 1.0) == 5.0
    course.goes(course.pulled(0, 30.0, 600.0, 1.0), 1.0)
    assert course.state is State.HOLDING


def test_two_early_replies_and_a_message_do_not_make_it_polled() -> None:
    course = _course()
    for told in (0, 0, 1, 0, 0):
        course.goes(course.pulled(told, 0.1, 600.0, 1.0), 1.0)
    assert course.state is State.HOLDING


def test_one_that_never_stops_telling_is_not_asked_without_end() -> None:
    course = _course()
    for _ in range(HASTES + 1):
        assert course.goes(course.pulled(100, 0.001, 600.0, 1.0), 1.0) is Do.PULL
    assert course.rest_s(Do.PULL, 0.0) > 0
    do = course.goes(course.pulled(1, 3.0, 600.0, 1.0), 1.0)
    assert course.rest_s(do, 0.0) == 0


def test_its_initial_state_ends_with_the_first_empty_reply() -> None:
    course = _course(State.SETTLING)
    course.goes(course.pulled(7, 0.0, 600.0, 1.0), 1.0)
    assert course.state in INITIAL
    course.goes(course.pulled(0, 0.0, 600.0, 2.0), 2.0)
    assert course.state in STEADY


def test_its_initial_state_ends_by_time_where_it_never_stops_telling() -> None:
    course = _course(State.SYNCHRONISING)
    course.goes(Happened.SYNCHRONISED, 10.0)
    for now_s in (10.1, 12.0, 14.9):
        course.goes(course.pulled(100, 0.0, 600.0, now_s), now_s)
        assert course.state in INITIAL
    course.goes(course.pulled(100, 0.0, 600.0, 10.0 + SETTLING_S), 10.0 + SETTLING_S)
    assert course.state in STEADY


def test_it_is_not_renewed_while_its_pulls_prolong_it() -> None:
    course = _course()
    for now_s in range(30, 3000, 30):
        course.pulled(0, 30.0, 600.0, float(now_s))
        assert course.due(float(now_s)) is None


def test_it_is_renewed_at_half_its_time_where_pulls_do_not_prolong_it() -> None:
    course = _course()
    for now_s in (30.0, 150.0, 299.0):
        course.pulled(0, 30.0, 600.0 - now_s, now_s)
        assert course.due(now_s) is None
    course.pulled(0, 30.0, 600.0 - 301.0, 301.0)
    assert course.due(301.0) is Happened.RENEWAL_DUE
    course.renewed(600.0, 301.0)
    assert course.due(301.0) is None


def test_a_failed_renewal_is_no_loss_and_is_not_repeated() -> None:
    course = _course()
    course.pulled(0, 30.0, 200.0, 400.0)
    course.goes(Happened.RENEWAL_DUE, 400.0)
    assert course.goes(course.not_renewed(400.0), 400.0) is Do.PULL
    for now_s in (590.0, 700.0, 9999.0):
        course.pulled(0, 30.0, 10.0, now_s)  # it is prolonged, and still nearly over
        assert course.due(now_s) is None


def test_an_aborted_pull_is_followed_by_a_comparison_and_a_second_one_by_a_new_life() -> None:
    course = _course()
    assert course.goes(course.failed(), 1.0) is Do.SEEK
    assert course.goes(Happened.NOTHING_SOUGHT, 1.0) is Do.SYNCHRONISE
    assert course.goes(Happened.SYNCHRONISED, 1.0) is Do.PULL
    assert course.state in INITIAL
    assert course.goes(course.failed(), 1.0) is Do.LEAVE


@pytest.mark.parametrize("unsubscribed", [Happened.UNSUBSCRIBED, Happened.NOT_UNSUBSCRIBED])
def test_one_that_cannot_tell_its_state_again_gets_a_new_subscription_after_a_lost_reply(
    unsubscribed: Happened,
) -> None:
    course = _course()
    course.goes(course.failed(), 1.0)
    course.goes(Happened.NOTHING_SOUGHT, 1.0)
    assert course.goes(course.not_synchronised(), 1.0) is Do.PULL
    assert course.goes(course.pulled(1, 0.1, 600.0, 2.0), 2.0) is Do.PULL
    assert course.goes(course.pulled(0, 1.0, 600.0, 3.0), 3.0) is Do.UNSUBSCRIBE
    assert course.goes(unsubscribed, 3.0) is Do.CREATE
    course.goes(course.created(600.0, 3.0), 3.0)
    course.goes(Happened.NOTHING_SOUGHT, 3.0)
    course.goes(course.not_synchronised(), 3.0)
    assert course.state is State.SETTLING


def test_between_two_aborted_pulls_one_reply_is_enough() -> None:
    course = _course()
    course.goes(course.failed(), 1.0)
    course.goes(Happened.NOTHING_SOUGHT, 1.0)
    course.goes(Happened.SYNCHRONISED, 1.0)
    course.goes(course.pulled(0, 1.0, 600.0, 2.0), 2.0)
    assert course.goes(course.failed(), 3.0) is Do.SEEK


def test_a_reply_that_may_have_lost_another_is_followed_by_a_comparison_but_not_without_end() -> (
    None
):
    course = _course(State.SETTLING)
    course.doubt()
    assert course.due(100.0) is None
    course.state = State.HOLDING
    assert course.due(100.0) is Happened.DOUBTED
    assert course.goes(Happened.DOUBTED, 100.0) is Do.SEEK
    course.state = State.HOLDING
    course.doubt()
    assert (course.due(109.0), course.due(110.0)) == (None, Happened.DOUBTED)


def test_a_pull_on_a_closed_connection_is_compared_repeated_briefly_and_at_last_a_failure() -> None:
    course = _course()
    for now_s in (1.0, 11.0):
        assert course.goes(course.raced(), now_s) is Do.PULL
        assert course.due(now_s) is Happened.DOUBTED  # before that pull goes out
    assert course.goes(course.raced(), 11.5) is Do.SEEK
    course = _course()
    course.raced()
    assert course.timeout_s() == 1.0
    course.goes(course.pulled(0, 1.0, 600.0, 2.0), 2.0)
    assert course.due(2.0) is Happened.DOUBTED
    assert course.timeout_s() == HOLD_S
    assert [course.goes(course.raced(), 3.0) for _ in range(3)] == [Do.PULL, Do.PULL, Do.SEEK]


def test_a_camera_is_lost_ten_seconds_after_its_hold_and_has_one_more_chance() -> None:
    course = _course()
    assert course.patience_s() == HOLD_S + 10.0
    course.failed()
    assert course.patience_s() == 20.0


def test_a_forgotten_subscription_is_made_again_but_not_twice_in_a_minute() -> None:
    course = _course()
    assert course.goes(course.gone(100.0), 100.0) is Do.CREATE
    course.goes(course.created(600.0, 100.0), 100.0)
    for one in (Happened.NOTHING_SOUGHT, Happened.SYNCHRONISED):
        course.goes(one, 100.0)
    assert course.goes(course.gone(110.0), 110.0) is Do.LEAVE


def test_a_grant_of_weeks_is_made_anew_each_hour_only_where_unsubscribe_works() -> None:
    course = _course()
    course.created(28 * 86400.0, 0.0)
    assert course.due(3599.0) is None
    assert course.due(3600.0) is Happened.AGED
    assert course.goes(Happened.AGED, 3600.0) is Do.UNSUBSCRIBE
    assert course.goes(course.not_unsubscribed(), 3600.0) is Do.PULL
    assert course.due(9999.0) is None


def test_one_silent_for_days_is_asked_for_everything_once_in_that_time() -> None:
    course = _course(quiet_s=1000.0)
    course.pulled(0, 30.0, 600.0, 999.0)
    assert course.due(999.0) is None
    assert course.due(1000.0) is Happened.QUIET
    assert course.goes(Happened.QUIET, 1000.0) is Do.SYNCHRONISE
    assert course.goes(Happened.SYNCHRONISED, 1000.0) is Do.PULL
    assert course.goes(course.pulled(1, 0.1, 600.0, 1001.0), 1001.0) is Do.PULL
    course.pulled(0, 30.0, 600.0, 1999.0)
    assert (course.state, course.due(1999.0)) == (State.HOLDING, None)


def test_one_that_then_still_says_nothing_gets_a_new_subscription() -> None:
    course = _course(quiet_s=1000.0)
    course.goes(Happened.QUIET, 1000.0)
    course.goes(Happened.SYNCHRONISED, 1000.0)
    assert course.goes(course.pulled(0, 5.0, 600.0, 1005.0), 1005.0) is Do.UNSUBSCRIBE
    assert course.goes(Happened.UNSUBSCRIBED, 1005.0) is Do.CREATE


def test_push_that_falls_silent_is_proven_and_else_given_up_for_pull() -> None:
    course = _course()
    h, d = Happened, Do
    assert course.goes(h.PUSH_PROVEN, 0.0) is d.LISTEN
    assert course.goes(h.UNHEARD, 900.0) is d.SYNCHRONISE_PUSH
    assert course.goes(h.SYNCHRONISED, 900.0) is d.LISTEN
    assert course.goes(h.HEARD, 901.0) is d.LISTEN
    assert course.state is State.PUSHED
    course.goes(h.UNHEARD, 1800.0)
    course.goes(h.NOT_SYNCHRONISED, 1800.0)
    assert course.goes(h.UNHEARD, 1810.0) is d.SEEK
    assert course.goes(h.NOTHING_SOUGHT, 1810.0) is d.SYNCHRONISE
    assert course.goes(h.SYNCHRONISED, 1810.0) is d.PULL
