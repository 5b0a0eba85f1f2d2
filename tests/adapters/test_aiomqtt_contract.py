"""The private calls of aiomqtt and paho on which no press is lost, against a real Mosquitto."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiomqtt
import paho.mqtt.client
import pytest

from adapters.devices.contract import LinkLost, Overloaded
from adapters.devices.mqtt import quick
from adapters.devices.mqtt.connection import Session
from adapters.devices.mqtt.settings import RECEIVE_MAXIMUM, SessionSettings
from adapters.signal import Answer, Lane, Receipt, Signal, Spoken
from tests.harness import waiting
from tests.harness.mosquitto import Mosquitto

VERSIONS = pytest.mark.parametrize("version", [5, 4], ids=["mqtt5", "mqtt3.1.1"])
NOW = datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)


@dataclass
class Ear:
    """One life of a session that keeps what it heard, and answers when told to."""

    session: Session
    heard: list[tuple[str, Answer]] = field(default_factory=list)
    counted: int = 0
    """Messages heard, those of heaps among them."""
    is_up: bool = False
    is_full: bool = False

    @property
    def ids(self) -> list[str]:
        return [event_id for event_id, _ in self.heard]

    def emit(self, signal: Signal, answer: Answer) -> None:
        if self.is_full:
            raise Overloaded
        assert isinstance(signal, Spoken)
        self.heard.append((signal.said.id, answer))
        self.counted += 1 + signal.again + signal.more

    def up(self) -> None:
        self.is_up = True

    def store(self, *indices: int) -> None:
        for index in indices:
            event_id, answer = self.heard[index]
            answer(Receipt(device="button-1", id=event_id, stored_at=NOW))

    def refuse(self, *indices: int) -> None:
        for index in indices:
            event_id, answer = self.heard[index]
            answer(Receipt(device="button-1", id=event_id, refused="unknown_kind"))

    async def hears(self, count: int) -> list[str]:
        await waiting.until(lambda: len(self.heard) >= count, what=f"{count} presses are heard")
        return self.ids


def new_ear(broker: Mosquitto, version: int) -> Ear:
    settings = SessionSettings(
        link="b1",
        lane=Lane.ALARM,
        host="127.0.0.1",
        port=broker.port,
        version=version,
        gateway="g1",
    )
    return Ear(Session(settings, lambda: NOW, lambda: "ok", lambda: None))


@asynccontextmanager
async def listening(broker: Mosquitto, version: int = 5) -> AsyncIterator[Ear]:
    """A life that ends as a killed gateway's: without a word to the broker about its session."""
    ear = new_ear(broker, version)
    life = asyncio.create_task(ear.session.live(ear.emit, ear.up))
    try:
        await waiting.until(lambda: ear.is_up or life.done(), what="the session stands")
        yield ear
    finally:
        life.cancel()
        with suppress(asyncio.CancelledError, LinkLost):
            await life


async def press(broker: Mosquitto, *ids: str, pad: int = 0, buttons: int = 1) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port) as button:
        button.pending_calls_threshold = len(ids) + 1
        said = [
            button.publish(
                f"dabyl/v1/button-{number % buttons + 1}/alarm",
                f'{{"id": "{one}", "kind": "panic.pressed", "x": "{"x" * pad}"}}',
                qos=1,
            )
            for number, one in enumerate(ids)
        ]
        await asyncio.gather(*said)


@VERSIONS
async def test_a_press_is_not_acknowledged_before_it_is_stored(
    broker: Mosquitto, version: int
) -> None:
    async with listening(broker, version) as ear:
        await press(broker, "a", "b", "c")
        assert await ear.hears(3) == ["a", "b", "c"]
    async with listening(broker, version) as ear:
        assert await ear.hears(3) == ["a", "b", "c"]


@VERSIONS
async def test_a_stored_press_is_acknowledged_and_never_comes_again(
    broker: Mosquitto, version: int
) -> None:
    async with listening(broker, version) as ear:
        await press(broker, "a", "b", "c")
        await ear.hears(3)
        ear.store(0, 1)
        await press(broker, "d")
        await ear.hears(4)
    async with listening(broker, version) as ear:
        await press(broker, "e")
        await waiting.until(lambda: "e" in ear.ids, what="the last press is heard")
        assert ear.ids == ["c", "d", "e"]


async def test_presses_are_acknowledged_in_the_order_they_came(broker: Mosquitto) -> None:
    async with listening(broker) as ear:
        await press(broker, "a", "b", "c")
        await ear.hears(3)
        ear.store(2, 1)  # the first is not stored yet: it holds the others' acknowledgements
        await press(broker, "d")
        await ear.hears(4)
    async with listening(broker) as ear:
        assert (await ear.hears(4))[:4] == ["a", "b", "c", "d"]


@VERSIONS
async def test_a_resumed_session_loses_nothing_that_comes_right_behind_the_connack(
    broker: Mosquitto, version: int
) -> None:
    async with listening(broker, version):
        pass
    ids = [f"p{n}" for n in range(20)]  # as many as Mosquitto sends a 3.1.1 client unanswered
    await press(broker, *ids)
    async with listening(broker, version) as ear:
        assert await ear.hears(20) == ids


async def test_no_more_is_under_way_than_the_receive_maximum(broker: Mosquitto) -> None:
    limit = RECEIVE_MAXIMUM[Lane.ALARM]
    ids = [f"p{n}" for n in range(limit + 20)]
    async with listening(broker) as ear:
        await press(broker, *ids, buttons=50)
        await ear.hears(limit)
        await press(broker, "beyond")  # had the broker sent more, it were here before this returns
        assert len(ear.heard) == limit
        ear.store(*range(limit))
        assert await ear.hears(limit + 21) == [*ids, "beyond"]


async def test_a_broker_that_sends_beyond_the_window_is_read_no_further(broker: Mosquitto) -> None:
    """Mosquitto 2.0.11 sends a whole window more for each message acknowledged in order."""
    limit, slack = RECEIVE_MAXIMUM[Lane.ALARM], quick.READ_AT_ONCE // 2000
    ids = [f"p{n}" for n in range(2 * limit)]
    async with listening(broker):
        pass
    await press(broker, *ids, pad=2000, buttons=200)
    async with listening(broker) as ear:
        await ear.hears(limit)
        ear.store(*range(20))
        await press(broker, "beyond")  # had more been read, it were here before this returns
        assert len(ear.heard) - 20 <= limit + slack
        stored = 20
        while stored < len(ids) + 1:
            await ear.hears(stored + 1)
            ear.store(*range(stored, len(ear.heard)))
            stored = len(ear.heard)
        assert ear.ids == [*ids, "beyond"]


async def test_a_resumed_session_stands_however_much_is_before_the_brokers_answer(
    broker: Mosquitto,
) -> None:
    limit = RECEIVE_MAXIMUM[Lane.ALARM]
    async with listening(broker):
        pass
    await press(broker, *(f"p{n}" for n in range(2 * limit)), buttons=200)
    async with listening(broker) as ear:
        await ear.hears(limit)
        ear.store(*range(20))  # now far more than a window is under way, and comes again at once
        await press(broker, "beyond")
    async with listening(broker) as ear:
        await ear.hears(limit)
        assert ear.is_up


async def test_a_press_that_is_not_taken_ends_the_life_and_comes_again(broker: Mosquitto) -> None:
    ear = new_ear(broker, 5)
    ear.is_full = True
    life = asyncio.create_task(ear.session.live(ear.emit, ear.up))
    await waiting.until(lambda: ear.is_up, what="the session stands")
    await press(broker, "a")
    with pytest.raises(LinkLost, match="too much"):
        await asyncio.wait_for(life, 5)
    async with listening(broker) as again:
        assert await again.hears(1) == ["a"]


@VERSIONS
async def test_a_receipt_reaches_its_device_without_waiting(
    broker: Mosquitto, version: int
) -> None:
    async with (
        listening(broker, version) as ear,
        aiomqtt.Client("127.0.0.1", broker.port) as button,
    ):
        await button.subscribe("dabyl/v1/button-1/receipt", qos=1)
        await press(broker, "a")
        await ear.hears(1)
        ear.store(0)
        receipt = await asyncio.wait_for(anext(aiter(button.messages)), 5)
        assert b'"id":"a"' in bytes(receipt.payload)
        assert receipt.qos == 1


async def test_a_broker_that_ends_ends_the_life(broker: Mosquitto) -> None:
    ear = new_ear(broker, 5)
    life = asyncio.create_task(ear.session.live(ear.emit, ear.up))
    await waiting.until(lambda: ear.is_up, what="the session stands")
    await broker.kill()
    with pytest.raises(LinkLost):
        await asyncio.wait_for(life, 5)


async def test_every_message_of_a_heap_is_acknowledged(
    broker: Mosquitto,
) -> None:
    async with listening(broker):
        pass
    ids = [f"p{n}" for n in range(250)]
    await press(broker, *ids)
    async with listening(broker) as ear:
        await waiting.until(lambda: ear.counted == 250, what="every press is counted")
        assert len(ear.heard) < 60
        ear.store(*range(len(ear.heard)))
        await press(broker, "d")
        await waiting.until(lambda: ear.ids[-1] == "d", what="the last press is heard")
    async with listening(broker) as ear:
        assert await ear.hears(1) == ["d"]


async def test_a_heap_whose_first_is_refused_is_handed_on_message_by_message(
    broker: Mosquitto,
) -> None:
    async with listening(broker):
        pass
    await press(broker, *(f"p{n}" for n in range(250)))
    async with listening(broker) as ear:
        await waiting.until(lambda: ear.counted == 250, what="every press is counted")
        ear.refuse(*range(len(ear.heard)))  # 8 unseen, 32 of different ids, the others on heaps
        everyone = {f"p{n}" for n in range(250)}
        await waiting.until(lambda: set(ear.ids) == everyone, what="each comes by itself")


def _takes(call: Callable[..., object], *names: str) -> bool:
    return set(names) <= set(inspect.signature(call).parameters)


def test_the_libraries_still_have_what_we_lean_on() -> None:
    paho_client = paho.mqtt.client.Client
    assert _takes(paho_client.manual_ack_set, "on")
    assert _takes(paho_client.publish, "topic", "payload", "qos")
    assert _takes(aiomqtt.Client.__init__, "max_queued_outgoing_messages", "socket_options")
