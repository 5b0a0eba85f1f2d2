"""Packets cut and built by hand, beside what paho itself makes of them."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MessageType, MQTTProtocolVersion

from adapters.devices.mqtt import quick
from adapters.devices.mqtt.quick import Answers, Published

PROTOCOLS = pytest.mark.parametrize(
    "protocol", [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311]
)
REACHED_FOR = (
    "_sock_recv",
    "loop_read",
    "_packet_handle",
    "_in_packet",
    "_out_messages",
    "_packet_queue",
    "_mid_generate",
    "manual_ack_set",
)


def _client(protocol: MQTTProtocolVersion) -> paho.Client:
    return paho.Client(CallbackAPIVersion.VERSION2, protocol=protocol, manual_ack=True)


@pytest.mark.parametrize("name", REACHED_FOR)
def test_paho_still_has_what_we_reach_for(name: str) -> None:
    assert hasattr(_client(MQTTProtocolVersion.MQTTv5), name)


async def _written(protocol: MQTTProtocolVersion, topic: str, body: bytes) -> bytes:
    """What one receipt is on the wire."""
    client = _client(protocol)
    answers = Answers(client)
    answers.publish(topic, body)
    await asyncio.sleep(0)
    return bytes(client._out_packet.popleft()["packet"])  # noqa: SLF001 - what paho would write


@PROTOCOLS
@given(body=st.binary(max_size=300))
def test_a_receipt_is_read_as_it_was_written(protocol: MQTTProtocolVersion, body: bytes) -> None:
    packet = asyncio.run(_written(protocol, "dabyl/v1/ж-1/receipt", body))
    at = 2 if packet[1] < 128 else 3
    is_5 = protocol is MQTTProtocolVersion.MQTTv5
    found = quick.published(packet[0], packet[at:], is_5=is_5)
    assert found == Published("dabyl/v1/ж-1/receipt", body, 1, False, 1)


@PROTOCOLS
async def test_answers_of_one_turn_are_one_write_in_order(protocol: MQTTProtocolVersion) -> None:
    client = _client(protocol)
    answers = Answers(client)
    for mid in (7, 8, 300):
        answers.acknowledge(mid)
    await asyncio.sleep(0)
    (queued,) = client._out_packet  # noqa: SLF001 - what paho would write
    assert queued["packet"] == b"\x40\x02\x00\x07\x40\x02\x00\x08\x40\x02\x01\x2c"
    assert queued["command"] == MessageType.PUBACK


def test_properties_of_a_publish_are_passed_over() -> None:
    body = b"\x00\x03a/b" + b"\x00\x05" + b"\x82\x01" + b"\x26" * 130 + b"help"
    assert quick.published(0x33, body, is_5=True) == Published("a/b", b"help", 1, True, 5)
