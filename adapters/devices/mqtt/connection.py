"""One MQTT session: all MQTT I/O, and the only knowledge of how aiomqtt acknowledges late.

aiomqtt 2.5 acknowledges a message when it enters its queue, before the program has seen it. So the
paho client inside is told to leave that to us (`_client.manual_ack_set`), each message is handed on
as it arrives, and its PUBACK follows the commit, in the order of arrival [MQTT-4.6.0-2], together
with the receipts (quick.py). A contract test pins what is private.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from datetime import datetime
from socket import IPPROTO_TCP, TCP_NODELAY

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from adapters.devices.contract import Emit, LinkLost, LinkRefused, Order, Overloaded
from adapters.devices.mqtt import dabyl_v1, pace, quick, sharing
from adapters.devices.mqtt.dabyl_v1 import Delivered
from adapters.devices.mqtt.quick import Published
from adapters.devices.mqtt.settings import (
    CONNECT_TIMEOUT_S,
    KEEPALIVE_S,
    OUTGOING_LIMIT,
    RECEIVE_MAXIMUM,
    SessionSettings,
)
from adapters.signal import Lane, Receipt, Signal

_REFUSED_CODES = {4, 5, 133, 134, 135, 138, 140}
"""CONNACK reasons that no retry mends: MQTT 3.1.1 §3.2.2.3, MQTT 5 §3.2.2.2."""
_MQTT_5 = 5


class Session:
    """One life of one session with one broker."""

    def __init__(
        self,
        settings: SessionSettings,
        now: Callable[[], datetime],
        centre: Callable[[], str],
        unsent: Callable[[], None],
        receipted: Callable[[str, str], None] = lambda _event, _by: None,
    ) -> None:
        """`centre` says how the centre is (`ok|late|down`), `unsent` counts receipts not sent.

        `receipted` is told which event of the link's own device was called stored, and by whom.
        """
        self._settings = settings
        self._now = now
        self._centre = centre
        self._unsent = unsent
        self._receipted = receipted
        own = settings.own_device if settings.lane is Lane.ALARM else None
        self._own_receipts = None if own is None else dabyl_v1.receipt_topic(own)
        self._client: aiomqtt.Client | None = None
        self._unacknowledged: deque[_Arrival] = deque()
        self._emit: Emit | None = None
        self._ended: asyncio.Future[None] | None = None

    async def live(self, emit: Emit, up: Callable[[], None]) -> None:
        """Connect, subscribe, and hand in what is heard until it ends; see Connection."""
        self._emit = emit
        self._ended = asyncio.get_running_loop().create_future()
        link = self._settings.link
        try:
            async with self._new_client() as client:
                # From here receipts can go: a resumed session has delivered already.
                self._client = client
                await self._subscribe(client)
                up()
                await self._until_lost(client)
        except aiomqtt.MqttError as error:
            raise _translated(link, error) from error
        except (OSError, ssl.SSLError) as error:
            raise LinkLost(link, str(error)) from error
        finally:
            self._client = None
            if self._ended.done():
                self._ended.exception()  # told or not, it is over

    def order(self, order: Order) -> None:
        """Send a command, if the session stands."""
        if self._client is None or self._answers.waiting > OUTGOING_LIMIT:
            self._unsent()
        else:
            self._answers.publish(dabyl_v1.command_topic(order.device), order.body)

    def beacon(self, name: str, body: bytes) -> None:
        """Tell every device that somebody is there."""
        if self._client is not None:
            inside = self._client._client  # noqa: SLF001 - aiomqtt's own would wait
            inside.publish(dabyl_v1.beacon_topic(name), body, qos=0)

    def press(self, body: bytes) -> bool:
        """Say an alarm under the link's own device, if the session stands."""
        own = self._settings.own_device
        if own is None or self._client is None or self._answers.waiting > OUTGOING_LIMIT:
            return False
        self._answers.publish(dabyl_v1.alarm_topic(own), body)
        return True

    def _new_client(self) -> aiomqtt.Client:
        settings = self._settings
        is_5 = settings.version == _MQTT_5
        client = aiomqtt.Client(
            settings.host,
            settings.port,
            username=settings.username or settings.identifier,
            password=settings.password(),
            identifier=settings.identifier,
            protocol=aiomqtt.ProtocolVersion.V5 if is_5 else aiomqtt.ProtocolVersion.V311,
            clean_session=None if is_5 else sharing.is_shared(settings),
            # paho takes any word on it but its own default for an error in MQTT 3.1.1.
            clean_start=False if is_5 else MQTT_CLEAN_START_FIRST_ONLY,
            properties=_connect_properties(settings) if is_5 else None,
            keepalive=KEEPALIVE_S,
            timeout=CONNECT_TIMEOUT_S,
            tls_context=settings.tls(),
            max_queued_outgoing_messages=OUTGOING_LIMIT,
            # No limit of its own: with one, paho walks all receipts under way at every PUBACK.
            max_inflight_messages=0,
            socket_options=[(IPPROTO_TCP, TCP_NODELAY, 1)],
        )
        # Before connecting: a resumed session delivers right behind the CONNACK.
        inside = client._client  # noqa: SLF001 - see the module's head
        inside.manual_ack_set(True)
        self._answers = quick.Answers(inside)
        quick.keep_to_the_window(inside, self._answers)
        reader = quick.Reader(inside, self._take, self._answers)
        if settings.lane is Lane.EVENT:
            pace.slow_down(inside, reader, self._end)
        return client

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        for topic in sharing.wanted(self._settings):
            granted = await client.subscribe(topic, qos=1, timeout=CONNECT_TIMEOUT_S)
            _check_granted(self._settings.link, topic, granted)
        for topic in sharing.unwanted(self._settings):
            await client.unsubscribe(topic, timeout=CONNECT_TIMEOUT_S)
        if self._own_receipts is not None:
            # Whether this is granted or not: without it nothing is proven, and that is said;
            # devices are heard all the same. QoS 0: nobody wants an old one.
            await client.subscribe(self._own_receipts, qos=0, timeout=CONNECT_TIMEOUT_S)

    async def _until_lost(self, client: aiomqtt.Client) -> None:
        listening = asyncio.ensure_future(_drain(client))
        ended = self._ended or asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait({listening, ended}, return_when=asyncio.FIRST_COMPLETED)
            await (ended if ended.done() else listening)
        finally:
            listening.cancel()

    def _end(self, why: Exception) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_exception(why)

    def _take(self, message: Published) -> None:
        """Hand a message on. It must not raise: paho would take that for its own failure."""
        if self._emit is None or self._ended is None or self._ended.done():
            return
        if message.topic == self._own_receipts:
            self._hear_receipt(message)
            return
        arrival = _Arrival(self._answers, message.mid)
        if message.qos:
            self._unacknowledged.append(arrival)
        signal = self._signal(message)

        def answer(receipt: Receipt) -> None:
            arrival.is_stored = True
            self._say(receipt)
            self._acknowledge()

        try:
            self._emit(signal, answer)
        except Overloaded:
            self._end(LinkLost(self._settings.link, "too much at once; the broker keeps the rest"))

    def _hear_receipt(self, message: Published) -> None:
        """What the link's own device is told; subscribed at QoS 0, so nobody waits for a PUBACK."""
        found = dabyl_v1.stored(message.payload)
        if found is not None:
            self._receipted(*found)

    def _signal(self, message: Published) -> Signal:
        delivered = Delivered(
            topic=message.topic,
            payload=message.payload,
            retained=message.retained,
            dup=message.dup,
            link=self._settings.link,
            received_at=self._now(),
        )
        try:
            return dabyl_v1.signal(delivered)
        except Exception:  # noqa: BLE001 - a reader's own slip must not stop the stream
            return dabyl_v1.unreadable(delivered)

    def _say(self, receipt: Receipt) -> None:
        body = dabyl_v1.receipt_body(receipt, self._settings.gateway, self._centre())
        if body is None:
            return
        if self._client is None or self._answers.waiting > OUTGOING_LIMIT:
            self._unsent()
        else:
            self._answers.publish(dabyl_v1.receipt_topic(receipt.device), body)

    def _acknowledge(self) -> None:
        """In the order of arrival: one that was stored early waits for those before it."""
        waiting = self._unacknowledged
        while waiting and waiting[0].is_stored:
            arrival = waiting.popleft()
            if arrival.answers is self._answers:
                arrival.answers.acknowledge(arrival.mid)


class _Arrival:
    """A message not yet acknowledged, and the life it came in: its number counts only there."""

    __slots__ = ("answers", "is_stored", "mid")

    def __init__(self, answers: quick.Answers, mid: int) -> None:
        self.answers, self.mid = answers, mid
        self.is_stored = False


async def _drain(client: aiomqtt.Client) -> None:
    """Wait until the connection ends; its queue never holds anything."""
    async for _ in client.messages:
        pass


def _connect_properties(settings: SessionSettings) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
    properties.SessionExpiryInterval = sharing.expiry_s(settings)
    properties.ReceiveMaximum = RECEIVE_MAXIMUM[settings.lane]
    return properties


def _check_granted(link: str, topic: str, granted: object) -> None:
    codes = granted if isinstance(granted, list | tuple) else []
    values = [code if isinstance(code, int) else int(code.value) for code in codes]
    if any(value >= 128 for value in values):  # noqa: PLR2004 - SUBACK failure codes
        raise LinkRefused(
            link, f"may not read {topic}; give the gateway's user the right in the ACL"
        )


def _translated(link: str, error: aiomqtt.MqttError) -> LinkLost | LinkRefused:
    code = getattr(error, "rc", None)
    value = getattr(code, "value", code)
    if value in _REFUSED_CODES:
        return LinkRefused(link, f"the login was refused ({code}); look at username and password")
    return LinkLost(link, str(error) or type(error).__name__)
