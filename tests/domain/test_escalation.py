"""The ladder: how far an alarm climbs while nobody acts, and what keeps it down."""

import pytest

from gateway.domain import escalation, steps
from gateway.domain.alarm import Alarm, Disposition, Hidden, State
from gateway.domain.escalation import Ladder, Rung, Why
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator, Role
from gateway.domain.steps import CALLED
from tests.domain.making import NOW, alarm, decided, event, later
from tests.harness.changed import replace

LADDER = Ladder()
AIGERIM = Operator(name="aigerim", role=Role.DISPATCHER)
SEEN = alarm(state=State.ACKNOWLEDGED, asks_since=NOW, acknowledged_at=NOW)
HELD = replace(SEEN, claimed_by="aigerim", claimed_at=NOW)


def reached(one: Alarm, after_s: float, *, is_armed: bool = True) -> tuple[Rung, Why] | None:
    return escalation.due(one, LADDER, later(after_s), is_armed=is_armed)


@pytest.mark.parametrize(
    ("after_s", "rung"),
    [(29.9, None), (30, 1), (59.9, 1), (60, 2), (119.9, 2), (120, 3), (9999, 3)],
)
@pytest.mark.parametrize("priority", [Priority.P0, Priority.P1])
def test_an_alarm_climbs_by_the_time_since_which_it_asks(
    priority: Priority, after_s: float, rung: int | None
) -> None:
    found = reached(alarm(priority, asks_since=NOW), after_s)
    assert found == (None if rung is None else (rung, Why.UNCLAIMED))


def test_an_alarm_of_before_the_ladder_climbs_since_it_was_raised() -> None:
    assert reached(alarm(), 30) == (Rung.SUPERVISOR, Why.UNCLAIMED)


def test_a_rung_that_was_reached_is_not_climbed_again() -> None:
    assert reached(alarm(escalation=1), 45) is None
    assert reached(alarm(escalation=1), 60) == (Rung.EVERYONE, Why.UNCLAIMED)
    assert reached(alarm(escalation=3), 999) is None


def test_an_alarm_that_nobody_watches_over_is_at_the_top_at_once() -> None:
    assert reached(alarm(), 0, is_armed=False) == (Rung.RECEIVER, Why.NOBODY_ARMED)
    assert reached(alarm(escalation=2), 61, is_armed=False) == (Rung.RECEIVER, Why.NOBODY_ARMED)


@pytest.mark.parametrize(
    "one",
    [
        alarm(Priority.P2),
        alarm(test=True),
        alarm(Priority.P1, hidden=Hidden.SHELVED, hidden_until=later(999)),
        alarm(Priority.P1, state=State.RETURNED),
        alarm(state=State.NORMAL, closed_at=NOW),
        alarm(state=State.ACKNOWLEDGED, responded="accepted"),
    ],
)
def test_what_asks_nobody_does_not_climb(one: Alarm) -> None:
    assert reached(one, 999, is_armed=False) is None


def test_a_held_cry_of_which_nobody_says_what_is_done_reaches_the_supervisor() -> None:
    assert reached(HELD, 119) is None
    assert reached(HELD, 120) == (Rung.SUPERVISOR, Why.NO_RESPONSE)
    assert reached(replace(HELD, escalation=1), 239) is None


@pytest.mark.parametrize(("one", "why"), [(HELD, Why.NO_RESPONSE), (SEEN, Why.SEEN_ONLY)])
def test_what_nobody_answers_climbs_on_to_the_receiver_each_rung_once(one: Alarm, why: Why) -> None:
    found = {after_s: reached(one, after_s) for after_s in (239, 240, 359, 360, 9999)}
    rungs = {239: Rung.SUPERVISOR, 240: Rung.EVERYONE, 359: Rung.EVERYONE}
    rungs |= {360: Rung.RECEIVER, 9999: Rung.RECEIVER}
    assert found == {after_s: (rung, why) for after_s, rung in rungs.items()}
    again = [reached(replace(one, escalation=n), s) for n, s in ((1, 239), (2, 359), (3, 9999))]
    assert again == [None, None, None]


def test_where_nobody_who_may_take_over_hears_it_goes_to_the_receiver_at_once() -> None:
    for one, why in ((HELD, Why.NO_RESPONSE), (SEEN, Why.SEEN_ONLY)):
        found = [
            escalation.due(one, LADDER, later(s), is_armed=True, is_supervised=False)
            for s in (119, 120)
        ]
        assert found == [None, (Rung.RECEIVER, why)]


def test_an_older_gateway_that_acknowledges_anew_does_not_make_it_due_at_once() -> None:
    stale = replace(SEEN, last_at=later(500))
    assert reached(stale, 619) is None
    assert reached(stale, 620) == (Rung.SUPERVISOR, Why.SEEN_ONLY)


def test_a_cry_that_was_seen_and_that_nobody_took_reaches_the_supervisor() -> None:
    assert reached(SEEN, 119) is None
    assert reached(SEEN, 120, is_armed=False) == (Rung.SUPERVISOR, Why.SEEN_ONLY)
    unknown = replace(SEEN, acknowledged_at=None)  # written by a gateway that knows no such time
    assert (reached(unknown, 119), reached(unknown, 120)) == (
        None,
        (Rung.SUPERVISOR, Why.SEEN_ONLY),
    )


def test_each_step_that_says_somebody_acts_gives_the_whole_time_anew() -> None:
    climbed = replace(SEEN, escalation=1)
    claimed = steps.claim(climbed, AIGERIM, later(130))
    taken = steps.take_over(climbed, AIGERIM, later(130))
    again = steps.acknowledge(alarm(escalation=1), steps.By(name="bolat", now=later(130)))
    for change in (claimed, taken, again):
        assert change is not None
        assert reached(change.alarm, 249) is None
        assert reached(change.alarm, 250) is not None


def test_what_was_said_of_an_earlier_press_does_not_answer_one_that_is_only_seen() -> None:
    before = replace(HELD, responded="accepted")
    pressed = event("panic.pressed", before.device, id="again", at=later(40))
    (change,) = decided(pressed, before)
    seen = steps.acknowledge(change.alarm, steps.By(name="bolat", now=later(50))).alarm
    assert reached(seen, 169) is None
    assert reached(seen, 170) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"responded": "accepted"},
        {"priority": Priority.P1},
        {"closing_as": Disposition.FALSE},
        {"test": True},
        {"state": State.NORMAL, "closed_at": NOW},
    ],
)
@pytest.mark.parametrize("one", [HELD, SEEN])
def test_what_was_seen_and_is_answered_or_no_cry_calls_nobody(
    one: Alarm, more: dict[str, object]
) -> None:
    assert reached(replace(one, **more), 999) is None


def test_only_the_last_rung_is_a_notice_and_none_moves_the_version() -> None:
    found = [escalation.climb(alarm(), rung, Why.UNCLAIMED, NOW) for rung in Rung if rung]
    assert [one.notice for one in found] == [None, None, "escalated"]
    assert [one.alarm.escalation for one in found] == [1, 2, 3]
    assert {one.alarm.version for one in found} == {1}
    assert found[0].transition.data == {"rung": 1, "why": "unclaimed"}
    assert Rung.RECEIVER == CALLED


def test_a_press_on_what_asks_undoes_a_closing_too() -> None:
    asks = replace(HELD, state=State.UNACKNOWLEDGED)
    before = replace(asks, closing_as=Disposition.FALSE, closing_due_at=later(120))
    pressed = event("panic.pressed", before.device, id="again", at=later(40))
    (change,) = decided(pressed, before)
    assert (change.alarm.closing_as, change.alarm.closing_due_at) == (None, None)


def test_a_press_on_what_was_seen_begins_the_ladder_anew_and_undoes_a_closing() -> None:
    before = replace(HELD, escalation=1, closing_as=Disposition.FALSE, closing_due_at=later(120))
    pressed = event("panic.pressed", before.device, id="again", at=later(40))
    (change,) = decided(pressed, before)
    after = change.alarm
    assert (after.state, after.asks_since, after.escalation) == ("UNACKNOWLEDGED", later(40), 0)
    assert (after.closing_as, after.closing_due_at) == (None, None)


def test_a_press_on_what_still_asks_does_not_hold_the_ladder_up() -> None:
    before = alarm(asks_since=NOW, escalation=1)
    pressed = event("panic.pressed", before.device, id="again", at=later(40))
    (change,) = decided(pressed, before)
    assert (change.alarm.asks_since, change.alarm.escalation) == (NOW, 1)


def test_a_claim_that_lapses_does_not_call_again_whom_it_has_called() -> None:
    lapsed = steps.lapse(replace(HELD, escalation=3), steps.By(name="time", now=later(400))).alarm
    assert (lapsed.state, lapsed.escalation) == (State.UNACKNOWLEDGED, 3)
    assert reached(lapsed, 9999) is None


def test_an_answer_to_what_was_held_tells_whoever_was_called() -> None:
    said = steps.Response(id="r1", state=steps.ResponseState.DISPATCHED)
    by = steps.By(name="aigerim", now=later(400))
    found = [steps.respond(replace(HELD, escalation=n), by, said, may_close=False) for n in (2, 3)]
    assert [(one.notice, one.was_escalated) for one in found] == [
        (None, False),
        ("acknowledged", True),
    ]


def test_a_lapsed_claim_climbs_at_once_to_where_it_would_have_been() -> None:
    lapsed = steps.lapse(HELD, steps.By(name="time", now=later(80))).alarm
    assert reached(lapsed, 80) == (Rung.EVERYONE, Why.UNCLAIMED)
