"""What a wired contact means: by its part, else by its device; before any rule."""

import pytest

from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change, decide, meaning
from gateway.domain.event import Event
from gateway.domain.site import Input
from tests.domain.making import CAMERA, WIRED, alarm, event
from tests.harness.changed import replace

INPUTS = {
    "1": Input(part=1, kind="panic.pressed"),
    "2": Input(part=2, kind="tamper.opened"),
    "3": Input(part=3),
}


def said(kind: str, part: int, *, whole: str | None = None) -> Event:
    """A camera with contacts; `whole`: what its contacts mean where none says."""
    device = replace(CAMERA, inputs=INPUTS, input_kind=whole)
    found = event(kind, CAMERA.id, part=part, adapter=True)
    return replace(found, place=replace(found.place, device=device))


def decided(one: Event, *opened: Alarm) -> list[Change]:
    kind = meaning(one)
    priority = None if kind is None else kind.raises
    return decide(one, opened, priority, "test", test=False)


@pytest.mark.parametrize(
    ("part", "whole", "means"),
    [
        (1, None, "panic.pressed"),
        (2, "panic.pressed", "tamper.opened"),
        (3, "passage.forced", "passage.forced"),
        (3, None, None),
        (9, "panic.medical", "panic.medical"),
    ],
)
def test_a_part_means_what_it_is_set_to_and_else_what_its_device_is(
    part: int, whole: str | None, means: str | None
) -> None:
    found = meaning(said("input.activated", part, whole=whole))
    assert (found and found.name) == means


def test_a_contact_that_is_a_tamper_ends_its_own_alarm_and_no_other_parts() -> None:
    (raised,) = decided(said("input.activated", 2))
    assert (raised.alarm.kind, raised.alarm.part) == ("tamper.opened", 2)
    other = alarm(kind="tamper.opened", device=CAMERA.id, part=1)
    found = decided(said("input.cleared", 2), raised.alarm, other)
    assert [change.alarm.id for change in found] == [raised.alarm.id]


def test_a_contact_that_was_let_go_before_it_was_touched_again_ends_nothing() -> None:
    first, later, late = (
        replace(said(f"input.{what}", 2), id=f"x{seq}", boot=1, seq=seq)
        for what, seq in (("activated", 1), ("activated", 3), ("cleared", 2))
    )
    (raised,) = decided(first)
    (again,) = decided(later, raised.alarm)
    (line,) = decided(late, again.alarm)
    assert (line.transition.what, line.notice, line.alarm) == ("overtaken", None, again.alarm)
    (ended,) = decided(replace(late, seq=4), again.alarm)
    assert ended.transition.what == "return"


def test_a_press_at_a_contact_is_what_it_is_expected_to_say() -> None:
    (raised,) = decided(said("input.activated", 1))
    assert (raised.alarm.kind, raised.alarm.unexpected) == ("panic.pressed", False)


def test_one_meaning_for_all_contacts_still_counts() -> None:
    found = meaning(event("input.activated", WIRED.id, part=7, adapter=True))
    assert found is not None
    assert found.name == "panic.pressed"
