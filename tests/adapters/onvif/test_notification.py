"""Notifications: what cameras of every make say becomes words; nothing they write escapes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from adapters.devices.onvif import notification, soap
from adapters.devices.onvif.notification import Notification, Unknown
from adapters.devices.onvif.soap import NotSoap
from tests.adapters.onvif import telling
from tests.adapters.onvif.telling import SAMPLES, sample

_NOBODY = "00000"
_MOTION = "RuleEngine/CellMotionDetector/Motion"
_INPUT = telling.INPUT_TOPIC
_TRIPLE = {
    "VideoSourceConfigurationToken": _NOBODY,
    "VideoAnalyticsConfigurationToken": _NOBODY,
    "Rule": _NOBODY,
}

# Of each sample: topic, operation, source, data; in the order in which they must come.
EXPECTED: dict[str, list[tuple[str, str | None, dict[str, str], dict[str, str]]]] = {
    "hikvision_initial_1": [
        (_MOTION, "Initialized", _TRIPLE, {"IsMotion": "false"}),
        ("VideoSource/MotionAlarm", "Initialized", {"Source": _NOBODY}, {"State": "false"}),
    ],
    "axis_port": [
        ("Device/IO/Port", "Initialized", {"port": "1"}, {"state": "0"}),
        ("Device/IO/Port", "Changed", {"port": "1"}, {"state": "1"}),
    ],
    "axis_guard_without_source": [
        ("CameraApplicationPlatform/VMD/Camera1ProfileANY", "Changed", {}, {"active": "1"}),
    ],
    "pelco_initial": [
        ("Monitoring/LinkStatus", "Initialized", {"Token": "eth0"}, {}),
        (_MOTION, "Initialized", {}, {"Value": "True"}),
        (
            "RecordingHistory/Track/State",
            "Initialized",
            {"RecordingToken": "0", "Track": "VIDEO001"},
            {"IsDataPresent": "false"},
        ),
    ],
    "dahua_nothing_said": [],
    "bosch_rule_in_topic": [
        (
            "IVA/EnteringField/Yard_north",
            "Changed",
            {"VideoSourceConfigurationToken": "1"},
            {"ObjectId": "77"},
        ),
        ("RuleEngine/LineDetector/Crossed", "Changed", {"Rule": "Fence"}, {}),
    ],
    "hanwha_prefix_on_each_level": [
        (_INPUT, "Changed", {"Index": "1"}, {"Level": "1"}),
        (
            "VideoAnalytics/MotionDetection",
            "Changed",
            {"VideoSourceToken": "VideoSourceToken-1"},
            {"motion": "1"},
        ),
    ],
    "recorder_glued_topic": [
        (f"VideoSource/{_INPUT}", "Changed", {"InputToken": "D1"}, {"LogicalState": "TRUE"}),
        (f"VideoSource/{_INPUT}", "Changed", {"InputToken": "D2"}, {"LogicalState": "FALSE"}),
    ],
    "asecam_end_without_message": [
        (_MOTION, None, {}, {}),
        ("VideoSource/MotionAlarm", None, {}, {}),
    ],
    "several_in_one_holder": [
        (_INPUT, "Changed", {"InputToken": "1"}, {"LogicalState": "true"}),
        (_INPUT, "Changed", {"InputToken": "2"}, {"LogicalState": "true"}),
        (_INPUT, None, {"InputToken": "3"}, {"LogicalState": "false"}),
    ],
    "inner_message_left_out": [
        (_INPUT, "Changed", {"InputToken": "1"}, {"LogicalState": "on"}),
    ],
}


def taken(name: str) -> list[Notification]:
    return [one for one in sample(name) if isinstance(one, Notification)]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_camera_is_taken_at_its_word_however_it_writes(name: str) -> None:
    found = [
        (one.topic, one.operation, dict(one.source), dict(one.data))
        for one in sample(name)
        if isinstance(one, Notification)
    ]
    assert found == EXPECTED[name]
    assert not [one for one in sample(name) if isinstance(one, Unknown)]


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.xml")))
def test_every_sample_is_read_and_keeps_its_raw_topic(name: str) -> None:
    for one in taken(name):
        assert one.topic == notification.path(one.raw_topic)
        assert ":" not in one.topic
        assert 0 < len(one.raw) <= notification.RAW_LIMIT


def test_the_objects_number_is_told_apart_from_the_state() -> None:
    (one,) = taken("hikvision_object_in_key")
    assert (dict(one.key), dict(one.data)) == ({"ObjectId": "3379"}, {"IsInside": "true"})


def test_a_bad_message_costs_none_of_its_neighbours() -> None:
    found = sample("one_bad_among_good")
    inputs = [dict(one.source)["InputToken"] for one in found if isinstance(one, Notification)]
    bad = [one for one in found if isinstance(one, Unknown)]
    assert inputs == ["1", "2"]
    assert [one.why for one in bad] == ["no topic", "characters that are none"]
    assert all(b"NotificationMessage" in one.raw for one in bad)


def test_prefixes_that_were_never_declared_are_no_matter() -> None:
    assert [one.topic for one in taken("xiongmai_all_true")] == [
        *("RuleEngine/TamperDetector/Tamper", _MOTION, _INPUT, "VideoSource/SignalLoss"),
    ]


def test_no_date_fails_a_message_and_what_is_none_counts_as_not_said() -> None:
    assert [one.said_at for one in taken("oem_initial_odd_dates")] == [
        datetime(2026, 11, 22, 3, 16, 15, tzinfo=UTC),
        None,
        None,
        datetime(2026, 11, 22, 3, 16, 1, tzinfo=UTC),
        None,
    ]


def message(at: str) -> str:
    return (
        "<N><Topic>a/b</Topic><Message><Message UtcTime='" + at + "'><Data>"
        "<SimpleItem Name='State' Value='1'/></Data></Message></Message></N>"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T03:15:42.131Z", datetime(2026, 11, 22, 3, 15, 42, 131000, tzinfo=UTC)),
        ("2026-11-22T08:15:42+05:00", datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)),
        ("2026-11-22T03:15:42", datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)),
        ("2026-11-22T02:75:42Z", datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01T03:20:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_read_or_is_none(text: str, expected: datetime | None) -> None:
    (one,) = notification.read(etree.fromstring(message(text)))
    assert isinstance(one, Notification)
    assert one.said_at == expected


def test_what_has_no_end_is_cut() -> None:
    items = "".join(f"<SimpleItem Name='n{i}' Value='{'v' * 5000}'/>" for i in range(500))
    xml = f"<N><Topic>{'t/' * 900}</Topic><Message><M><Data>{items}</Data></M></Message></N>"
    (one,) = notification.read(etree.fromstring(xml.replace("M>", "Message>")))
    assert isinstance(one, Notification)
    assert len(one.raw_topic) <= notification.TOPIC_LIMIT
    assert len(one.data) == notification.ITEMS_LIMIT
    assert {len(value) for _, value in one.data} == {notification.VALUE_LIMIT}
    assert len(one.raw) == notification.RAW_LIMIT


_names = some.sampled_from(
    ["Topic", "Message", "Source", "Data", "Key", "SimpleItem", "ElementItem", "x", "p:Message"]
)
_texts = some.text(
    alphabet=some.characters(codec="utf-8", exclude_characters="<&\"'", exclude_categories=["Cc"]),
    max_size=12,
)
_attributes = some.dictionaries(
    some.sampled_from(["Name", "Value", "UtcTime", "PropertyOperation", "PropertyType", "q:Name"]),
    _texts
    | some.sampled_from(["Changed", "initialized", "true", "&#xD800;", "0000-00-00T00:00:00Z"]),
    max_size=4,
)


def _element(name: str, attributes: dict[str, str], inner: list[str]) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{said}>{''.join(inner)}</{name}>"


_trees = some.recursive(
    _texts,
    lambda inner: some.builds(_element, _names, _attributes, some.lists(inner, max_size=4)),
    max_leaves=25,
)


@given(inner=some.lists(_trees, max_size=5))
def test_whatever_a_camera_writes_becomes_words_or_is_kept_raw(inner: list[str]) -> None:
    body = f"<s:Envelope xmlns:s='e'><s:Body><N>{''.join(inner)}</N></s:Body></s:Envelope>"
    try:
        holder = soap.parse(body.encode())
    except NotSoap:
        return
    for one in notification.read(holder):
        assert isinstance(one, Notification | Unknown)
        assert len(one.raw) <= notification.RAW_LIMIT
