"""Quick: paho moves one packet a system call; here as many go as there are.

The hot path is one PUBLISH in, its PUBACK and a receipt out, and the PUBACK of that in: paho takes
some 130 us for these four. So reading goes through a buffer, these packets are cut and built here,
and the answers of a whole batch leave as one piece; all else of a connection stays paho's. What is
reached for is pinned by the contract test: `_sock_recv`, `loop_read`, `_in_packet`,
`_last_bytes_received`, `_loop_rc_handle` (in); `_sock_send`, `_out_packet`, `_packet_queue`,
`_mid_generate` (out).

Source: MQTT 5.0 and 3.1.1, §3.3 PUBLISH, §3.4 PUBACK.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from paho.mqtt.client import Client
from paho.mqtt.enums import MessageType, MQTTErrorCode, MQTTProtocolVersion

READ_AT_ONCE = 64 * 1024
CUT_LIMIT = 256 * 1024
"""A longer packet is left to paho, which gathers it piece by piece."""
LARGEST_WINDOW = 65_535
"""Where a broker names no receive maximum (MQTT 5.0, 3.2.2.3.3)."""
PUBLISH_QOS_0 = 0x30
PUBLISH_QOS_1 = 0x32
PUBACK = b"\x40\x02"
QOS_2 = 0x04
DUP = 0x08
LONGEST_LENGTH = 4
"""Bytes that a remaining length takes at most."""


class Published(NamedTuple):
    """A PUBLISH as it came."""

    topic: str
    payload: bytes
    qos: int
    retained: bool
    mid: int
    dup: bool = False
    """The broker has sent it before, and had no acknowledgement."""


Take = Callable[[Published], None]


class Reader:
    """What one connection reads: hot packets are cut here, all others are given to paho."""

    def __init__(self, client: Client, take: Take, answers: "Answers") -> None:
        """`take` is given each PUBLISH, unacknowledged. From now on paho reads through this."""
        inside: Any = client
        self._paho = inside
        self._is_5 = client.protocol == MQTTProtocolVersion.MQTTv5
        self._take = take
        self._answers = answers
        self._receive: Callable[[int], bytes] = inside._sock_recv  # noqa: SLF001
        self._read: Callable[[], MQTTErrorCode] = inside.loop_read
        self._held, self._at = b"", 0
        self.taken = 0
        """How many PUBLISH packets were handed on."""
        self.is_held = False
        """While it is, nothing more is handed on."""
        inside._sock_recv = self._from_buffer  # noqa: SLF001
        inside.loop_read = self.read_all

    def read_all(self, _: int = 1) -> MQTTErrorCode:
        """Handle all that has come: what is in the buffer makes no socket ready."""
        while not self.is_held:
            if self._paho._in_packet["command"] == 0:  # noqa: SLF001 - between two packets
                try:
                    self._cut()
                except BlockingIOError:
                    return MQTTErrorCode.MQTT_ERR_SUCCESS
                except Exception:  # noqa: BLE001 - raised into paho, it would be read again for ever
                    return self._given_up()
            code = self._read()
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._at >= len(self._held):
                return code
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _given_up(self) -> MQTTErrorCode:
        code: MQTTErrorCode = self._paho._loop_rc_handle(MQTTErrorCode.MQTT_ERR_PROTOCOL)  # noqa: SLF001
        return code

    def _cut(self) -> None:
        """Handle hot packets up to one that is paho's, or to the connection's end.

        Raises:
            BlockingIOError: no more has come, or none is wanted.
        """
        while True:
            if self.is_held:
                raise BlockingIOError
            held, at = self._held, self._at
            start, end = _bounds(held, at)
            if end < 0:
                return
            if end > len(held) or at == len(held):
                if not self._more():
                    return
                continue
            self._at = end
            if held[at] & 0xF0 == MessageType.PUBLISH:
                self.taken += 1
                self._take(published(held[at], held[start:end], is_5=self._is_5))
            else:  # every PUBACK that comes is of a receipt or an order
                self._answers.acknowledged()

    def _more(self) -> bool:
        """Read on, behind what is held; False: the connection has ended."""
        more = self._receive(READ_AT_ONCE)
        self._held, self._at = self._held[self._at :] + more, 0
        self._paho._last_bytes_received = time.monotonic()  # noqa: SLF001 - or it would ping
        return bool(more)

    def _from_buffer(self, wanted: int) -> bytes:
        if self._at >= len(self._held):
            self._held, self._at = self._receive(READ_AT_ONCE), 0
        taken = self._held[self._at : self._at + wanted]
        self._at += len(taken)
        return taken


def _bounds(held: bytes, at: int) -> tuple[int, int]:
    """Where the body of the hot packet at that place begins and ends.

    An end beyond what is held: more must come before it is known. A negative end: it is paho's.
    """
    if at >= len(held):
        return at, at
    command = held[at]
    is_hot = command == MessageType.PUBACK or (
        command & 0xF0 == MessageType.PUBLISH and not command & QOS_2
    )
    size, shift, place = 0, 0, at + 1
    while is_hot and place <= at + LONGEST_LENGTH:
        if place >= len(held):
            return place, place + 1
        byte = held[place]
        size |= (byte & 127) << shift
        shift += 7
        place += 1
        if byte < 128:  # noqa: PLR2004 - the last byte of a length has no high bit
            return place, place + size if size <= CUT_LIMIT else -1
    return at, -1


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
            if byte < 128:  # noqa: PLR2004 - as above
                break
        at += size
    return Published(topic, packet[at:], qos, bool(command & 1), mid, bool(command & DUP))


class Answers:
    """PUBACKs, receipts and orders of one connection, gathered for one turn of the loop."""

    def __init__(self, client: Client) -> None:
        self._paho: Any = client
        self._is_5 = client.protocol == MQTTProtocolVersion.MQTTv5
        self._packets: list[bytes] = []
        self.window = LARGEST_WINDOW
        """So many may be unacknowledged at once: the receive maximum of the broker's CONNACK."""
        self._under_way = 0
        self._held: deque[bytes] = deque()
        self._queued: deque[int] = deque()
        """The sizes of what was given to paho, because the socket was full."""
        self._queued_bytes = 0

    @property
    def waiting_bytes(self) -> int:
        """How much at most waits for a full socket; each piece holds what one commit answered."""
        while len(self._queued) > len(self._paho._out_packet):  # noqa: SLF001
            self._queued_bytes -= self._queued.popleft()
        return self._queued_bytes

    @property
    def waiting(self) -> int:
        """How many pieces the broker has not taken yet."""
        return len(self._paho._out_packet) + len(self._held)  # noqa: SLF001

    def acknowledged(self) -> None:
        """The broker has one: the next may go [MQTT-4.9.0-2]."""
        self._under_way = max(0, self._under_way - 1)
        if self._held and self._under_way < self.window:
            self._under_way += 1
            self._put(self._held.popleft())

    def acknowledge(self, mid: int) -> None:
        """The PUBACK of what was received under that number."""
        self._put(PUBACK + mid.to_bytes(2, "big"))

    def publish(self, topic: str, body: bytes) -> None:
        """A PUBLISH of QoS 1, once: whoever misses it asks again.

        Beyond the broker's window it waits its turn; how many wait says `waiting`.
        """
        packet = self._packet(PUBLISH_QOS_1, topic, body)
        if self._has_room:
            self._under_way += 1
            self._put(packet)
        else:
            self._held.append(packet)

    def answer(self, topic: str, body: bytes) -> None:
        """A receipt: of QoS 1, but of QoS 0 where the broker's window is full.

        What makes room there comes behind all that the broker has to tell us. In a flood a receipt
        that waited for it would come too late to keep its device from adding to the flood; one that
        gets lost is asked for again.
        """
        if self._has_room:
            self._under_way += 1
            self._put(self._packet(PUBLISH_QOS_1, topic, body))
        else:
            self._put(self._packet(PUBLISH_QOS_0, topic, body))

    @property
    def _has_room(self) -> bool:
        return self._under_way < self.window and not self._held

    def _packet(self, command: int, topic: str, body: bytes) -> bytes:
        name = topic.encode()
        mid = b""
        if command == PUBLISH_QOS_1:
            mid = self._paho._mid_generate().to_bytes(2, "big")  # noqa: SLF001
        properties = b"\0" if self._is_5 else b""
        rest = b"".join((len(name).to_bytes(2, "big"), name, mid, properties, body))
        return bytes((command,)) + _length(len(rest)) + rest

    def _put(self, packet: bytes) -> None:
        if not self._packets:
            asyncio.get_running_loop().call_soon(self._flush)
        self._packets.append(packet)

    def _flush(self) -> None:
        packets, self._packets = self._packets, []
        together = b"".join(packets)
        rest = together[self._sent_at_once(together) :]
        if rest:
            # Queued as a PUBACK: of that command paho expects nothing more once it is written.
            self._queued.append(len(rest))
            self._queued_bytes += len(rest)
            self._paho._packet_queue(MessageType.PUBACK, rest, 0, 0)  # noqa: SLF001

    def _sent_at_once(self, piece: bytes) -> int:
        """Straight to the socket, where nothing of paho's is under way; how many bytes it took."""
        if self._paho._out_packet:  # noqa: SLF001
            return 0
        try:
            sent: int = self._paho._sock_send(piece)  # noqa: SLF001
        except (OSError, ValueError):
            return 0  # full, or gone: paho waits for room, or finds out
        return sent


def keep_to_the_window(client: Client, answers: Answers) -> None:
    """Let the broker's CONNACK say how much may be under way at once."""
    inside: Any = client
    connected: Callable[..., None] = inside.on_connect

    def on_connect(*said: Any) -> None:  # noqa: ANN401 - as paho has it
        answers.window = getattr(said[-1], "ReceiveMaximum", LARGEST_WINDOW)
        connected(*said)

    inside.on_connect = on_connect


def _length(size: int) -> bytes:
    """A remaining length, seven bits a byte."""
    coded = bytearray()
    while True:
        size, low = divmod(size, 128)
        coded.append(low | (0x80 if size else 0))
        if not size:
            return bytes(coded)
