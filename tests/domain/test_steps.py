"""Steps: what a person, or the centre, may do to an alarm."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.domain import steps
from gateway.domain.alarm import Alarm, Disposition, Hidden, State
from gateway.domain.decision import Change
from gateway.domain.errors import Claimed, Incomplete, NotYours, StepRefused
from gateway.domain.kind import Priority
from gateway.domain.operator import Role
from gateway.domain.steps import CLAIM_LASTS, By, Response, ResponseState
from tests.domain.making import CENTRE, DISPATCHER, NOW, alarm, later
from tests.harness.changed import replace

BY = By(name="aigerim", now=NOW, note="seen")
BOLAT = replace(DISPATCHER, name="bolat")
SUPERVISOR = replace(DISPATCHER, name="saule", role=Role.SUPERVISOR)
HELD = alarm(
    state=State.ACKNOWLEDGED,
    asks_since=NOW,
    claimed_by="aigerim",
    claimed_at=later(-20),
    claimed_until=later(100),
    version=2,
)
CLOSING = replace(HELD, closing_as=Disposition.FALSE, closing_due_at=later(120))


def responded(
    before: Alarm, state: ResponseState, *, may_close: bool = True, how: str | None = None
) -> Change:
    said = Response(id="r1", state=state, disposition=None if how is None else Disposition(how))
    return steps.respond(before, BY, said, may_close=may_close)


def test_a_claim_acknowledges_in_one_step_with_one_notice() -> None:
    change = steps.claim(alarm(), DISPATCHER, NOW)
    assert change is not None
    after = change.alarm
    assert (after.state, after.claimed_by, after.version) == (State.ACKNOWLEDGED, "aigerim", 2)
    assert (after.claimed_until, change.notice) == (NOW + CLAIM_LASTS, "acknowledged")


def test_ones_own_claim_again_leaves_nothing_to_do() -> None:
    assert steps.claim(HELD, DISPATCHER, NOW) is None


def test_a_claimed_alarm_is_not_taken_from_its_holder() -> None:
    with pytest.raises(Claimed, match="taken by aigerim 20 s ago"):
        steps.claim(HELD, BOLAT, NOW)


@pytest.mark.parametrize("responded", [None, "accepted"])
def test_a_claim_that_ran_out_is_free_unless_somebody_responded(responded: str | None) -> None:
    held = replace(HELD, responded=responded)
    if responded:
        with pytest.raises(Claimed):
            steps.claim(held, BOLAT, later(200))
    else:
        change = steps.claim(held, BOLAT, later(200))
        assert change is not None
        assert change.alarm.claimed_by == "bolat"


def test_a_machine_cannot_claim() -> None:
    with pytest.raises(NotYours):
        steps.claim(alarm(), CENTRE, NOW)


def test_a_press_on_a_claimed_alarm_is_claimed_again_by_its_holder() -> None:
    again = replace(HELD, state=State.UNACKNOWLEDGED)
    change = steps.claim(again, DISPATCHER, NOW)
    assert change is not None
    assert (change.alarm.state, change.alarm.version) == (State.ACKNOWLEDGED, 3)


def test_a_returned_alarm_is_over_once_it_was_seen() -> None:
    after = steps.acknowledge(alarm(Priority.P1, state=State.RETURNED), BY).alarm
    assert (after.state, after.closed_at) == (State.NORMAL, NOW)


def test_a_note_is_a_line_and_moves_no_version() -> None:
    change = steps.add_note(alarm(), replace(BY, note="x" * 3000))
    assert change.transition.note == change.alarm.note == "x" * 2000
    assert (change.alarm.version, change.notice) == (1, None)


@pytest.mark.parametrize(
    ("before", "hours", "refusal"),
    [
        (alarm(Priority.P0), 1, StepRefused),
        (alarm(Priority.P1, state=State.NORMAL, closed_at=NOW), 1, StepRefused),
        (alarm(Priority.P1), 0, Incomplete),
        (alarm(Priority.P1), 13, Incomplete),
    ],
)
def test_what_may_not_be_hidden_is_not_shelved(
    before: Alarm, hours: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        steps.shelve(before, BY, NOW + timedelta(hours=hours))


def test_a_shelved_alarm_is_hidden_and_shown_again() -> None:
    hidden = steps.shelve(alarm(Priority.P1), BY, later(60)).alarm
    shown = steps.unshelve(hidden, BY).alarm
    assert (hidden.hidden, hidden.hidden_until, hidden.version) == (Hidden.SHELVED, later(60), 2)
    assert (shown.hidden, shown.hidden_until, shown.version) == (None, None, 3)
    with pytest.raises(StepRefused):
        steps.unshelve(shown, BY)


@pytest.mark.parametrize("state", [State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.RETURNED])
def test_closing_ends_it_with_how_it_ended_and_owes_no_more_repeats(state: State) -> None:
    before = alarm(state=state, repeats_owed=("r9",), repeats_due_at=NOW)
    change = steps.close(before, BY, Disposition.FALSE)
    after = change.alarm
    assert (after.state, after.disposition, after.closed_at) == (State.NORMAL, "false", NOW)
    assert (after.repeats_owed, after.repeats_due_at, change.notice) == ((), None, "closed")


def test_a_closed_alarm_is_not_closed_again() -> None:
    with pytest.raises(StepRefused):
        steps.close(alarm(state=State.NORMAL, closed_at=NOW), BY, Disposition.TEST)


def test_a_lapsed_claim_lets_it_ask_again_and_moves_no_version() -> None:
    after = steps.lapse(HELD, By(name="time", now=later(200))).alarm
    assert (after.state, after.claimed_by, after.version) == (State.UNACKNOWLEDGED, None, 2)


def test_a_lapsed_claim_leaves_the_ladder_where_the_press_began_it() -> None:
    lapsed = steps.lapse(replace(HELD, escalation=1), By(name="time", now=later(200)))
    assert (lapsed.alarm.asks_since, lapsed.alarm.escalation) == (NOW, 0)
    assert lapsed.transition.data == {"holder": "aigerim"}


def test_one_that_asks_again_loses_a_holder_who_is_gone_and_stays_on_its_rung() -> None:
    before = replace(HELD, state=State.UNACKNOWLEDGED, responded="accepted", escalation=3)
    lapsed = steps.lapse(before, By(name="time", now=later(200)))
    assert (lapsed.alarm.claimed_by, lapsed.alarm.escalation) == (None, 3)
    assert not lapsed.was_escalated


def test_a_claim_that_lapses_while_the_centre_closes_holds_up_the_closing_no_more() -> None:
    after = steps.lapse(CLOSING, By(name="time", now=later(200))).alarm
    assert (after.state, after.disposition) == (State.NORMAL, Disposition.FALSE)


def test_who_holds_it_agrees_to_the_centres_closing_and_nobody_else_does() -> None:
    after = steps.agree(CLOSING, BY).alarm
    assert (after.state, after.disposition, after.closing_as) == (State.NORMAL, "false", None)
    with pytest.raises(NotYours):
        steps.agree(CLOSING, By(name="bolat", now=NOW))
    with pytest.raises(StepRefused):
        steps.agree(HELD, BY)


def test_a_supervisor_takes_over_what_another_holds_and_the_line_says_from_whom() -> None:
    change = steps.take_over(HELD, SUPERVISOR, later(5))
    assert change is not None
    after = change.alarm
    assert (after.claimed_by, after.claimed_at, after.version) == ("saule", later(5), 3)
    assert (change.transition.what, change.transition.data) == ("take_over", {"from": "aigerim"})
    assert change.notice == "acknowledged"


def test_one_who_takes_over_what_nobody_holds_has_claimed_it() -> None:
    change = steps.take_over(alarm(), SUPERVISOR, NOW)
    assert change is not None
    assert (change.alarm.state, change.alarm.claimed_by) == (State.ACKNOWLEDGED, "saule")
    assert steps.take_over(change.alarm, SUPERVISOR, NOW) is None
    with pytest.raises(StepRefused):
        steps.take_over(replace(HELD, state=State.NORMAL, closed_at=NOW), SUPERVISOR, NOW)


def test_a_press_frees_an_answered_alarm_whose_holder_is_gone() -> None:
    again = replace(HELD, state=State.UNACKNOWLEDGED, responded="accepted")
    with pytest.raises(Claimed):
        steps.claim(again, BOLAT, NOW)
    change = steps.claim(again, BOLAT, later(101))
    assert change is not None
    assert change.alarm.claimed_by == "bolat"


@pytest.mark.parametrize("done", [True, False])
def test_a_step_of_the_procedure_is_a_line_and_moves_no_version(*, done: bool) -> None:
    change = steps.tick(HELD, BY, "call_school", done=done)
    assert change.transition.what == "procedure"
    assert change.transition.data == {"step": "call_school", "done": done}
    assert (change.alarm.version, change.notice) == (2, None)
    with pytest.raises(StepRefused):
        steps.tick(alarm(state=State.NORMAL, closed_at=NOW), BY, "call_school")


@pytest.mark.parametrize(
    "acts",
    [
        lambda one: steps.claim(one, DISPATCHER, NOW),
        lambda one: steps.take_over(one, SUPERVISOR, NOW),
        lambda one: steps.acknowledge(one, BY),
        lambda one: responded(one, ResponseState.ACCEPTED),
        lambda one: steps.close(one, BY, Disposition.FALSE),
    ],
)
def test_whoever_acts_stops_the_ladder_and_whoever_was_called_is_told(
    acts: Callable[[Alarm], Change],
) -> None:
    for rung, is_told in ((3, True), (2, False)):
        change = acts(alarm(escalation=rung))
        assert (change.alarm.escalation, change.was_escalated) == (0, is_told)


def test_a_response_ends_the_supervisors_call() -> None:
    after = responded(replace(HELD, escalation=1), ResponseState.DISPATCHED).alarm
    assert after.escalation == 0


def test_a_rejected_cry_climbs_anew_from_the_rejection() -> None:
    before = replace(CLOSING, escalation=1)
    said = Response(id="r1", state=ResponseState.REJECTED)
    after = steps.respond(before, By(name="centre", now=later(9)), said, may_close=True).alarm
    assert (after.asks_since, after.escalation, after.closing_as) == (later(9), 0, None)


def test_a_cry_that_asks_climbs_on_as_it_did_when_it_is_rejected() -> None:
    before = alarm(asks_since=later(-130), escalation=3)
    after = responded(before, ResponseState.REJECTED).alarm
    assert (after.state, after.asks_since, after.escalation) == (before.state, later(-130), 3)


def test_what_was_said_of_an_earlier_press_does_not_answer_the_next_claim() -> None:
    again = replace(HELD, state=State.UNACKNOWLEDGED, responded="accepted", claimed_until=later(-1))
    change = steps.claim(again, BOLAT, NOW)
    assert change is not None
    assert (change.alarm.claimed_by, change.alarm.responded) == ("bolat", None)


def test_what_was_shelved_climbs_anew_when_it_is_shown_again() -> None:
    hidden = steps.shelve(alarm(Priority.P1), BY, later(60)).alarm
    after = steps.unshelve(hidden, By(name="time", now=later(61))).alarm
    assert after.asks_since == later(61)


def test_only_the_receiver_with_authority_closes_and_only_with_a_disposition() -> None:
    with pytest.raises(Incomplete):
        responded(alarm(), ResponseState.CLOSED)
    with pytest.raises(NotYours):
        responded(alarm(), ResponseState.CLOSED, may_close=False, how="false")
    after = responded(alarm(), ResponseState.CLOSED, how="confirmed").alarm
    assert (after.state, after.disposition) == (State.NORMAL, Disposition.CONFIRMED)


def test_accepting_acknowledges() -> None:
    change = responded(alarm(), ResponseState.ACCEPTED)
    assert (change.alarm.state, change.alarm.responded) == (State.ACKNOWLEDGED, "accepted")
    assert change.notice == "acknowledged"


@pytest.mark.parametrize("state", [ResponseState.DISPATCHED, ResponseState.ON_SCENE])
def test_a_patrol_on_its_way_is_written_down(state: ResponseState) -> None:
    after = responded(HELD, state).alarm
    assert (after.responded, after.state, after.version) == (state, State.ACKNOWLEDGED, 3)


def test_a_late_word_does_not_take_back_what_was_said_since() -> None:
    there = replace(HELD, responded="on_scene")
    pressed_again = replace(there, state=State.UNACKNOWLEDGED)
    assert responded(pressed_again, ResponseState.ACCEPTED).alarm.responded == "accepted"
    assert responded(there, ResponseState.ACCEPTED).alarm.responded == "on_scene"
    assert responded(HELD, ResponseState.DISPATCHED).alarm.responded == "dispatched"


def test_a_rejected_cry_asks_again_without_its_holder() -> None:
    after = responded(replace(HELD, responded="accepted"), ResponseState.REJECTED).alarm
    assert (after.state, after.claimed_by) == (State.UNACKNOWLEDGED, None)
    assert (after.responded, after.version) == (None, 3)


def test_a_rejected_trouble_of_lower_priority_keeps_its_state() -> None:
    before = replace(HELD, priority=Priority.P1, responded="accepted")
    after = responded(before, ResponseState.REJECTED).alarm
    assert (after.state, after.claimed_by, after.responded) == (before.state, "aigerim", None)


@pytest.mark.parametrize("state", [s for s in ResponseState if s is not ResponseState.CLOSED])
def test_a_closed_alarm_takes_no_response(state: ResponseState) -> None:
    with pytest.raises(StepRefused):
        responded(alarm(state=State.NORMAL, closed_at=NOW), state)
