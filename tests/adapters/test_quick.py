"""Packets cut and built by hand, beside what paho itself makes of them."""

import asyncio
import itertools
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MessageType, MQTTErrorCode, MQTTProtocolVersion

from adapters.devices.mqtt import quick
from adapters.devices.mqtt.connection import Session
from adapters.devices.mqtt.quick import Answers, Published
from adapters.devices.mqtt.settings import RECEIPT_LIMIT_BYTES, SessionSettings
from adapters.signal import Lane, Receipt

PROTOCOLS = pytest.mark.parametrize(
    "protocol", [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311]
)
REACHED_FOR = (
    "_sock_recv",
    "loop_read",
    "_in_packet",
    "_last_bytes_received",
    "_loop_rc_handle",
    "_sock_send",
    "_out_packet",
    "_packet_queue",
    "_mid_generate",
    "manual_ack_set",
    "on_connect",
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
    return bytes(client._out_packet.popleft()["packet"])


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
    (queued,) = client._out_packet
    assert queued["packet"] == b"\x40\x02\x00\x07\x40\x02\x00\x08\x40\x02\x01\x2c"
    assert queued["command"] == MessageType.PUBACK


async def test_no_more_is_under_way_than_the_broker_wants_at_once() -> None:
    line = _Line([_PUBACK, _PUBACK + _PUBACK])
    line.answers.window = 2
    for number in range(5):
        line.answers.publish("t", b"%d" % number)
    sent = await _sent(line.client)
    assert (sent, line.answers.waiting) == ([b"0", b"1"], 3)
    line.read()
    assert await _sent(line.client) == [b"2", b"3", b"4"]
    assert line.answers.waiting == 0


async def test_a_receipt_waits_for_no_window_and_goes_without_one() -> None:
    line = _Line([])
    line.answers.window = 1
    for _ in range(3):
        line.answers.answer("t", b"x")
    await asyncio.sleep(0)
    together = b"".join(bytes(one["packet"]) for one in line.client._out_packet)
    at_least_once = b"\x32\x07\x00\x01t\x00\x01\x00x"
    at_most_once = b"\x30\x05\x00\x01t\x00x"
    assert (together, line.answers.waiting) == (at_least_once + at_most_once * 2, 1)


async def test_what_waits_for_a_full_socket_is_known_in_bytes() -> None:
    line = _Line([])
    for turn in range(1, 4):
        for _ in range(1000):
            line.answers.answer("t", b"x" * 100)
        await asyncio.sleep(0)  # one piece of paho's for each turn, however many receipts are in it
        assert (len(line.client._out_packet), line.answers.waiting_bytes) == (turn, turn * 108_000)
    line.client._out_packet.popleft()
    assert line.answers.waiting_bytes == 2 * 108_000
    line.client._out_packet.clear()
    assert line.answers.waiting_bytes == 0


async def test_a_receipt_for_a_broker_that_reads_nothing_is_counted_as_unsent() -> None:
    unsent = list[int]()
    settings = SessionSettings(link="b", lane=Lane.ALARM, host="127.0.0.1", port=1, gateway="g1")
    now = datetime(2026, 11, 26, tzinfo=UTC)
    session = Session(settings, lambda: now, lambda: "ok", lambda: unsent.append(1))
    session._client = session._new_client()
    receipt = Receipt(device="button-1", id="e" * 64, stored_at=now)
    while not unsent:
        for _ in range(1000):
            session._say(receipt)
        await asyncio.sleep(0)
        assert session._answers.waiting_bytes < 2 * RECEIPT_LIMIT_BYTES
    assert session._answers.waiting_bytes > RECEIPT_LIMIT_BYTES


async def _sent(client: paho.Client) -> list[bytes]:
    """The bodies, of one byte, of what was written since the last look."""
    await asyncio.sleep(0)
    together = b"".join(bytes(one["packet"]) for one in client._out_packet)
    client._out_packet.clear()
    return [together[at : at + 1] for at in range(8, len(together), 9)]


def test_properties_of_a_publish_are_passed_over() -> None:
    body = b"\x00\x03a/b" + b"\x00\x05" + b"\x82\x01" + b"\x26" * 130 + b"help"
    assert quick.published(0x33, body, is_5=True) == Published("a/b", b"help", 1, True, 5)


class _Line:
    """A paho client whose socket gives what it is told to, piece by piece."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.client = _client(MQTTProtocolVersion.MQTTv5)
        inside: Any = self.client
        inside._sock = socket.socket()
        inside._sock_recv = self._receive
        inside._ping_t = 1.0
        self._pieces = pieces
        self.heard: list[bytes] = []
        self.answers = Answers(self.client)
        take = self.heard.append
        self.reader = quick.Reader(self.client, lambda one: take(one.payload), self.answers)

    def read(self) -> MQTTErrorCode:
        code = MQTTErrorCode.MQTT_ERR_SUCCESS
        while self._pieces and code == MQTTErrorCode.MQTT_ERR_SUCCESS:
            code = self.reader.read_all()
        return code

    @property
    def has_pong(self) -> bool:
        """Whether paho itself got its answer to a ping."""
        return not self.client._ping_t

    def _receive(self, _: int) -> bytes:
        if not self._pieces:
            raise BlockingIOError
        return self._pieces.pop(0)


def _publish(payload: bytes) -> bytes:
    rest = b"\x00\x03a/b\x00\x05\x00" + payload
    return b"\x32" + quick._length(len(rest)) + rest


_PUBACK, _PINGRESP = b"\x40\x02\x00\x09", b"\xd0\x00"


@given(
    payloads=st.lists(st.binary(max_size=400), min_size=1, max_size=6),
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=40),
)
def test_packets_are_cut_alike_however_the_line_breaks_them(
    payloads: list[bytes], cuts: list[int]
) -> None:
    whole = _PINGRESP + b"".join(_publish(one) + _PUBACK for one in payloads)
    pieces = []
    for size in itertools.cycle(cuts):
        pieces.append(whole[:size])
        whole = whole[size:]
        if not whole:
            break
    line = _Line(pieces)
    assert line.read() == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert (line.heard, line.reader.taken, line.has_pong) == (payloads, len(payloads), True)


def test_what_is_not_hot_is_left_to_paho_also_between_hot_packets() -> None:
    line = _Line([_publish(b"1") + _PINGRESP + _publish(b"2")])
    line.read()
    assert (line.heard, line.has_pong) == ([b"1", b"2"], True)


def test_a_packet_longer_than_what_is_cut_is_gathered_by_paho() -> None:
    line = _Line([_publish(b"x" * (quick.CUT_LIMIT + 1))[:70_000]])
    assert line.read() == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert (line.heard, len(line.client._in_packet["packet"]) > 60_000) == ([], True)


def test_a_packet_that_cannot_be_cut_ends_the_line_and_is_not_read_again() -> None:
    line = _Line([b"\x32\x03\x00\x09a", _publish(b"1")])
    assert line.read() == MQTTErrorCode.MQTT_ERR_PROTOCOL
    assert line.client.socket() is None
