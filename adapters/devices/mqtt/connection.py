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
from functools import partial
from typing import Any

import aiomqtt
import msgspec

from adapters.devices.contract import Emit, LinkLost, Order, Overloaded
from adapters.devices.mqtt import dabyl_v1, entrance, pace, quick, sharing
from adapters.devices.mqtt.dabyl_v1 import Delivered
from adapters.devices.mqtt.heaps import Arrival, Heap, Heaps
from adapters.devices.mqtt.pace import Pace
from adapters.devices.mqtt.quick import Published
from adapters.devices.mqtt.settings import (
    OUTGOING_LIMIT,
    RECEIPT_LIMIT_BYTES,
    RECEIVE_MAXIMUM,
    SUBSCRIBE_TIMEOUT_S,
    UNTOLD_WINDOW,
    SessionSettings,
)
from adapters.signal import Answer, Lane, Receipt, Signal, Spoken


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
        self._is_resumed = False
        self._unacknowledged: deque[Arrival] = deque()
        self._window = RECEIVE_MAXIMUM[settings.lane]
        self._heaps = Heaps()
        self._has_heaps = False
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
                if self._is_resumed:
                    up()  # it hears already; the answers to what follows come behind its backlog
                await self._subscribe(client)
                entrance.end_if_cancelled()
                if not self._is_resumed:
                    up()
                await self._until_lost(client)
        except aiomqtt.MqttError as error:
            raise entrance.translated(link, error) from error
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
        client = entrance.client(self._settings)
        # Before connecting: a resumed session delivers right behind the CONNACK.
        inside = client._client  # noqa: SLF001 - see the module's head
        inside.manual_ack_set(True)
        self._answers = quick.Answers(inside)
        quick.keep_to_the_window(inside, self._answers)
        reader = quick.Reader(inside, self._take, self._answers)
        inside.on_connect = self._noting_what_is_resumed(inside.on_connect)
        self._pace = Pace(inside, reader, self._end, pause_s=self._pause_s)
        return client

    def _pause_s(self) -> float:
        """Passages gather, presses do not.

        A broker need not send as many as we would take: it says only what it takes itself, and many
        have one number for both ways. Mosquitto has not (MQTT 5): there a pause is short in vain.
        """
        if self._settings.lane is Lane.ALARM:
            return 0.0
        told = self._answers.window if self._settings.is_5 else UNTOLD_WINDOW
        return pace.pause_s(min(told, self._window))

    def _noting_what_is_resumed(self, connected: Any) -> Any:  # noqa: ANN401 - paho's callback
        def on_connect(client: Any, userdata: Any, flags: Any, *more: Any) -> None:  # noqa: ANN401
            self._is_resumed = bool(flags.session_present)
            connected(client, userdata, flags, *more)

        return on_connect

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        for topic in sharing.wanted(self._settings):
            granted = await client.subscribe(topic, qos=1, timeout=SUBSCRIBE_TIMEOUT_S)
            entrance.check_granted(self._settings.link, topic, granted)
        for topic in sharing.unwanted(self._settings):
            await client.unsubscribe(topic, timeout=SUBSCRIBE_TIMEOUT_S)
        if self._own_receipts is not None:
            # Whether this is granted or not: without it nothing is proven, and that is said;
            # devices are heard all the same. QoS 0: nobody wants an old one.
            await client.subscribe(self._own_receipts, qos=0, timeout=SUBSCRIBE_TIMEOUT_S)

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
        arrival = Arrival(self._answers, message.mid, message.topic)
        self._unacknowledged.append(arrival)
        if len(self._unacknowledged) > self._window:
            # Mosquitto 2.0.11 does not keep to the receive maximum once it has a backlog.
            self._pace.hold()
        if not self._heaps.gather(message, arrival):
            self._hand_on(message, arrival)
        elif not self._has_heaps:
            self._has_heaps = True
            asyncio.get_running_loop().call_soon(self._hand_on_heaps)

    def _hand_on(self, message: Published, arrival: Arrival) -> None:
        def answer(receipt: Receipt) -> None:
            arrival.is_stored = True
            self._say(receipt)
            self._acknowledge()

        self._put(self._signal(message), answer)

    def _hand_on_heaps(self) -> None:
        """What was gathered in this turn of the loop."""
        self._has_heaps = False
        for heap in self._heaps.closed():
            signal = self._signal(heap.first)
            if isinstance(signal, Spoken) and len(heap.arrivals) > 1:
                count = "again" if heap.is_repeats else "more"
                signal = msgspec.structs.replace(signal, **{count: len(heap.arrivals) - 1})
                self._put(signal, partial(self._answer_heap, heap))
            else:
                self._hand_on_singly(heap)

    def _hand_on_singly(self, heap: Heap, after: int = 0) -> None:
        for message, arrival in zip(heap.messages[after:], heap.arrivals[after:], strict=True):
            self._hand_on(message, arrival)

    def _answer_heap(self, heap: Heap, receipt: Receipt) -> None:
        if receipt.refused is not None:
            heap.arrivals[0].is_stored = True
            self._say(receipt)
            self._hand_on_singly(heap, after=1)  # what ails the first need not ail the others
            self._acknowledge()
            return
        for arrival in heap.arrivals:
            arrival.is_stored = True
        self._say(receipt)
        if receipt.stored_at is not None and not heap.is_repeats:
            for event_id in heap.ids[1:]:
                self._say(msgspec.structs.replace(receipt, id=event_id))
            for _ in heap.arrivals[len(heap.ids) :]:
                self._unsent()
        self._acknowledge()

    def _put(self, signal: Signal, answer: Answer) -> None:
        if self._emit is None:
            return
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
        if self._client is None or self._answers.waiting_bytes > RECEIPT_LIMIT_BYTES:
            self._unsent()
        else:
            self._answers.answer(dabyl_v1.receipt_topic(receipt.device), body)

    def _acknowledge(self) -> None:
        """In the order of arrival: one that was stored early waits for those before it."""
        waiting = self._unacknowledged
        while waiting and waiting[0].is_stored:
            arrival = waiting.popleft()
            self._heaps.answered(arrival.topic)
            if arrival.mid and arrival.answers is self._answers:
                arrival.answers.acknowledge(arrival.mid)
        if len(waiting) <= self._window:
            self._pace.release()


async def _drain(client: aiomqtt.Client) -> None:
    """Wait until the connection ends; its queue never holds anything."""
    async for _ in client.messages:
        pass
