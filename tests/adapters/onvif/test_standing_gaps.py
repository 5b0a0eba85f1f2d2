"""After a gap: what is found is compared with what was known, and nothing is lost or doubled."""

from adapters.devices.onvif.notification import Notification
from adapters.devices.onvif.settings import InputSetting
from tests.adapters.onvif.telling import (
    CHANGED,
    INITIALIZED,
    NOW,
    Camera,
    contact,
    motion,
    tamper,
    told,
    words,
)

_TAMPER_2 = "RuleEngine/TamperDetector/Tamper"


def test_a_contact_found_closed_at_connect_is_raised_once_and_marked() -> None:
    camera = Camera()
    (found,) = camera.says(contact("1", "true", INITIALIZED), initial=True)
    assert (found.kind, found.initial, found.data["initial"]) == ("input.activated", True, True)
    assert camera.says(contact("1", "true", INITIALIZED), at_s=1, initial=True) == []


def test_a_contact_that_was_closed_before_the_gap_is_not_raised_again() -> None:
    before = Camera()
    before.says(contact("1", "true"))
    after = Camera(before.known())
    assert after.says(contact("1", "true", INITIALIZED), at_s=60, initial=True) == []


def test_what_was_released_in_the_gap_is_ended_and_what_was_pressed_is_raised() -> None:
    before = Camera()
    before.says(contact("1", "true"))
    after = Camera(before.known())
    found = after.says(
        contact("1", "false", INITIALIZED), contact("2", "true", INITIALIZED), initial=True
    )
    assert [(one.kind, one.part) for one in found] == [
        ("input.cleared", 1),
        ("input.activated", 2),
    ]


def test_a_contact_pressed_again_in_the_gap_is_a_press_if_the_camera_says_so() -> None:
    before = Camera()
    before.says(contact("1", "true"))
    after = Camera(before.known())
    found = after.says(contact("1", "true", CHANGED, NOW.replace(minute=20)), initial=True)
    assert words(found) == ["input.cleared", "input.activated"]


def test_a_camera_that_names_no_operation_raises_nothing_twice_at_connect() -> None:
    before = Camera()
    before.says(contact("1", "true"))
    assert Camera(before.known()).says(contact("1", "true", None), initial=True) == []


def test_tamper_storage_and_a_lost_picture_are_raised_at_connect() -> None:
    found = Camera().says(
        tamper("true", INITIALIZED),
        told("Device/HardwareFailure/StorageFailure", {"Failed": "true"}, INITIALIZED),
        motion("false", INITIALIZED),
        told("VideoSource/SignalLoss", {"State": "true"}, INITIALIZED),
        initial=True,
    )
    assert words(found) == ["camera.tampered", "camera.storage_failed", "camera.signal_lost"]


def test_motion_at_connect_is_only_the_state_and_motion_afterwards_an_event() -> None:
    camera = Camera()
    assert camera.says(motion("true", INITIALIZED), initial=True) == []
    (moved,) = camera.says(motion("true", CHANGED), at_s=3)
    assert (moved.kind, moved.lasts) == ("camera.motion", False)


def test_a_state_said_anew_outside_the_initial_ones_is_a_change() -> None:
    assert words(Camera().says(motion("true", INITIALIZED), at_s=90)) == ["camera.motion"]


def test_an_end_in_the_initial_state_waits_for_what_was_not_said_yet() -> None:
    before = Camera()
    before.says(tamper("true", source="1"), tamper("true", source="2"))
    after = Camera(before.known())
    assert after.says(tamper("false", INITIALIZED, source="1"), initial=True) == []
    after.says(tamper("true", INITIALIZED, source="2"), at_s=1, initial=True)
    assert after.says(at_s=5) == []
    assert words(after.says(tamper("false", source="2"), at_s=9)) == ["camera.restored"] * 2


def test_what_a_camera_does_not_speak_of_any_more_holds_no_end_back() -> None:
    before = Camera()
    before.says(tamper("true", source="1"), tamper("true", source="gone"))
    after = Camera(before.known())
    assert after.says(tamper("false", INITIALIZED, source="1"), initial=True) == []
    assert words(after.says(at_s=2)) == ["camera.restored"]


def test_a_twin_is_not_raised_at_connect_beside_what_is_known() -> None:
    before = Camera()
    before.says(tamper("true"))
    after = Camera(before.known())
    found = after.says(
        tamper("true", INITIALIZED), tamper("true", INITIALIZED, topic=_TAMPER_2), initial=True
    )
    assert found == []


def test_a_loop_that_is_closed_at_rest_is_pressed_when_it_opens_also_at_first_connect() -> None:
    inputs = {"1": InputSetting(part=1, normally_closed=True)}
    assert Camera(inputs=inputs).says(contact("1", "true", INITIALIZED), initial=True) == []
    camera = Camera(inputs=inputs)
    assert words(camera.says(contact("1", "false", INITIALIZED), initial=True)) == [
        "input.activated"
    ]
    assert words(camera.says(contact("1", "true"), at_s=3)) == ["input.cleared"]
    assert words(camera.says(contact("1", "false"), at_s=9)) == ["input.activated"]


def test_an_input_in_words_that_nobody_knows_is_only_state_at_connect() -> None:
    assert Camera().says(contact("1", "gedrückt", INITIALIZED), initial=True) == []


def test_an_unknown_state_of_motion_is_held_until_the_hold_off_ends_it() -> None:
    camera = Camera()
    camera.says(motion("true"))
    nothing = Notification(topic="VideoSource/MotionAlarm")
    assert camera.says(nothing, at_s=3) == []
    assert len(camera.standing.active) == 1
    assert camera.standing.due(NOW.replace(minute=17)) == []
    assert camera.standing.active == frozenset()


def test_a_camera_that_calls_everything_so_is_not_believed_but_for_what_is_wired() -> None:
    everything = [
        tamper("true", INITIALIZED),
        motion("true", INITIALIZED),
        contact("loose", "true", INITIALIZED),
    ]
    assert Camera().says(*everything, initial=True) == []
    found = Camera().says(*everything, contact("1", "true", INITIALIZED), initial=True)
    assert [(one.kind, one.part) for one in found] == [("input.activated", 1)]
    camera = Camera()
    camera.says(*everything, initial=True)
    assert words(camera.says(tamper("true", CHANGED), at_s=60)) == ["camera.tampered"]


def test_every_input_of_a_camera_whose_inputs_mean_panic_is_one_that_is_wired() -> None:
    attack = [
        tamper("true", INITIALIZED),
        motion("true", INITIALIZED),
        contact("7", "true", INITIALIZED),
    ]
    camera = Camera(inputs={}, input_kind="panic.pressed")
    assert words(camera.says(*attack, initial=True)) == ["input.activated"]


def test_what_the_bus_did_not_take_is_owed_and_said_again_as_the_same_event() -> None:
    camera = Camera(stores=False)
    (begun,) = camera.says(contact("1", "true"))
    assert camera.standing.owed() == [begun]
    assert camera.says(contact("1", "true", INITIALIZED), at_s=60, initial=True) == [begun]
    camera.standing.committed(begun)
    assert camera.standing.owed() == []
    assert camera.says(at_s=70) == camera.says(at_s=80, initial=True) == []


def test_a_crossing_that_the_bus_did_not_take_is_not_forgotten_either() -> None:
    camera = Camera(stores=False)
    (crossed,) = camera.says(told("RuleEngine/LineDetector/Crossed", {"ObjectId": "7"}))
    assert camera.says(at_s=600, initial=True) == [crossed]


def test_what_is_refused_for_good_is_not_handed_in_again() -> None:
    camera = Camera(stores=False)
    (begun,) = camera.says(contact("1", "true"))
    camera.standing.refused(begun)
    assert camera.standing.owed() == []


def test_no_more_is_owed_and_kept_than_there_is_room_for() -> None:
    camera = Camera(stores=False)
    for number in range(1000):
        camera.says(contact(f"invented {number}", "true"))
    assert len(camera.standing.owed()) == 256
    assert len(camera.standing.active) == 128


def test_what_a_camera_stopped_speaking_of_in_the_same_life_holds_no_end_back() -> None:
    camera = Camera()
    camera.says(tamper("true", source="1"), tamper("true", source="gone"))
    assert camera.says(tamper("false", INITIALIZED, source="1"), at_s=60, initial=True) == []
    assert words(camera.says(at_s=62)) == ["camera.restored"]


def test_a_lens_covered_anew_in_the_gap_ends_and_begins_if_the_camera_says_so() -> None:
    before = Camera()
    before.says(tamper("true"))
    found = Camera(before.known()).says(tamper("true", CHANGED), at_s=60, initial=True)
    assert words(found) == ["camera.restored", "camera.tampered"]
