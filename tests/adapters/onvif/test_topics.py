"""The table of topics: a row of each maker, and what its words mean."""

import pytest

from adapters.devices.onvif import topics
from adapters.devices.onvif.notification import Notification
from adapters.devices.onvif.topics import SORTS, TABLE, Row
from gateway.domain.kind import KINDS, Voice
from tests.adapters.onvif.telling import INPUT_TOPIC, sample, told

# topic as sent, item and value, and what it is: kind, active (None: a pulse).
SAID: dict[str, tuple[str, dict[str, str], str, bool | None]] = {
    "ONVIF": (INPUT_TOPIC, {"LogicalState": "true"}, "input.activated", True),
    "ONVIF profiles A, C, D": (
        *("Door/State/DoorAlarm", {"State": "DoorForcedOpen"}, "passage.forced", True),
    ),
    "Hikvision": ("Device/Trigger/AlarmIn", {"State": "true"}, "input.activated", True),
    "Dahua and its OEMs": (
        *("UserAlarm/IVA/HumanShapeDetect", {"State": "false"}, "camera.motion", False),
    ),
    "Axis": ("Device/IO/Port", {"state": "1"}, "input.activated", True),
    "Bosch": ("IVA/EnteringField/Yard", {"ObjectId": "1"}, "camera.intrusion", None),
    "Hanwha (Samsung)": ("VideoAnalytics/Tampering", {"Level": "1"}, "camera.tampered", True),
    "Reolink": (
        *("RuleEngine/MyRuleDetector/PeopleDetect", {"State": "true"}, "camera.motion", True),
    ),
    "Tapo, VIGI": (
        "RuleEngine/CellMotionDetector/Intrusion",
        {"IsIntrusion": "true"},
        *("camera.intrusion", True),
    ),
    "XiongMai": ("UserAlarm/GlobalSceneChange", {"State": "1"}, "camera.tampered", True),
    "Ajax": ("RuleEngine/MotionDetector/Detection", {"Detected": "true"}, "camera.motion", True),
    "Others": ("Device/Trigger/VivoDigitalInput", {"Level": "0"}, "input.activated", False),
}


@pytest.mark.parametrize("vendor", SAID)
def test_a_makers_word_is_the_kind_that_its_row_says(vendor: str) -> None:
    topic, data, kind, active = SAID[vendor]
    found = topics.find(told(topic, data))
    assert vendor in {row.vendor for row, _ in topics.rows(topic)}
    assert (found[0].kind, found[0].active, found[0].is_pulse) == (kind, active, active is None)


def test_every_maker_has_its_row_here_and_avigilon_only_floods() -> None:
    assert {row.vendor for row in TABLE} - set(SAID) == {"Avigilon"}
    assert [row.topic for row in TABLE if row.floods] == ["Logs"]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.topic} {row.kind}")
def test_every_row_is_found_by_its_own_topic_and_names_where_it_is_known_from(row: Row) -> None:
    assert row in {found for found, _ in topics.rows(row.topic)}
    assert row.known_from
    assert row.kind is None or row.kind in SORTS
    assert row.pulse in {"", "yes", "always"}


@pytest.mark.parametrize("name", SORTS)
def test_a_cameras_kind_is_the_gateways_kind(name: str) -> None:
    sort, kind = SORTS[name], KINDS[name]
    assert kind.lane is sort.lane
    assert Voice.ADAPTER in kind.by
    ended_by = [one.name for one in KINDS.values() if name in one.restores]
    if name == topics.INPUT:
        ended_by = ["input.cleared"]
    assert ended_by == ([] if sort.ended_by is None else [sort.ended_by])
    if sort.ended_by is not None:
        assert KINDS[sort.ended_by].lane is sort.lane
        assert Voice.ADAPTER in KINDS[sort.ended_by].by


def test_no_two_rows_say_the_same_of_one_topic() -> None:
    said = [(row.topic.lower(), row.kind, row.source) for row in TABLE]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("word", "active"),
    [
        *((word, True) for word in ("true", "TRUE", "1", "active", "On", "yes", "open", "pressed")),
        *((word, False) for word in ("false", "FALSE", "0", "inactive", "off", "No", "closed")),
        *((word, False) for word in ("idle", "normal")),
        *((word, None) for word in ("", "2", "maybe", "да")),
    ],
)
def test_a_state_is_read_in_any_of_the_words_that_cameras_use(
    word: str, *, active: bool | None
) -> None:
    (found,) = topics.find(told(INPUT_TOPIC, {"LogicalState": word}))
    assert found.active is active
    assert not found.is_pulse


@pytest.mark.parametrize(
    "data",
    [
        {"LogicalState": "true", "Value": "false"},
        {"Value": "false", "LogicalState": "true"},
        {"Name": "off", "isactive": "true"},
        {"Comment": "the button at the door", "Whatever": "on"},
    ],
)
def test_the_item_that_holds_the_state_is_found_by_its_name(data: dict[str, str]) -> None:
    (found,) = topics.find(told(INPUT_TOPIC, data))
    assert found.active is True


def test_an_objects_number_is_no_state() -> None:
    (crossed,) = topics.find(told("RuleEngine/LineDetector/Crossed", {"ObjectId": "1"}))
    assert (crossed.active, crossed.is_pulse) == (None, True)


def test_a_camera_that_gives_a_crossed_line_a_state_is_believed() -> None:
    (crossed,) = topics.find(told("RuleEngine/LineDetector/Crossed", {"IsCrossed": "false"}))
    assert (crossed.active, crossed.is_pulse) == (False, False)


def test_an_output_is_no_event_but_an_input_that_is_called_relay_is_one() -> None:
    relay = "Device/Trigger/Relay"
    assert topics.find(told(relay, {"LogicalState": "active"}, source={"RelayToken": "1"})) == ()
    (found,) = topics.find(told(relay, {"LogicalState": "active"}, source={"RelayInputToken": "1"}))
    assert (found.kind, found.token, found.active) == ("input.activated", "1", True)


@pytest.mark.parametrize(
    ("topic", "row"),
    [
        ("VideoSource/Device/Trigger/DigitalInput", "Device/Trigger/DigitalInput"),
        ("device/trigger/digitalinput", "Device/Trigger/DigitalInput"),
        ("Some/New/DigitalInput", "DigitalInput"),
        ("Acme/Monitoring/DigitalInput", "DigitalInput"),
        ("IVA/EnteringField/Monitoring", "IVA/EnteringField"),
        ("RuleEngine/LineDetector/Crossed/Rule 1", "RuleEngine/LineDetector/Crossed"),
        ("Device/Trigger/DigitalInput/Media", "Device/Trigger/DigitalInput"),
        ("AccessControl/Denied/CredentialNotFound/Card", "AccessControl/Denied/CredentialNotFound"),
    ],
)
def test_the_longest_row_fits_wherever_it_stands_in_a_topic(topic: str, row: str) -> None:
    assert {found.topic for found, _ in topics.rows(topic)} == {row}


def test_a_rules_name_behind_the_topic_tells_two_of_them_apart() -> None:
    north, south = (
        topics.find(told(f"IVA/EnteringField/{name}", {}))[0].topic for name in ("North", "South")
    )
    assert (north, south) == ("IVA/EnteringField/North", "IVA/EnteringField/South")


def test_a_topic_that_nobody_knows_is_told_from_one_that_is_no_event() -> None:
    assert topics.rows("Acme/Sensor/Radiation") == ()
    assert topics.rows("Monitoring/ProcessorUsage")
    assert topics.find(told("Monitoring/ProcessorUsage", {"Value": "0.4"})) == ()


def test_two_inputs_that_only_their_token_tells_apart_are_two() -> None:
    found = [
        (one.token, one.active)
        for heard in sample("hikvision_initial_2")
        if isinstance(heard, Notification)
        for one in topics.find(heard)
        if one.kind == "input.activated"
    ]
    assert found == [("00000", False), ("00100", True)]


def test_one_message_may_speak_of_two_things() -> None:
    (heard,) = sample("axis_supervised_wire_cut")
    assert isinstance(heard, Notification)
    found = {one.kind: one.active for one in topics.find(heard)}
    assert found == {"input.activated": False, "tamper.opened": True}


def test_what_a_detector_sees_is_active_while_it_sees_anything() -> None:
    found = [
        topics.find(told("RuleEngine/ObjectDetection/Object", {"ClassTypes": seen}))[0].active
        for seen in ("Human Animal", "Human", "")
    ]
    assert found == [True, True, False]
