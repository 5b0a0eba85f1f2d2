"""What each camera's bytes come to, from the sample to what is concluded."""

import pytest

from tests.adapters.onvif.telling import Camera, sample, words

AT_CONNECT = {
    "hikvision_initial_1": [],
    "hikvision_initial_2": ["input.activated"],
    "reolink_initial": [],
    "pelco_initial": [],
    "xiongmai_all_true": [],
    "tapo_first_word": ["camera.motion"],
    "dahua_nothing_said": [],
    "oem_initial_odd_dates": ["input.activated", "input.activated"],
}
AFTERWARDS = {
    "ajax_classes": ["camera.motion", "camera.line_crossed"],
    "asecam_end_without_message": [],
    "avigilon_flood": ["input.activated"],
    "axis_guard_without_source": ["camera.motion"],
    "axis_port": ["input.activated"],
    "axis_supervised_wire_cut": ["tamper.opened"],
    "bosch_rule_in_topic": ["camera.intrusion", "camera.line_crossed"],
    "dahua_years_behind": ["camera.motion"],
    "hanwha_prefix_on_each_level": ["input.activated", "camera.motion"],
    "hikvision_alarm_in": ["input.activated"],
    "hikvision_object_in_key": ["camera.intrusion"],
    "inner_message_left_out": ["input.activated"],
    "oem_motion_twice": ["camera.motion"],
    "one_bad_among_good": ["input.activated", "input.activated"],
    "recorder_glued_topic": ["input.activated"],
    "several_in_one_holder": ["input.activated", "input.activated"],
}


@pytest.mark.parametrize("name", AT_CONNECT)
def test_a_cameras_first_words_raise_what_must_be_raised_and_no_more(name: str) -> None:
    assert words(Camera().says(*sample(name), initial=True)) == AT_CONNECT[name]


@pytest.mark.parametrize("name", AFTERWARDS)
def test_a_cameras_word_is_one_event_for_each_thing_that_began(name: str) -> None:
    assert words(Camera().says(*sample(name))) == AFTERWARDS[name]


@pytest.mark.parametrize("name", sorted({*AT_CONNECT, *AFTERWARDS} - {"axis_port"}))
def test_the_same_reply_again_begins_nothing_again(name: str) -> None:
    camera = Camera()
    camera.says(*sample(name))
    assert camera.says(*sample(name), at_s=1) == []


def test_a_cameras_initial_state_may_come_in_several_replies() -> None:
    camera = Camera()
    said = [
        words(camera.says(*sample(f"hikvision_initial_{place}"), initial=True)) for place in (1, 2)
    ]
    assert said == [[], ["input.activated"]]
