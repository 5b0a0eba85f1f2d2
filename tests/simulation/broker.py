"""A broker that keeps what a gateway has not acknowledged, and that can be lost with some of it."""

import asyncio
import random
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.devices.contract import Emit, LinkLost, Order, Overloaded
from adapters.devices.mqtt import dabyl_v1
from adapters.devices.mqtt.dabyl_v1 import Delivered
from adapters.devices.mqtt.settings import RECEIVE_MAXIMUM, SessionSettings
from adapters.signal import Lane, Receipt
from gateway.clock import Clock
from tests.simulation.life import Life, Point

Hear = Callable[[str, bytes], None]
"""Topic and payload, to a device."""


@dataclass(frozen=True, slots=True)
class Message:
    """One that a session has to hear."""

    topic: str
    payload: bytes


@dataclass(slots=True)
class Kept:
    """A gateway's session, with its connection while there is one."""

    lane: Lane
    waiting: deque[Message] = field(default_factory=deque)
    under_way: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    reader: "Link | None" = None
    saved: int = 0


class Broker:
    """Sessions of gateways, which are kept, and lines of devices, which are not."""

    def __init__(self, name: str, dice: random.Random) -> None:
        self.name = name
        self.is_up = True
        self.lossy = 0.0
        """How often something to or from a device gets lost on its line."""
        self._dice = dice
        self._sessions: dict[str, Kept] = {}
        self._devices: dict[str, Hear] = {}
        self._mids = 0

    def join(self, device: str, hear: Hear) -> None:
        """A device is at this broker from now on."""
        self._devices[device] = hear

    def said(self, topic: str, payload: bytes) -> bool:
        """A device publishes; whether the broker took it."""
        if not self.is_up or self._dice.random() < self.lossy:
            return False
        leaf = topic.rpartition("/")[2]
        lane = Lane.ALARM if leaf == "alarm" else Lane.EVENT
        for kept in self._sessions.values():
            if kept.lane is lane:
                kept.waiting.append(Message(topic, payload))
                self._deliver(kept)
        return True

    def tell(self, topic: str, payload: bytes) -> None:
        """A gateway publishes to a device, or to all of them."""
        if not self.is_up:
            return
        device = topic.removeprefix(dabyl_v1.PREFIX).partition("/")[0]
        heard = self._devices.values() if device == "_gateway" else [self._devices.get(device)]
        for hear in heard:
            if hear is not None and self._dice.random() >= self.lossy:
                later_s = self._dice.expovariate(1 / 0.003)
                asyncio.get_running_loop().call_later(later_s, hear, topic, payload)

    def open(self, client: str, link: "Link") -> None:
        """A session is taken up, where it was left; what was under way comes again first."""
        kept = self._sessions.setdefault(client, Kept(link.settings.lane))
        if kept.reader is not None:
            kept.reader.cut("taken over")
        kept.reader = link
        kept.waiting.extendleft(reversed(kept.under_way.values()))
        kept.under_way.clear()
        self._deliver(kept)

    def acknowledged(self, client: str, mid: int, link: "Link") -> None:
        """A PUBACK."""
        kept = self._sessions[client]
        if kept.reader is link:
            kept.under_way.pop(mid, None)
            self._deliver(kept)

    def close(self, client: str, link: "Link") -> None:
        """The connection is gone; the session stays."""
        kept = self._sessions[client]
        if kept.reader is link:
            kept.reader = None

    def down(self, *, forgetting: int = 0) -> None:
        """It dies, and forgets the last so many that it had not yet saved."""
        self.is_up = False
        for kept in self._sessions.values():
            if kept.reader is not None:
                kept.reader.cut("the broker is gone")
                kept.reader = None
            for _ in range(min(forgetting, len(kept.waiting))):
                kept.waiting.pop()

    def up(self) -> None:
        """It is back, with what it kept."""
        self.is_up = True

    def cut(self, client: str) -> None:
        """One gateway's line breaks."""
        kept = self._sessions.get(client)
        if kept is not None and kept.reader is not None:
            kept.reader.cut("the line broke")
            kept.reader = None

    def _deliver(self, kept: Kept) -> None:
        window = RECEIVE_MAXIMUM[kept.lane]
        while kept.waiting and kept.reader is not None and len(kept.under_way) < window:
            message = kept.waiting.popleft()
            self._mids += 1
            kept.under_way[self._mids] = message
            if self._dice.random() < 0.02:
                kept.waiting.appendleft(message)
            later_s = self._dice.expovariate(1 / 0.001)
            loop = asyncio.get_running_loop()
            # In order, however late: one connection is one stream of bytes.
            kept.reader.due_s = max(kept.reader.due_s, loop.time() + later_s)
            loop.call_at(kept.reader.due_s, kept.reader.arrived, self._mids, message)


class Link:
    """One life of one session: the adapter's Connection, with a pretended line under it."""

    def __init__(
        self,
        broker: Broker,
        settings: SessionSettings,
        centre: Callable[[], str],
        receipted: Callable[[str, str], None],
        life: Life,
    ) -> None:
        self.settings = settings
        self._receipted = receipted
        self.due_s = 0.0
        self._broker, self._life, self._centre = broker, life, centre
        self._clock: Clock | None = None
        self._emit: Emit | None = None
        self._order: deque[tuple[int, list[bool]]] = deque()
        self._ended: asyncio.Future[None] | None = None

    def on(self, clock: Clock) -> "Link":
        """With the gateway's clock."""
        self._clock = clock
        return self

    async def live(self, emit: Emit, up: Callable[[], None]) -> None:
        """Be connected until the line ends; see Connection."""
        await asyncio.sleep(0.005)
        if self._life.is_over:
            await asyncio.Event().wait()
        if not self._broker.is_up:
            raise LinkLost(self.settings.link, "nobody answers")
        self._emit, self._ended = emit, asyncio.get_running_loop().create_future()
        self._broker.open(self.settings.identifier, self)
        if self.settings.own_device and self.settings.lane is Lane.ALARM:
            self._broker.join(self.settings.own_device, self._hear_receipt)
        up()
        try:
            await self._ended
        finally:
            self._emit = None
            self._broker.close(self.settings.identifier, self)

    def order(self, order: Order) -> None:
        """Send a command."""
        if not self._life.is_over:
            self._broker.tell(dabyl_v1.command_topic(order.device), order.body)

    def beacon(self, name: str, body: bytes) -> None:
        """Say that somebody is there."""
        if not self._life.is_over:
            self._broker.tell(dabyl_v1.beacon_topic(name), body)

    def press(self, body: bytes) -> bool:
        """Say an alarm under the gateway's own device."""
        own = self.settings.own_device
        if own is None or self._emit is None or self._life.is_over:
            return False
        return self._broker.said(dabyl_v1.alarm_topic(own), body)

    def _hear_receipt(self, _: str, payload: bytes) -> None:
        found = dabyl_v1.stored(payload)
        if found is not None and self._emit is not None and not self._life.is_over:
            self._receipted(*found)

    def cut(self, why: str) -> None:
        """End this life."""
        self._emit = None
        if self._ended is not None and not self._ended.done():
            self._ended.set_exception(LinkLost(self.settings.link, why))

    def arrived(self, mid: int, message: Message) -> None:
        """A PUBLISH is here."""
        if self._emit is None or self._clock is None or not self._life.goes_on(Point.DECODED):
            return
        signal = dabyl_v1.signal(
            Delivered(
                topic=message.topic,
                payload=message.payload,
                retained=False,
                link=self.settings.link,
                received_at=self._clock.now(),
            )
        )
        stored = [False]
        self._order.append((mid, stored))

        def answer(receipt: Receipt) -> None:
            stored[0] = True
            self._say(receipt)
            self._acknowledge()

        try:
            self._emit(signal, answer)
        except Overloaded:
            self.cut("too much at once")

    def _say(self, receipt: Receipt) -> None:
        body = dabyl_v1.receipt_body(receipt, self.settings.gateway, self._centre())
        if body is None or self._emit is None or not self._life.goes_on(Point.RECEIPTING):
            return
        self._broker.tell(dabyl_v1.receipt_topic(receipt.device), body)
        self._life.goes_on(Point.RECEIPTED)

    def _acknowledge(self) -> None:
        while self._order and self._order[0][1][0]:
            mid, _ = self._order.popleft()
            if self._life.goes_on(Point.ACKNOWLEDGED) and self._emit is not None:
                self._broker.acknowledged(self.settings.identifier, mid, self)
