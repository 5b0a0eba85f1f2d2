"""Belief: who is registered, what is unexpected, and every doubt marked."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.signal import Lane
from gateway.domain import belief
from gateway.domain import event as events
from gateway.domain.belief import Doubt
from gateway.domain.event import Event
from gateway.domain.kind import KINDS
from tests.domain.making import (
    BELIEVING,
    BUTTON,
    GYM,
    HALL,
    NOW,
    SCHOOL,
    WIRED,
    event,
    later,
    spoken,
    voice,
)
from tests.harness.changed import replace


def test_a_registered_button_is_placed_by_its_part() -> None:
    first, second = event("panic.pressed"), event("panic.pressed", part=2)
    assert (first.place.device, first.place.site, first.place.zone) == (BUTTON, SCHOOL, HALL)
    assert second.place.zone == GYM


def test_an_unknown_device_is_believed_without_a_place() -> None:
    cry = event("panic.pressed", "nobody-7")
    assert (cry.place.device, cry.place.site) == (None, None)
    assert not cry.unexpected


@pytest.mark.parametrize(
    ("kind", "by", "is_unexpected"),
    [
        ("panic.pressed", "button-1", False),
        ("panic.pressed", "gate-1", True),
        ("panic.pressed", "camera-1", True),
        ("panic.pressed", "wired-1", False),
        ("passage.duress", "gate-1", False),
        ("passage.duress", "button-1", True),
        ("passage.forced", "button-1", False),
    ],
)
def test_a_cry_is_marked_when_its_device_is_not_of_that_sort(
    kind: str, by: str, *, is_unexpected: bool
) -> None:
    assert event(kind, by).unexpected is is_unexpected


@pytest.mark.parametrize(
    ("kind", "heard_on", "lane"),
    [
        ("panic.pressed", Lane.EVENT, Lane.ALARM),
        ("panic.pressed", Lane.ALARM, Lane.ALARM),
        ("passage.granted", Lane.ALARM, Lane.EVENT),
        ("passage.closed", Lane.ALARM, Lane.ALARM),
    ],
)
def test_the_kind_decides_the_lane_and_the_wrong_topic_is_marked(
    kind: str, heard_on: Lane, lane: Lane
) -> None:
    said = spoken(kind, lane=heard_on)
    believed = event(kind, lane=heard_on)
    assert belief.lane_of(said) is believed.lane is lane
    assert believed.misplaced is (heard_on is not lane)


@pytest.mark.parametrize(
    ("kind", "adapter", "why"),
    [
        ("smoke.detected", False, Doubt.UNKNOWN_KIND),
        ("camera.intrusion", False, Doubt.NOT_ITS_KIND),
        ("centre.reached", False, Doubt.NOT_ITS_KIND),
        ("alarm.unreadable", True, Doubt.NOT_ITS_KIND),
        ("panic.pressed", True, Doubt.NOT_ITS_KIND),
    ],
)
def test_a_kind_from_anyone_else_is_not_believed(kind: str, why: Doubt, *, adapter: bool) -> None:
    assert belief.believe(spoken(kind, adapter=adapter), BELIEVING) is why


def test_a_card_number_is_kept_only_as_its_hash() -> None:
    content = {"data": {"direction": "in", "credential": "0012345678"}}
    passage = event("passage.granted", "gate-1", content=content)
    assert b"0012345678" not in passage.body
    assert b'"credential":"hashed 10"' in passage.body


def test_the_same_words_in_another_order_are_the_same_event() -> None:
    one = event("panic.pressed", content={"seq": 1, "boot": 2})
    other = event("panic.pressed", content={"boot": 2, "seq": 1})
    assert one.digest == other.digest
    assert one.digest != event("panic.pressed", content={"seq": 2, "boot": 2}).digest


@given(some.text(max_size=200))
def test_any_device_id_is_shown_in_letters_that_harm_nobody(device: str) -> None:
    shown = belief.shown(device)
    assert len(shown) <= 80
    assert shown.isascii()
    assert all(letter.isprintable() for letter in shown)


@pytest.mark.parametrize("device", ["gateway-1", "canary-b1", "-a", "A", "a" * 41, "", "a\n"])
def test_a_device_id_outside_the_pattern_is_not_valid(device: str) -> None:
    assert not belief.is_valid_device(device)


@given(some.from_regex(r"[a-f0-9][a-z0-9-]{0,39}", fullmatch=True))
def test_a_device_id_of_the_pattern_is_valid_and_shown_as_it_is(device: str) -> None:
    if not device.startswith(("gateway", "canary")):
        assert belief.is_valid_device(device)
        assert belief.shown(device) == device


def test_an_alarm_id_is_derived_and_differs_by_whatever_makes_another_event() -> None:
    changes: list[dict[str, Any]] = [{}, {"id": "e2"}, {"by": "gate-1"}]
    ids = [events.alarm_id("test", event("panic.pressed", **change)) for change in changes]
    low = events.alarm_id("test", event("battery.low", lane=Lane.EVENT))
    ids += [events.alarm_id("else", event("panic.pressed")), low]
    assert len(set(ids)) == len(ids)
    assert all(len(bytes.fromhex(one)) == 16 for one in ids)
    assert ids[0] == events.alarm_id("test", event("panic.pressed"))


def test_the_same_id_is_a_repeat_for_a_day_and_only_with_the_same_body() -> None:
    day = timedelta(hours=24).total_seconds()
    pressed = [event("panic.pressed", at=later(passed_s)) for passed_s in (0, day - 1, day)]
    assert [events.is_repeat(one, one.digest, NOW) for one in pressed] == [True, True, False]
    assert not events.is_repeat(pressed[0], b"other", NOW)


@pytest.mark.parametrize("is_history", [False, True])
def test_an_id_that_an_adapter_derived_is_a_repeat_only_for_so_long_as_it_is_heard_twice(
    *, is_history: bool
) -> None:
    within_s, beyond_s = (3600, 4200) if is_history else (59, 60)
    for passed_s, is_same in ((within_s, True), (-within_s, True), (beyond_s, False)):
        said = spoken("input.activated", WIRED.id, adapter=True, at=later(passed_s))
        one = belief.believe(replace(said, redelivered=is_history), BELIEVING)
        assert isinstance(one, Event)
        assert events.is_repeat(one, one.digest, NOW) is is_same


def test_what_nobody_can_read_becomes_the_gateways_own_cry() -> None:
    cry = belief.unreadable("BAD\x07", "not_json", b"\xff" * 999, NOW, BELIEVING.registry)
    assert (cry.kind.name, cry.cause, cry.place.device) == ("alarm.unreadable", "not_json", None)
    assert cry.device == "BAD\\x07"
    assert len(cry.id) <= 64


def test_the_gateway_speaks_about_a_device_at_its_place() -> None:
    assert voice(KINDS["device.silent"]).place.site == SCHOOL
