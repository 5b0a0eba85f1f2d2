"""The topics of `dabyl/v1`: each becomes its signal, and back."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.devices.mqtt import dabyl_v1
from adapters.devices.mqtt.dabyl_v1 import Delivered
from adapters.signal import (
    CheckIn,
    Lane,
    Receipt,
    Reply,
    Signal,
    Spoken,
    Unread,
    Unreadable,
)

NOW = datetime(2026, 11, 22, 3, 15, 42, 131_900, tzinfo=UTC)
PRESS = b'{"id": "e1", "kind": "panic.pressed"}'


def heard(topic: str, payload: bytes = PRESS, *, retained: bool = False) -> Signal:
    message = Delivered(topic=topic, payload=payload, retained=retained, link="b1", received_at=NOW)
    return dabyl_v1.signal(message)


@pytest.mark.parametrize(("topic", "lane"), [("alarm", Lane.ALARM), ("event", Lane.EVENT)])
def test_an_event_keeps_where_it_was_heard(topic: str, lane: Lane) -> None:
    signal = heard(f"dabyl/v1/button-1/{topic}", retained=True)
    assert isinstance(signal, Spoken)
    assert (signal.device, signal.heard_on, signal.retained) == ("button-1", lane, True)
    assert (signal.said.id, signal.received_at, signal.by_adapter) == ("e1", NOW, False)


@pytest.mark.parametrize(
    ("payload", "online"),
    [(b"{}", True), (b'{"online": true}', True), (b'{"online":false}', False)],
)
def test_a_check_in_or_a_last_will(payload: bytes, *, online: bool) -> None:
    signal = heard("dabyl/v1/button-1/state", payload)
    assert isinstance(signal, CheckIn)
    assert signal.online is online


def test_a_reply_answers_its_command() -> None:
    signal = heard("dabyl/v1/button-1/reply", b'{"id": "c1", "ok": false, "error": "busy"}')
    assert isinstance(signal, Reply)
    assert (signal.id, signal.ok, signal.error) == ("c1", False, "busy")


@pytest.mark.parametrize(
    ("topic", "payload", "why"),
    [
        ("dabyl/v1/button-1/alarm", b"HELP", Unread.NOT_JSON),
        ("dabyl/v1/button-1/state", b'{"online": "yes"}', Unread.BAD_FIELD),
        ("dabyl/v1/button-1/reply", b'{"ok": true}', Unread.BAD_FIELD),
        ("dabyl/v1/button-1/receipt", PRESS, Unread.BAD_TOPIC),
        ("dabyl/v1/button-1/alarm/more", PRESS, Unread.BAD_TOPIC),
        ("dabyl/v1/button-1", PRESS, Unread.BAD_TOPIC),
        ("dabyl/v2/button-1/alarm", PRESS, Unread.BAD_TOPIC),
    ],
)
def test_what_cannot_be_read_keeps_its_bytes_and_its_reason(
    topic: str, payload: bytes, why: Unread
) -> None:
    signal = heard(topic, payload)
    assert isinstance(signal, Unreadable)
    assert (signal.reason, signal.body) == (why, payload)


def test_only_the_first_16_kib_are_kept_and_the_alarm_topic_stays_known() -> None:
    signal = heard("dabyl/v1/button-1/alarm", b"x" * 20_000)
    assert isinstance(signal, Unreadable)
    assert (len(signal.body), signal.reason) == (16_384, Unread.TOO_LARGE)
    assert signal.heard_on is Lane.ALARM


@given(some.text(max_size=60), some.binary(max_size=60))
def test_nothing_that_is_delivered_ever_raises(topic: str, payload: bytes) -> None:
    assert heard(f"dabyl/v1/{topic}", payload).link == "b1"


def test_a_receipt_says_when_by_whom_and_on_how_many_disks() -> None:
    receipt = Receipt(device="button-1", id="e1", stored_at=NOW, copies=2)
    found = dabyl_v1.receipt_body(receipt, "g1", "late")
    assert json.loads(found or b"") == {
        "id": "e1",
        "stored_at": "2026-11-22T03:15:42.131Z",
        "by": "g1",
        "copies": 2,
        "centre": "late",
    }


@pytest.mark.parametrize("event_id", ["e1", None])
def test_a_refusal_names_its_reason_and_the_event_if_known(event_id: str | None) -> None:
    refusal = Receipt(device="b", id=event_id, refused="not_json")
    found = json.loads(dabyl_v1.receipt_body(refusal, "g1", "ok") or b"")
    assert found == {"refused": "not_json"} | ({"id": event_id} if event_id else {})


def test_an_answer_that_says_nothing_is_not_sent() -> None:
    assert dabyl_v1.receipt_body(Receipt(device="b"), "g1", "ok") is None


def test_the_topics_are_the_contracts() -> None:
    assert dabyl_v1.receipt_topic("b") == "dabyl/v1/b/receipt"
    assert dabyl_v1.command_topic("b") == "dabyl/v1/b/command"
    assert dabyl_v1.beacon_topic("g1") == "dabyl/v1/_gateway/g1"
    assert dabyl_v1.SUBSCRIPTIONS[Lane.ALARM] == ("dabyl/v1/+/alarm",)
