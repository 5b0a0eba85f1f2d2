"""The calls: what is asked, and what is read out of answers in whatever order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.devices.onvif import calls, element, soap
from adapters.devices.onvif.calls import Action, Namespace
from adapters.devices.onvif.element import Element
from tests.adapters.onvif.samples import sample

_AT = datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)


def _answer(name: str) -> Element:
    return soap.parse(sample(name))


def _said(body: bytes) -> list[tuple[str, str]]:
    """The names and texts of a call, as the camera would read them."""
    asked = soap.parse(soap.envelope(body))
    return [(element.name(one), (one.text or "").strip()) for one in asked.iter()]


def test_every_call_is_whole_xml_of_its_own_namespace() -> None:
    built = [
        calls.get_system_date_and_time(),
        calls.get_device_information(),
        calls.get_services(),
        calls.get_capabilities(),
        calls.get_scopes(),
        calls.get_network_interfaces(),
        calls.get_profiles(),
        calls.get_profiles_2(),
        calls.get_snapshot_uri("P<0>"),
        calls.get_snapshot_uri_2("P&0"),
        calls.get_event_properties(),
        calls.get_event_service_capabilities(),
        calls.create_pull_point(timedelta(minutes=10)),
        calls.subscribe("http://10.0.0.1/a?b&c", timedelta(minutes=10)),
        calls.pull(30),
        calls.renew(_AT),
        calls.unsubscribe(),
        calls.synchronise(),
        calls.seek(_AT),
    ]
    assert len(built) == len(Action)
    for body in built:
        root = etree.fromstring(body)
        assert str(root.tag).startswith(("{http://www.onvif.org/", "{http://docs.oasis-open.org/"))


def test_only_the_event_services_calls_are_addressed() -> None:
    assert Action.PULL.is_addressed
    assert Action.RENEW.is_addressed
    assert not Action.GET_SERVICES.is_addressed


@pytest.mark.parametrize(
    ("lasts", "said"),
    [
        (timedelta(minutes=10), "PT600S"),
        (_AT + timedelta(minutes=10), "2026-11-22T03:25:42Z"),
        (None, None),
    ],
)
def test_a_subscription_is_asked_for_relatively_absolutely_or_without_a_time(
    lasts: timedelta | datetime | None, said: str | None
) -> None:
    times = [text for name, text in _said(calls.create_pull_point(lasts)) if "Time" in name]
    assert times == ([said] if said else [])


def test_a_subscription_may_be_filtered() -> None:
    said = dict(_said(calls.create_pull_point(None, only="tns1:Device/Trigger//.")))
    assert said["TopicExpression"] == "tns1:Device/Trigger//."


def test_a_pull_names_its_wait_in_whole_seconds_and_never_none() -> None:
    assert ("Timeout", "PT30S") in _said(calls.pull(30.0))
    assert ("Timeout", "PT1S") in _said(calls.pull(0.2, limit=7))
    assert ("MessageLimit", "7") in _said(calls.pull(0.2, limit=7))


def test_times_on_the_wire_end_in_z() -> None:
    east = _AT.astimezone(tz=None)
    assert ("UtcTime", "2026-11-22T03:15:42Z") in _said(calls.seek(east))
    assert ("TerminationTime", "2026-11-22T03:15:42Z") in _said(calls.renew(east))


def test_what_a_pull_brings_is_read_with_its_times() -> None:
    pulled = calls.pulled(_answer("pull_two_inputs.xml"))
    assert (pulled.current_at, pulled.granted) == (_AT, timedelta(minutes=10))
    assert [element.text(one, "Topic") for one in pulled.messages] == [
        "tns1:Device/Trigger/DigitalInput"
    ] * 2
    assert calls.pulled(_answer("pull_nothing.xml")).messages == []


def test_a_pull_without_times_is_one() -> None:
    pulled = calls.pulled(_answer("pull_untidy.xml"))
    assert (pulled.terminates_at, pulled.granted) == (None, None)


def test_a_message_whose_end_is_missing_does_not_hide_the_next() -> None:
    body = sample("pull_two_inputs.xml").replace(b"</wsnt:NotificationMessage>", b"", 1)
    assert len(calls.pulled(soap.parse(body)).messages) == 2


def test_more_messages_than_are_handed_on_are_counted() -> None:
    many = b"<wsnt:NotificationMessage/>" * (calls.REPLY_LIMIT + 5)
    body = sample("pull_nothing.xml").replace(
        b"</tev:PullMessagesResponse>", many + b"</tev:PullMessagesResponse>"
    )
    pulled = calls.pulled(soap.parse(body))
    assert (len(pulled.messages), pulled.overflow) == (calls.REPLY_LIMIT, 5)


def test_what_a_camera_pushes_is_read_alike() -> None:
    body = sample("pull_two_inputs.xml").replace(b"PullMessagesResponse", b"Notify")
    assert len(calls.notified(soap.parse(body)).messages) == 2


def test_reference_parameters_are_echoed_verbatim_with_their_own_namespaces() -> None:
    point = calls.pull_point(_answer("create_axis.xml"))
    assert point.address == "http://10.20.30.40/onvif/services"
    assert point.granted == timedelta(days=28)
    assert point.reference == (
        (
            b'<dom0:SubscriptionId xmlns:dom0="http://www.example.org/2009/event">17\n          '
            b"</dom0:SubscriptionId>"
        ),
        (
            b'<aev:Channel xmlns:aev="http://www.example.org/vendor/event1" aev:kind="main">2'
            b"</aev:Channel>"
        ),
    )


def test_a_subscription_is_read_in_any_order_with_untidy_times() -> None:
    point = calls.pull_point(_answer("create_doubled_port.xml"))
    assert point.address == "http://192.168.1.108:80:80/onvif/subscription?Idx=4"
    assert point.granted == timedelta(minutes=10, seconds=30)
    assert point.reference == ()


def test_a_reference_too_long_to_echo_is_refused() -> None:
    body = sample("create_axis.xml").replace(b"17\n", b"7" * 5000)
    with pytest.raises(soap.NotSoap, match="too long"):
        calls.pull_point(soap.parse(body))


def test_a_renewal_says_how_long_it_lasts_now() -> None:
    body = sample("pull_nothing.xml").replace(b"PullMessagesResponse", b"RenewResponse")
    assert calls.renewed(soap.parse(body)).granted == timedelta(minutes=10)


def test_a_clock_is_read_with_the_date_first_and_seconds_beyond_59() -> None:
    said = calls.date_and_time(_answer("clock_date_first.xml"))
    assert said.utc == datetime(2026, 11, 22, 3, 16, 1, tzinfo=UTC)
    assert (said.is_manual, said.zone) == (True, "CST-8")


def test_a_clock_without_utc_is_read_from_its_local_time_and_zone() -> None:
    body = sample("clock_date_first.xml").replace(b"UTCDateTime", b"LocalDateTime")
    said = calls.date_and_time(soap.parse(body))
    assert said.utc == datetime(2026, 11, 21, 19, 16, 1, tzinfo=UTC)


def test_a_clock_that_shows_no_day_shows_no_time() -> None:
    body = sample("clock_date_first.xml").replace(b"<tt:Month>11", b"<tt:Month>0")
    assert calls.date_and_time(soap.parse(body)).utc is None


def test_services_are_read_by_namespace_in_the_new_and_the_old_way() -> None:
    assert calls.services(_answer("services.xml")) == {
        Namespace.DEVICE: "http://192.168.1.108/onvif/device_service",
        Namespace.EVENTS: "/onvif/event_service",
    }
    old = calls.capabilities(_answer("capabilities.xml"))
    assert old[Namespace.EVENTS] == "http://192.168.1.108/onvif/Events"
    assert old[Namespace.DEVICE_IO] == "http://192.168.1.108/onvif/DeviceIO"
    assert len(old) == 4


def test_what_it_is_is_read_although_its_bytes_are_no_utf_8() -> None:
    said = calls.device_information(_answer("information_latin_1.xml"))
    assert (said.manufacturer, said.serial) == ("Gro�e Kameras", "0042")


@pytest.mark.parametrize(
    ("name", "width", "encoding"),
    [("profiles.xml", 1920, "H264"), ("profiles_2.xml", 2560, "H265")],
)
def test_profiles_are_read_from_either_media_service(name: str, width: int, encoding: str) -> None:
    first, *others = calls.profiles(_answer(name))
    assert (first.source, first.width, first.encoding) == ("VideoSource_1", width, encoding)
    assert [one.token for one in others] == (["audio"] if name == "profiles.xml" else [])


@pytest.mark.parametrize(
    "inside", ["<MediaUri><Uri> http://c/s.jpg </Uri></MediaUri>", "<Uri>http://c/s.jpg</Uri>"]
)
def test_the_address_of_a_still_is_read_from_either_media_service(inside: str) -> None:
    body = f"<GetSnapshotUriResponse>{inside}</GetSnapshotUriResponse>"
    assert calls.snapshot_uri(etree.fromstring(body)) == "http://c/s.jpg"


def test_topics_are_paths_without_prefixes_also_where_their_mark_is_missing() -> None:
    said = calls.event_properties(_answer("topics.xml"))
    assert [(one.path, one.is_property) for one in said.topics] == [
        ("Device/Trigger/DigitalInput", True),
        ("Device/IO/Port", True),
        ("VideoSource/MotionAlarm", False),
    ]
    assert said.topics[0].source == ("InputToken",)
    assert said.is_fixed


def test_capabilities_of_the_event_service_are_unknown_where_it_says_nothing() -> None:
    inside = '<Capabilities MaxPullPoints="8" WSPullPointSupport="true"/>'
    body = f"<GetServiceCapabilitiesResponse>{inside}</GetServiceCapabilitiesResponse>"
    said = calls.event_service_capabilities(etree.fromstring(body))
    assert (said.max_pull_points, said.pull_point, said.persistent_storage) == (8, True, None)


def test_network_interfaces_and_scopes_are_read() -> None:
    body = (
        '<GetNetworkInterfacesResponse><NetworkInterfaces token="eth0"><Enabled>true</Enabled>'
        "<Info><Name>eth0</Name><HwAddress>00:11:22:33:44:55</HwAddress></Info>"
        "<IPv4><Config><Manual><Address>10.0.4.12</Address></Manual></Config></IPv4>"
        "</NetworkInterfaces></GetNetworkInterfacesResponse>"
    )
    (one,) = calls.network_interfaces(etree.fromstring(body))
    assert (one.name, one.mac, one.addresses) == ("eth0", "00:11:22:33:44:55", ("10.0.4.12",))
    scopes = "<GetScopesResponse><Scopes><ScopeItem>onvif://a</ScopeItem></Scopes><Scopes/></GetScopesResponse>"
    assert calls.scopes(etree.fromstring(scopes)) == ("onvif://a",)


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("2026-11-22T03:15:42Z", _AT),
        ("2026-11-22T03:15:42", _AT),
        (" 2026-11-22 03:15:42 ", _AT),
        ("2026-11-22T08:15:42+05:00", _AT),
        ("2026-11-22T08:15:42.000000000 +0500", _AT),
        ("2026-11-22T02:74:102Z", None),
        ("2026-11-22T02:74:99Z", _AT - timedelta(seconds=3)),
        ("0000-00-00T00:00:00Z", None),
        ("10-05-2025T22:41:27Z", None),
        ("2026-11-22", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("", None),
    ],
)
def test_a_time_is_read_however_it_is_written_or_is_none(said: str, then: datetime | None) -> None:
    assert element.moment(said) == then


@given(st.one_of(st.text(), st.from_regex(r"\d{4}-\d\d-\d\dT\d{1,2}:\d{1,2}:\d{1,2}.*")))
def test_no_text_can_break_the_reading_of_a_time(said: str) -> None:
    found = element.moment(said)
    assert found is None or found.utcoffset() == timedelta()
