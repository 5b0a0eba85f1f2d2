"""What stands on a camera: it begins once and ends once, whatever else is said."""

from collections import Counter
from functools import partial

import pytest

from adapters.devices.onvif.notification import Operation
from adapters.devices.onvif.standing import Standing
from tests.adapters.onvif.telling import (
    CHANGED,
    DELETED,
    INITIALIZED,
    INPUT_TOPIC,
    NOW,
    Camera,
    contact,
    motion,
    tamper,
    told,
    words,
)

_TAMPER_2 = "RuleEngine/TamperDetector/Tamper"


def test_a_press_begins_and_its_release_ends_once_however_often_it_is_said() -> None:
    camera = Camera()
    pressed = contact("2", "true")
    (begun,) = camera.says(pressed)
    assert (begun.kind, begun.part, begun.active, begun.lasts) == ("input.activated", 2, True, True)
    assert camera.says(pressed, at_s=1) == []
    (ended,) = camera.says(contact("2", "false"), at_s=5)
    assert (ended.kind, ended.key, ended.active) == ("input.cleared", begun.key, False)
    assert camera.says(contact("2", "false"), at_s=6) == []


def test_a_short_press_within_one_reply_is_not_lost() -> None:
    found = Camera().says(contact("1", "1"), contact("1", "0"), contact("1", "1"))
    assert words(found) == ["input.activated", "input.cleared", "input.activated"]
    assert len({one.id for one in found}) == 3


def test_a_contact_said_closed_once_more_after_a_while_was_opened_unheard() -> None:
    camera = Camera()
    camera.says(contact("1", "true"))
    assert camera.says(contact("1", "true", said_at=NOW.replace(second=50)), at_s=8) == []
    again = contact("1", "true", said_at=NOW.replace(minute=16))
    assert words(camera.says(again, at_s=20)) == ["input.cleared", "input.activated"]


def test_motion_under_two_topics_is_one_and_its_end_none() -> None:
    camera = Camera()
    twin = "RuleEngine/CellMotionDetector/Motion"
    found = camera.says(motion("true"), motion("true", topic=twin))
    found += camera.says(motion("false"), motion("false", topic=twin), at_s=4)
    assert words(found) == ["camera.motion"]


def test_a_thing_without_an_end_comes_again_after_its_hold_off_and_not_before() -> None:
    camera = Camera()
    said = [camera.says(motion("true"), at_s=at_s) for at_s in (0, 10, 29, 31, 40)]
    assert [len(found) for found in said] == [1, 0, 0, 1, 0]


def test_a_thing_that_flickers_is_said_once_within_its_hold_off() -> None:
    camera = Camera()
    said = [camera.says(motion(at_s % 2 == 0), at_s=at_s) for at_s in range(20)]
    assert sum(len(found) for found in said) == 1


def test_a_crossed_line_is_a_pulse_and_many_words_of_one_crossing_are_one() -> None:
    camera = Camera()
    crossed = told("RuleEngine/LineDetector/Crossed", {"ObjectId": "7"})
    said = [camera.says(crossed, at_s=at_s) for at_s in (0, 1, 2, 6)]
    assert [words(found) for found in said] == [
        ["camera.line_crossed"],
        [],
        [],
        ["camera.line_crossed"],
    ]


def test_an_end_is_not_said_while_another_lens_is_still_covered() -> None:
    camera = Camera()
    camera.says(tamper("true", source="1"))
    camera.says(tamper("true", source="2"), at_s=10)
    assert camera.says(tamper("false", source="1"), at_s=20) == []
    found = camera.says(tamper("false", source="2"), at_s=30)
    assert words(found) == ["camera.restored", "camera.restored"]
    assert len({one.key for one in found}) == 2


def test_tamper_under_two_topics_is_one_and_ends_with_the_last_of_them() -> None:
    camera = Camera()
    found = camera.says(tamper("true"), tamper("true", topic=_TAMPER_2), at_s=0)
    found += camera.says(tamper("false"), at_s=5)
    assert words(found) == ["camera.tampered"]
    assert words(camera.says(tamper("false", topic=_TAMPER_2), at_s=6)) == ["camera.restored"]


def test_a_press_on_another_input_is_a_press_though_one_is_held() -> None:
    found = Camera().says(contact("1", "true"), contact("2", "true"), contact("unset", "true"))
    assert [one.part for one in found] == [1, 2, 1]


def test_a_property_that_is_deleted_has_ended() -> None:
    camera = Camera()
    camera.says(contact("1", "true"))
    assert words(camera.says(contact("1", "true", DELETED), at_s=1)) == ["input.cleared"]


def test_an_input_in_words_that_nobody_knows_is_a_cry_and_is_counted() -> None:
    camera = Camera()
    (found,) = camera.says(contact("1", "gedrückt"))
    assert (found.kind, found.lasts) == ("input.activated", False)
    assert camera.standing.unknown_topics == {f"{INPUT_TOPIC} = gedrückt": 1}
    assert camera.says(contact("1", "gedrückt"), at_s=2) == []
    assert words(camera.says(contact("1", "gedrückt"), at_s=9)) == ["input.activated"]


def test_topics_that_nobody_knows_are_counted_up_to_a_limit() -> None:
    counted: Counter[str] = Counter()
    camera = Standing({}, {}, unknown_topics=counted)
    for number in range(50):
        for _ in range(2):
            camera.take([told(f"Acme/Thing{number}", {"x": "1"})], NOW, initial=False)
    assert (len(counted), set(counted.values())) == (20, {2})


def test_a_flood_is_dropped_and_counted() -> None:
    camera = Camera()
    assert camera.says(*[told("Logs/Entry", {"Text": "x"})] * 40) == []
    assert (camera.standing.dropped, camera.standing.unknown_topics) == (40, {})


@pytest.mark.parametrize("operation", [CHANGED, INITIALIZED, None])
def test_a_camera_at_rest_keeps_nothing(operation: Operation | None) -> None:
    camera = Camera()
    quiet = [say("false", operation) for say in (partial(contact, "1"), tamper, motion)]
    assert camera.says(*quiet) == []
    assert camera.standing.active == frozenset()


def test_two_topics_further_apart_than_twins_are_two() -> None:
    camera = Camera()
    found = camera.says(tamper("true")) + camera.says(tamper("true", topic=_TAMPER_2), at_s=3)
    assert words(found) == ["camera.tampered", "camera.tampered"]


def test_a_covered_lens_does_not_hold_back_the_end_of_a_press() -> None:
    camera = Camera()
    camera.says(tamper("true"), contact("1", "true"))
    assert words(camera.says(contact("1", "false"), at_s=3)) == ["input.cleared"]
