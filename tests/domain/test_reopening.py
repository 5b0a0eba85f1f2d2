"""Reopening: a closing is taken back, by whom, until when, and what the alarm is then."""

from datetime import timedelta

import pytest

from gateway.domain import decision, escalation, reopening, steps
from gateway.domain.alarm import Alarm, Disposition, State
from gateway.domain.decision import Change
from gateway.domain.errors import Incomplete, NotYours, StaysClosed, StepRefused, WhyClosed
from gateway.domain.escalation import Ladder, Rung, Why
from gateway.domain.operator import Operator
from gateway.domain.steps import By
from tests.domain.making import CENTRE, DISPATCHER, NOW, alarm, event, later
from tests.harness.changed import replace

BY = By(name="aigerim", now=NOW, note="the wrong row")
LASTS = timedelta(seconds=120)


def ended(**more: object) -> Alarm:
    """One that a person held, answered, and closed as false."""
    held = alarm(
        state=State.ACKNOWLEDGED,
        claimed_by="bolat",
        claimed_at=later(-60),
        responded="dispatched",
        version=3,
        raised_at=later(-90),
        asks_since=later(-90),
        last_at=later(-90),
    )
    closed = steps.close(held, By(name="bolat", now=later(-20), note="a child"), Disposition.FALSE)
    return replace(closed.alarm, **more)


def reopened(before: Alarm, by: By = BY, operator: Operator = DISPATCHER) -> Change:
    return reopening.reopen(before, operator, by, LASTS)


def test_a_closed_alarm_is_open_again_and_held_by_whoever_reopens_it() -> None:
    after = reopened(ended()).alarm
    assert (after.state, after.is_open, after.closed_at) == (State.ACKNOWLEDGED, True, None)
    assert (after.claimed_by, after.claimed_at) == ("aigerim", NOW)
    assert after.claimed_until == NOW + LASTS
    assert (after.disposition, after.note, after.version) == (None, "the wrong row", 5)


def test_the_time_line_says_who_reopened_it_why_and_how_it_had_ended() -> None:
    change = reopened(ended())
    line = change.transition
    assert (line.what, line.by, line.note) == ("reopen", "aigerim", "the wrong row")
    assert (line.before, line.after) == (State.NORMAL, State.ACKNOWLEDGED)
    assert (line.data, change.notice) == ({"was": "false"}, "reopened")


def test_a_closing_keeps_in_its_own_line_how_it_ended() -> None:
    change = steps.close(alarm(), BY, Disposition.SUSPICIOUS)
    assert change.transition.data == {"disposition": "suspicious"}


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_nothing_is_reopened_without_a_reason(reason: str | None) -> None:
    with pytest.raises(Incomplete, match="reason"):
        reopened(ended(), replace(BY, note=reason))


def test_an_alarm_that_is_open_is_not_reopened() -> None:
    with pytest.raises(StepRefused, match="while the alarm is UNACKNOWLEDGED"):
        reopened(alarm())


def test_what_nobody_closed_is_not_reopened() -> None:
    with pytest.raises(StaysClosed, match="by itself") as refused:
        reopened(ended(disposition=None))
    assert refused.value.reason is WhyClosed.BY_ITSELF


def test_it_is_reopened_for_a_day_and_no_longer() -> None:
    closed_at = ended().closed_at
    assert closed_at is not None
    last = closed_at + reopening.WITHIN
    assert reopened(ended(), replace(BY, now=last)).alarm.is_open
    with pytest.raises(StaysClosed, match="24 hours") as refused:
        reopened(ended(), replace(BY, now=last + timedelta(seconds=1)))
    assert refused.value.reason is WhyClosed.TOO_LATE


def test_no_machine_reopens_not_even_the_authority() -> None:
    with pytest.raises(NotYours):
        reopened(ended(), operator=CENTRE)


def test_a_test_comes_back_as_a_test() -> None:
    assert reopened(ended(test=True)).alarm.test


def test_what_the_centre_closed_is_reopened_too() -> None:
    shut = replace(ended(), claimed_by=None)
    assert reopened(shut).alarm.claimed_by == "aigerim"


def test_the_ladder_begins_anew_with_a_claim_that_nobody_answers_for() -> None:
    after = reopened(ended()).alarm
    due = [escalation.due(after, Ladder(), later(seconds), is_armed=True) for seconds in (119, 120)]
    assert due == [None, (Rung.SUPERVISOR, Why.NO_RESPONSE)]


def test_whoever_reopened_it_and_is_gone_leaves_it_asking_from_then_on() -> None:
    after = reopened(ended()).alarm
    free = steps.lapse(after, By(name="time", now=later(25))).alarm
    assert (free.state, free.claimed_by) == (State.UNACKNOWLEDGED, None)
    climbed = escalation.due(free, Ladder(), later(31), is_armed=True)
    assert climbed == (Rung.SUPERVISOR, Why.UNCLAIMED)


@pytest.mark.parametrize(("pressed_s", "told"), [(-50, "repeated"), (-61, "raised")])
def test_a_press_folds_by_the_press_before_it_not_by_the_reopening(
    pressed_s: float, told: str
) -> None:
    after = reopened(ended(last_at=later(pressed_s))).alarm
    press = replace(event("panic.pressed"), received_at=NOW)
    (change,) = decision.decide(press, [after], after.priority, "test", test=False)
    assert (change.notice, change.alarm.state) == (told, State.UNACKNOWLEDGED)
