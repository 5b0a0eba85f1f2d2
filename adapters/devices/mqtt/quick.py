"""Quick: paho moves one packet a system call; here as many go as there are.

The hot path is one PUBLISH in, its PUBACK and a receipt out, and the PUBACK of that in: paho takes
some 130 us for these four. So it reads through a buffer, these packets are cut and built here, and
the answers of a whole batch are written as one piece; all else of a connection stays paho's. What
is reached for is pinned by the contract test: `_sock_recv`, `loop_read`, `_packet_handle`,
`_in_packet`, `_out_messages` (in); `_packet_queue`, `_mid_generate` (out).

Source: MQTT 5.0 and 3.1.1, §3.3 PUBLISH, §3.4 PUBACK.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from paho.mqtt.client import Client
from paho.mqtt.enums import MessageType, MQTTErrorCode, MQTTProtocolVersion

READ_AT_ONCE = 64 * 1024
PUBLISH_QOS_1 = 0x32
PUBACK = b"\x40\x02"
QOS_2 = 0x04


def read_through_a_buffer(client: Client) -> None:
    """Let paho take its one, two, and few bytes from what one system call brought."""
    inside: Any = client
    receive: Callable[[int], bytes] = inside._sock_recv  # noqa: SLF001
    read: Callable[[], MQTTErrorCode] = inside.loop_read
    held, at = b"", 0

    def from_buffer(wanted: int) -> bytes:
        nonlocal held, at
        if at >= len(held):
            held, at = receive(READ_AT_ONCE), 0
        taken = held[at : at + wanted]
        at += len(taken)
        return taken

    def read_all(_: int = 1) -> MQTTErrorCode:
        """What is in the buffer makes no socket ready: it is handled now."""
        while True:
            code = read()
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS or at >= len(held):
                return code

    inside._sock_recv = from_buffer  # noqa: SLF001
    inside.loop_read = read_all


class Published(NamedTuple):
    """A PUBLISH as it came."""

    topic: str
    payload: bytes
    qos: int
    retained: bool
    mid: int


def hand_on(client: Client, take: Callable[[Published], None]) -> None:
    """Hand each PUBLISH on, unacknowledged; nobody waits for the PUBACK of a receipt."""
    inside: Any = client
    handle: Callable[[], MQTTErrorCode] = inside._packet_handle  # noqa: SLF001
    is_5 = client.protocol == MQTTProtocolVersion.MQTTv5

    def quickly() -> MQTTErrorCode:
        packet = inside._in_packet  # noqa: SLF001
        command: int = packet["command"]
        if command & 0xF0 == MessageType.PUBLISH and command & QOS_2 == 0:
            try:
                take(published(command, bytes(packet["packet"]), is_5=is_5))
            except Exception:  # noqa: BLE001 - raised into paho, it would be read again for ever
                return MQTTErrorCode.MQTT_ERR_PROTOCOL
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        if command == MessageType.PUBACK:
            mid = int.from_bytes(packet["packet"][:2], "big")
            if mid not in inside._out_messages:  # noqa: SLF001
                return MQTTErrorCode.MQTT_ERR_SUCCESS
        return handle()

    inside._packet_handle = quickly  # noqa: SLF001


def published(command: int, packet: bytes, *, is_5: bool) -> Published:
    """Cut a PUBLISH; its properties are passed over, for none of them means anything to us."""
    at = 2 + int.from_bytes(packet[:2], "big")
    topic = packet[2:at].decode(errors="replace")
    qos = (command >> 1) & 3
    mid = 0
    if qos:
        mid = int.from_bytes(packet[at : at + 2], "big")
        at += 2
    if is_5:
        size, shift = 0, 0
        while True:
            byte = packet[at]
            at += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:  # noqa: PLR2004 - the last byte of a length has no high bit
                break
        at += size
    return Published(topic, packet[at:], qos, bool(command & 1), mid)


class Answers:
    """PUBACKs and receipts of one connection, gathered for one turn of the loop."""

    def __init__(self, client: Client) -> None:
        self._client: Any = client
        self._is_5 = client.protocol == MQTTProtocolVersion.MQTTv5
        self._packets: list[bytes] = []

    def acknowledge(self, mid: int) -> None:
        """The PUBACK of what was received under that number."""
        self._put(PUBACK + mid.to_bytes(2, "big"))

    def publish(self, topic: str, body: bytes) -> None:
        """A PUBLISH of QoS 1, once: whoever misses it asks again."""
        name = topic.encode()
        mid: int = self._client._mid_generate()  # noqa: SLF001
        rest = b"".join(
            (
                len(name).to_bytes(2, "big"),
                name,
                mid.to_bytes(2, "big"),
                b"\0" if self._is_5 else b"",
                body,
            )
        )
        self._put(bytes((PUBLISH_QOS_1,)) + _length(len(rest)) + rest)

    def _put(self, packet: bytes) -> None:
        if not self._packets:
            asyncio.get_running_loop().call_soon(self._flush)
        self._packets.append(packet)

    def _flush(self) -> None:
        packets, self._packets = self._packets, []
        together = b"".join(packets)
        # Queued as a PUBACK: of that command paho expects nothing more once it is written.
        self._client._packet_queue(MessageType.PUBACK, together, 0, 0)  # noqa: SLF001


def _length(size: int) -> bytes:
    """A remaining length, seven bits a byte."""
    coded = bytearray()
    while True:
        size, low = divmod(size, 128)
        coded.append(low | (0x80 if size else 0))
        if not size:
            return bytes(coded)
