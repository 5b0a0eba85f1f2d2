"""Decisions: raised, folded, told singly or gathered, returned."""

from typing import Any

import pytest

from adapters.signal import ClockQuality
from gateway.domain import belief, decision
from gateway.domain.alarm import Alarm, State, Step, TimeQuality
from gateway.domain.decision import Change
from gateway.domain.event import Affected, Event
from gateway.domain.kind import KINDS, Priority
from gateway.domain.routing import Receiver
from gateway.domain.supervision import Finding
from gateway.domain.telling import Teller
from tests.domain.making import (
    NOW,
    QUIET,
    REGISTRY,
    SCHOOL,
    decided,
    event,
    later,
    raised,
    voice,
)
from tests.harness.changed import replace


def pressed_again(alarm: Alarm, times: int, every_s: float = 0.5) -> tuple[Alarm, list[Change]]:
    """The alarm after so many more presses, and each change."""
    changes = []
    for index in range(times):
        again = event("panic.pressed", id=f"r{index}", at=later((index + 1) * every_s))
        (change,) = decided(again, alarm)
        alarm = change.alarm
        changes.append(change)
    return alarm, changes


def test_a_press_raises_one_alarm_that_knows_its_place() -> None:
    (change,) = decided(event("panic.pressed"))
    alarm = change.alarm
    assert (change.notice, change.is_new, change.event_id) == ("raised", True, "e1")
    assert (alarm.state, alarm.priority, alarm.latches) == (State.UNACKNOWLEDGED, Priority.P0, True)
    assert (alarm.site, alarm.zone, alarm.district) == (SCHOOL.id, "hall", "medeu")
    assert (change.transition.before, change.transition.what) == (State.NORMAL, Step.RAISE)


def test_an_unregistered_cry_is_raised_for_every_receiver() -> None:
    alarm = raised(by="nobody-7")
    assert (alarm.registered, alarm.site) == (False, None)
    teller = Teller(installation="t", gateway="g", receivers=(Receiver(name="a"),))
    assert teller.told(alarm) == ["a"]


@pytest.mark.parametrize("kind", ["panic.holdup", "panic.duress", "passage.duress"])
def test_a_silent_kind_makes_a_silent_alarm(kind: str) -> None:
    assert raised(kind).silent
    assert not raised().silent
    assert raised(by=QUIET.id).silent


@pytest.mark.parametrize(
    ("seconds", "other", "is_folded"),
    [
        (59.9, {}, True),
        (60, {}, False),
        (1, {"part": 2}, False),
        (1, {"kind": "panic.fire"}, False),
        (1, {"test": True}, False),
    ],
)
def test_a_press_folds_into_its_own_open_alarm_for_a_minute(
    seconds: float, other: dict[str, Any], *, is_folded: bool
) -> None:
    is_test = bool(other.pop("test", False))
    said: dict[str, Any] = {"kind": "panic.pressed", "id": "e2", "at": later(seconds), **other}
    (change,) = decided(event(**said), raised(), test=is_test)
    assert (change.alarm.count == 2) is is_folded
    assert change.is_new is not is_folded


def test_a_closed_alarm_folds_nothing() -> None:
    closed = replace(raised(), state=State.NORMAL, closed_at=NOW)
    (change,) = decided(event("panic.pressed", id="e2", at=later(1)), closed)
    assert change.is_new


def test_a_minute_is_counted_from_the_last_press_not_the_first() -> None:
    alarm, _ = pressed_again(raised(), 3, every_s=50)
    assert alarm.count == 4


def test_five_repeats_are_told_singly_and_the_next_are_gathered() -> None:
    alarm, changes = pressed_again(raised(), 9)
    assert [change.notice for change in changes] == ["repeated"] * 5 + [None] * 4
    assert [change.event_id for change in changes[:5]] == [f"r{n}" for n in range(5)]
    assert alarm.repeats_owed == ("r5", "r6", "r7", "r8")
    assert alarm.repeats_due_at == later(3) + decision.GATHER
    assert alarm.count == 10


def test_gathered_repeats_are_told_in_one_notice_with_every_id() -> None:
    alarm, _ = pressed_again(raised(), 9)
    told = decision.gathered(alarm, later(13))
    assert (told.notice, told.event_id) == ("repeated", "r8")
    assert told.event_ids == ("r5", "r6", "r7", "r8")
    assert (told.alarm.repeats_owed, told.alarm.repeats_due_at) == ((), None)


def test_what_was_gathered_is_told_before_the_alarm_returns() -> None:
    opened = replace(raised("tamper.opened"), repeats_owed=("r6", "r7"), repeats_due_at=later(9))
    told, returned = decided(event("tamper.closed", at=later(5)), opened)
    assert (told.notice, told.event_ids) == ("repeated", ("r6", "r7"))
    assert (returned.notice, returned.alarm.repeats_owed) == ("returned", ())


def test_after_a_minute_repeats_are_told_singly_again() -> None:
    alarm, _ = pressed_again(raised(), 9)
    (change,) = decided(event("panic.pressed", id="late", at=later(60.6)), alarm)
    assert change.notice == "repeated"
    assert set(change.event_ids) == {"r5", "r6", "r7", "r8", "late"}


@pytest.mark.parametrize("letter", ["x", "ш", "🚨"])
def test_no_gathered_notice_ever_grows_beyond_its_limit(letter: str) -> None:
    alarm, told = raised(), []
    for index in range(1200):
        again = event("panic.pressed", id=f"{index:04}{letter * 60}", at=later(1 + index / 1000))
        (change,) = decided(again, alarm)
        alarm = change.alarm
        told += [change.event_ids or (change.event_id,)] if change.notice else []
    sizes = [sum(len(str(one).encode()) + 3 for one in ids) for ids in told]
    assert max(sizes) <= decision.OWED_LIMIT_BYTES
    assert sum(map(len, told)) + len(alarm.repeats_owed) == 1200


def test_a_press_on_an_acknowledged_alarm_asks_again_and_keeps_its_claim() -> None:
    seen = replace(raised(), state=State.ACKNOWLEDGED, claimed_by="aigerim", version=2)
    (change,) = decided(event("panic.pressed", id="e2", at=later(1)), seen)
    after = change.alarm
    assert (after.state, after.claimed_by) == (State.UNACKNOWLEDGED, "aigerim")
    assert (after.version, change.notice) == (2, "repeated")


@pytest.mark.parametrize(
    ("kind", "by", "ends"),
    [
        ("passage.forced", "gate-1", "passage.closed"),
        ("passage.unlocked", "gate-1", "passage.locked"),
        ("tamper.opened", "button-1", "tamper.closed"),
    ],
)
def test_a_restored_condition_returns_its_own_alarm_alone(kind: str, by: str, ends: str) -> None:
    own, other, elsewhere = raised(kind, by), raised("panic.pressed", by), raised(kind, by, part=2)
    (change,) = decided(event(ends, by, id="e9"), own, other, elsewhere)
    assert (change.alarm.id, change.alarm.state) == (own.id, State.RETURNED)
    assert change.notice == "returned"


def test_a_trouble_that_went_away_is_closed_without_anybody() -> None:
    (change,) = decided(event("battery.restored", id="e9"), raised("battery.low"))
    assert (change.alarm.state, change.alarm.closed_at) == (State.NORMAL, NOW)
    assert not change.alarm.is_open


def test_what_restores_nothing_changes_nothing() -> None:
    assert decided(event("passage.closed", "gate-1")) == []


@pytest.mark.parametrize("kind", ["camera.motion", "passage.granted", "passage.denied"])
def test_what_raises_nothing_by_itself_changes_nothing(kind: str) -> None:
    by, adapter = ("camera-1", True) if kind == "camera.motion" else ("gate-1", False)
    assert decided(event(kind, by, adapter=adapter)) == []


def test_a_wired_panic_latches_and_its_clearing_is_a_line_only() -> None:
    alarm = raised("input.activated", "wired-1", adapter=True)
    assert (alarm.kind, alarm.priority, alarm.latches) == ("panic.pressed", Priority.P0, True)
    (change,) = decided(event("input.cleared", "wired-1", id="e2", adapter=True), alarm)
    assert (change.alarm, change.notice) == (alarm, None)
    assert change.transition.what == "input.cleared"


def test_a_wired_door_returns_when_its_input_clears() -> None:
    alarm = raised("input.activated", "door-1", adapter=True)
    (change,) = decided(event("input.cleared", "door-1", id="e2", adapter=True), alarm)
    assert (alarm.kind, change.alarm.state) == ("passage.forced", State.RETURNED)


def test_an_input_that_is_set_to_nothing_means_nothing() -> None:
    one = event("input.activated", "dumb-1", adapter=True)
    assert decision.meaning(one) is None
    assert decided(one) == []


def test_the_gateways_trouble_ends_at_its_own_word() -> None:
    (raise_,) = decided(voice(KINDS["centre.unreachable"], "receiver-centre"))
    (change,) = decided(voice(KINDS["centre.reached"], "receiver-centre"), raise_.alarm)
    assert (raise_.alarm.priority, change.alarm.state) == (Priority.P1, State.RETURNED)


def found(kind: str = "site.silent", cause: str = "1", **more: Any) -> Event:  # noqa: ANN401 - fields of every type
    """What supervision found."""
    finding = Finding(kind=kind, about="site-school-12", cause=cause, site=SCHOOL.id, **more)
    return belief.found(finding, NOW, REGISTRY)


def test_a_condition_has_no_second_alarm_beside_an_open_one() -> None:
    (change,) = decided(found())
    old = replace(change.alarm, last_at=later(-9999))
    assert decided(found(cause="2"), old) == []


def test_a_condition_that_came_back_before_anybody_saw_it_asks_again() -> None:
    (raise_,) = decided(found(affected=Affected(devices=3, of_devices=4)))
    (back,) = decided(found("site.heard"), raise_.alarm)
    assert back.alarm.state is State.RETURNED
    (again,) = decided(found(affected=Affected(devices=4, of_devices=4)), back.alarm)
    assert (again.alarm.state, again.alarm.count) == (State.UNACKNOWLEDGED, 2)
    assert (again.alarm.affected, again.notice) == (Affected(devices=4, of_devices=4), "repeated")


def test_a_whole_that_concerns_more_is_counted_anew_and_nobody_is_told() -> None:
    (raise_,) = decided(found(affected=Affected(devices=3, of_devices=4)))
    more = found(affected=Affected(devices=4, of_devices=4))
    (change,) = decided(more, raise_.alarm)
    assert (change.transition.what, change.notice) == ("counted", None)
    assert change.alarm.affected == Affected(devices=4, of_devices=4)
    assert decided(more, change.alarm) == []


def test_a_whole_is_no_stranger_and_knows_its_place() -> None:
    site = decided(found())[0].alarm
    assert (site.registered, site.site, site.district) == (True, SCHOOL.id, "medeu")
    whole = Finding(kind="district.silent", about="district-medeu", cause="1", district="medeu")
    district = decided(belief.found(whole, NOW, REGISTRY))[0].alarm
    assert (district.registered, district.site, district.district) == (True, None, "medeu")


def test_two_gateways_that_find_the_same_say_it_under_one_id() -> None:
    one, other = (found(cause=cause, since="then") for cause in ("3_of_4", "4_of_4"))
    assert (one.id, one.digest) == (other.id, other.digest)
    assert found(since="later").id != one.id


@pytest.mark.parametrize(
    ("said", "seconds", "quality"),
    [
        ({"age_ms": 1500, "clock": ClockQuality.SYNCED}, -1.5, TimeQuality.SYNCED),
        ({"age_ms": 1500}, -1.5, TimeQuality.FREE),
        ({"at": later(-9), "clock": ClockQuality.UNSET}, -9, TimeQuality.UNSET),
        ({"at": later(-9)}, 0, TimeQuality.RECEIVED),
        ({"age_ms": 2**62}, 0, TimeQuality.RECEIVED),
        ({}, 0, TimeQuality.RECEIVED),
    ],
)
def test_when_it_was_pressed_is_told_with_how_far_to_trust_it(
    said: dict[str, object], seconds: float, quality: TimeQuality
) -> None:
    changed = {"said_at" if name == "at" else name: value for name, value in said.items()}
    one = replace(event("panic.pressed"), **changed)
    (change,) = decided(one)
    assert (change.alarm.pressed_at, change.alarm.pressed_quality) == (later(seconds), quality)
