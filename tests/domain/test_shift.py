"""Handing over: at no moment does each believe that the other has it."""

import pytest

from gateway.domain import shift as rules
from gateway.domain.alarm import State
from gateway.domain.errors import Claimed, Incomplete, NotYours, StepRefused
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator, Role
from gateway.domain.shift import Handover, Shift
from gateway.domain.steps import By
from tests.domain.making import NOW, alarm, later
from tests.harness.changed import replace

AIGERIM = Operator(name="aigerim", role=Role.DISPATCHER)
BOLAT = Operator(name="bolat", role=Role.DISPATCHER)
CHIEF = Operator(name="chief", role=Role.SUPERVISOR)
MEDEU = Operator(name="dana", role=Role.DISPATCHER, districts=frozenset({"medeu"}))
SHIFT = Shift(id="s1", person="aigerim", began_at=NOW)
OFFER = rules.offer("h1", SHIFT, None, "watch school 12", [alarm()], later(60))


def test_whoever_is_on_duty_stays_so_when_they_begin_again() -> None:
    assert rules.begin("s2", AIGERIM, SHIFT, later(9)) is SHIFT
    assert rules.begin("s2", MEDEU, None, NOW).districts == ("medeu",)


def test_a_hand_over_holds_the_alarms_as_they_stood_the_gravest_first() -> None:
    grave = alarm(raised_at=later(50), claimed_by="aigerim", note="сойка")
    light = alarm(Priority.P2, raised_at=later(1), state=State.RETURNED)
    found = rules.offer("h1", SHIFT, "bolat", "n" * 3000, [light, grave], later(60))
    assert [(one.priority, one.state, one.claimed_by) for one in found.open] == [
        (0, "UNACKNOWLEDGED", "aigerim"),
        (2, "RETURNED", None),
    ]
    assert (found.open_count, len(found.note), found.is_offered) == (2, 2000, True)


def test_of_very_many_alarms_all_are_counted_and_the_gravest_are_listed() -> None:
    many = [alarm(Priority.P2) for _ in range(rules.OPEN_LIMIT + 7)]
    found = rules.offer("h1", SHIFT, None, "", [*many, alarm()], NOW)
    assert (len(found.open), found.open_count) == (rules.OPEN_LIMIT, rules.OPEN_LIMIT + 8)
    assert found.open[0].priority == 0


def test_the_next_one_takes_it_and_once_more_is_no_fault() -> None:
    taken = rules.take(OFFER, BOLAT, later(90))
    assert taken is not None
    assert (taken.taken_by, taken.taken_at, taken.is_offered) == ("bolat", later(90), False)
    assert rules.take(taken, BOLAT, later(95)) is None


def test_a_late_taker_reads_who_was_first() -> None:
    taken = rules.take(OFFER, BOLAT, later(90))
    assert taken is not None
    with pytest.raises(Claimed, match="taken by bolat 5 s ago"):
        rules.take(taken, CHIEF, later(95))


@pytest.mark.parametrize(
    ("operator", "change"),
    [
        (AIGERIM, {}),
        (MEDEU, {}),
        (MEDEU, {"districts": ("medeu", "auezov")}),
        (BOLAT, {"taker": "chief"}),
    ],
    ids=["their own", "of all districts", "of one more district", "meant for another"],
)
def test_nobody_takes_what_is_not_theirs(operator: Operator, change: dict[str, object]) -> None:
    with pytest.raises(NotYours):
        rules.take(replace(OFFER, **change), operator, later(90))


def test_a_supervisor_takes_what_was_meant_for_another_who_does_not_come() -> None:
    meant = replace(OFFER, taker="bolat")
    assert rules.take(meant, CHIEF, later(90)) is not None


def test_what_was_withdrawn_is_taken_by_nobody_and_what_was_taken_stays() -> None:
    back = rules.withdraw(OFFER, AIGERIM, later(70))
    with pytest.raises(StepRefused):
        rules.take(back, BOLAT, later(90))
    taken = rules.take(OFFER, BOLAT, later(90))
    assert taken is not None
    with pytest.raises(StepRefused):
        rules.withdraw(taken, AIGERIM, later(95))
    with pytest.raises(NotYours):
        rules.withdraw(OFFER, BOLAT, later(70))


def test_nobody_hands_over_to_themselves() -> None:
    with pytest.raises(Incomplete):
        rules.offer("h1", SHIFT, "aigerim", "", [], NOW)


def test_nobody_leaves_open_alarms_to_an_empty_room() -> None:
    narrow = Shift(id="s2", person="dana", districts=("medeu",), began_at=NOW)
    with pytest.raises(Incomplete):
        rules.end(SHIFT, AIGERIM, [SHIFT, narrow], 1, later(9))
    wide = Shift(id="s3", person="bolat", began_at=NOW)
    assert rules.end(SHIFT, AIGERIM, [SHIFT, wide], 1, later(9)).ended_at == later(9)
    assert rules.end(SHIFT, AIGERIM, [SHIFT], 0, later(9)).ended_by == "aigerim"
    assert rules.end(narrow, MEDEU, [narrow, wide], 4, later(9)).ended_at == later(9)


def test_a_supervisor_ends_a_shift_that_somebody_forgot_and_nobody_else_does() -> None:
    assert rules.end(SHIFT, CHIEF, [SHIFT], 3, later(9)).ended_by == "chief"
    for operator in (BOLAT, replace(CHIEF, districts=frozenset({"medeu"}))):
        with pytest.raises(NotYours):
            rules.end(SHIFT, operator, [SHIFT], 0, later(9))
    ended = replace(SHIFT, ended_at=later(1))
    with pytest.raises(StepRefused):
        rules.end(ended, AIGERIM, [], 0, later(9))


def test_a_held_alarm_is_held_by_the_next_one_and_keeps_its_state() -> None:
    held = alarm(state=State.ACKNOWLEDGED, claimed_by="aigerim", responded="dispatched", version=4)
    change = rules.passed_on(held, OFFER, By(name="bolat", now=later(90)))
    after, line = change.alarm, change.transition
    assert (after.claimed_by, after.state, after.version) == ("bolat", State.ACKNOWLEDGED, 5)
    assert (after.claimed_until, after.acknowledged_at) == (later(210), later(90))
    assert (line.what, line.by, line.data) == (
        "handed_over", "bolat", {"from": "aigerim", "handover": "h1"},
    )  # fmt: skip
    assert change.notice == "acknowledged"


@pytest.mark.parametrize(
    ("districts", "is_seen"), [((), False), (("medeu",), True), (("medeu", "auezov"), False)]
)
def test_a_hand_over_is_seen_by_who_sees_all_its_districts(
    *, districts: tuple[str, ...], is_seen: bool
) -> None:
    one: Handover = replace(OFFER, districts=districts)
    assert one.is_seen_by(MEDEU) is is_seen
    assert replace(one, taker="dana").is_seen_by(MEDEU)
    assert one.is_seen_by(CHIEF)
