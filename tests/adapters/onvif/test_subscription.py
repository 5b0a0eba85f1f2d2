"""The subscription machine: its table, and the ways through it."""

import pytest

from adapters.devices.onvif import subscription
from adapters.devices.onvif.course import Course
from adapters.devices.onvif.subscription import TRANSITIONS, Do, Happened, State

HOLD_S = 30.0


def _walk(*happened: Happened) -> list[Do]:
    course = Course(hold_s=HOLD_S)
    return [course.goes(one, 0.0) for one in happened]


def test_a_plain_camera_is_resolved_subscribed_synchronised_and_held() -> None:
    h, d = Happened, Do
    done = _walk(
        h.BEGUN, h.RESOLVED, h.CREATED, h.NOTHING_SOUGHT, h.SYNCHRONISED, h.TOLD, h.EMPTY, h.EMPTY
    )
    assert done == [
        d.RESOLVE,
        d.CREATE,
        d.SEEK,
        d.SYNCHRONISE,
        d.PULL,
        d.PULL,
        d.PULL,
        d.PULL,
    ]


def test_a_camera_that_names_no_events_and_cannot_synchronise_is_pulled_all_the_same() -> None:
    h = Happened
    done = _walk(h.BEGUN, h.UNRESOLVED, h.CREATED, h.NOTHING_SOUGHT, h.NOT_SYNCHRONISED)
    assert done[-1] is Do.PULL


def test_a_refused_time_is_said_in_another_way_and_then_not_at_all() -> None:
    h, d = Happened, Do
    done = _walk(h.BEGUN, h.RESOLVED, h.REFUSED, h.REFUSED, h.REFUSED)
    assert done[1:] == [d.CREATE, d.CREATE_UNTIL, d.CREATE_BARE, d.LEAVE]


def test_a_camera_that_stores_events_is_asked_for_them_and_then_for_its_state() -> None:
    h, d = Happened, Do
    done = _walk(h.BEGUN, h.RESOLVED, h.CREATED, h.SOUGHT, h.TOLD, h.EMPTY, h.SYNCHRONISED)
    assert done[2:] == [d.SEEK, d.PULL, d.PULL, d.SYNCHRONISE, d.PULL]


def test_every_state_can_be_reached_and_left() -> None:
    reached = {State.NEW} | {after for after, _ in TRANSITIONS.values()}
    left = {before for before, _ in TRANSITIONS}
    assert reached == {*State}
    assert left == {*State} - {State.ENDED}


@pytest.mark.parametrize(
    "pulling", ["catching_up", "settling", "emptying", "holding", "polling", "proving"]
)
def test_wherever_it_is_pulled_every_reply_and_failure_has_a_way_on(pulling: str) -> None:
    h = Happened
    ways = {happened for state, happened in TRANSITIONS if state == pulling}
    assert {h.TOLD, h.EMPTY, h.EARLY, h.TOO_EARLY, h.RACED, h.ABORTED, h.ABORTED_AGAIN} <= ways
    assert {h.GONE, h.GONE_AGAIN} <= ways


def test_the_diagram_draws_every_way_of_the_table() -> None:
    drawn = subscription.diagram()
    for (before, happened), (after, _) in TRANSITIONS.items():
        (line,) = (one for one in drawn.splitlines() if f" {before} --> {after}: " in one)
        assert happened in line.partition(": ")[2].split(", ")
