"""The life cycle: one table, every cell of it."""

from itertools import product

import pytest

from gateway.domain import alarm as alarms
from gateway.domain.alarm import State, Step, move
from gateway.domain.errors import StepRefused
from gateway.domain.kind import Priority
from tests.domain.making import alarm

N, U, A, R = State.NORMAL, State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.RETURNED

# Design, the words: what each step makes of each state; None: there is no such step.
EXPECTED: dict[Step, dict[State, State | None]] = {
    Step.RAISE: {N: U, U: U, A: U, R: U},
    Step.ACKNOWLEDGE: {N: None, U: A, A: None, R: N},
    Step.RETURN: {N: None, U: R, A: N, R: R},
    Step.RELAPSE: {N: None, U: U, A: U, R: None},
    Step.CLOSE: {N: None, U: N, A: N, R: N},
    Step.REOPEN: {N: A, U: None, A: None, R: None},
}


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_an_alarm_moves_as_the_table_of_the_design_says(state: State, step: Step) -> None:
    before, expected = alarm(Priority.P1, state=state), EXPECTED[step][state]
    if expected is None:
        with pytest.raises(StepRefused, match=state.value):
            move(before, step)
    else:
        assert move(before, step).state is expected


@pytest.mark.parametrize("state", [U, A])
def test_a_latching_alarm_is_not_ended_by_its_device(state: State) -> None:
    with pytest.raises(StepRefused):
        move(alarm(latches=True, state=state), Step.RETURN)


@pytest.mark.parametrize("priority", [Priority.P2, Priority.P3])
@pytest.mark.parametrize("state", [U, A, R])
def test_a_trouble_that_went_away_returns_straight_to_normal(
    priority: Priority, state: State
) -> None:
    assert move(alarm(priority, state=state), Step.RETURN).state is N


def test_only_a_p0_can_never_be_shelved() -> None:
    assert [p for p in Priority if not alarms.may_shelve(alarm(p))] == [Priority.P0]


def test_the_diagram_draws_every_cell_of_the_table_once() -> None:
    drawn = alarms.diagram().splitlines()
    cells = [(a, s, b) for s, row in EXPECTED.items() for a, b in row.items() if b is not None]
    assert drawn[:2] == ["stateDiagram-v2", "    [*] --> NORMAL"]
    assert sorted(drawn[2:]) == sorted(f"    {a} --> {b}: {s}" for a, s, b in cells)
