"""The gateway's own device on a link: it hears itself press, and hears its own receipt."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiomqtt
import pytest

from adapters.devices.contract import LinkLost
from adapters.devices.mqtt import dabyl_v1
from adapters.devices.mqtt.connection import Session
from adapters.devices.mqtt.settings import SessionSettings
from adapters.signal import Answer, Lane, Receipt, Signal, Spoken
from tests.adapters.test_aiomqtt_contract import NOW, VERSIONS
from tests.harness import waiting
from tests.harness.mosquitto import Mosquitto

BODY = json.dumps({"id": "g1.1", "kind": "path.proof"}).encode()


@dataclass
class Listener:
    """One life of a session, what it heard, and what its own device was told."""

    session: Session = field(init=False)
    heard: list[tuple[str, str, Answer]] = field(default_factory=list)
    receipted: list[tuple[str, str]] = field(default_factory=list)
    is_up: bool = False

    def emit(self, signal: Signal, answer: Answer) -> None:
        assert isinstance(signal, Spoken)
        self.heard.append((signal.device, signal.said.id, answer))

    def up(self) -> None:
        self.is_up = True


@asynccontextmanager
async def listening(broker: Mosquitto, version: int, lane: Lane) -> AsyncIterator[Listener]:
    listener = Listener()
    settings = SessionSettings(
        link="b1",
        lane=lane,
        host="127.0.0.1",
        port=broker.port,
        version=version,
        gateway="g1",
        own_device="canary-b1",
    )
    listener.session = Session(
        settings,
        lambda: NOW,
        lambda: "ok",
        lambda: None,
        lambda event, by: listener.receipted.append((event, by)),
    )
    assert not listener.session.press(BODY)  # nothing stands yet
    life = asyncio.create_task(listener.session.live(listener.emit, listener.up))
    try:
        await waiting.until(lambda: listener.is_up or life.done(), what="the session stands")
        yield listener
    finally:
        life.cancel()
        with suppress(asyncio.CancelledError, LinkLost):
            await life


@VERSIONS
async def test_a_press_of_our_own_comes_back_and_so_does_its_receipt(
    broker: Mosquitto, version: int
) -> None:
    async with listening(broker, version, Lane.ALARM) as ours:
        assert ours.session.press(BODY)
        await waiting.until(lambda: ours.heard, what="it is heard")
        ((device, event, answer),) = ours.heard
        assert (device, event, ours.receipted) == ("canary-b1", "g1.1", [])
        answer(Receipt(device=device, id=event, stored_at=NOW))
        await waiting.until(lambda: ours.receipted, what="its receipt is heard")
        assert ours.receipted == [("g1.1", "g1")]
        assert len(ours.heard) == 1


@VERSIONS
async def test_a_receipt_of_our_own_is_no_signal_and_holds_up_no_acknowledgement(
    broker: Mosquitto, version: int
) -> None:
    said = {"id": "x", "stored_at": "2026-11-22T03:15:42Z", "by": "g2"}
    async with (
        listening(broker, version, Lane.ALARM) as ours,
        aiomqtt.Client("127.0.0.1", broker.port) as other,
    ):
        for n in range(100):  # more than the window: unacknowledged ones would close it
            body = json.dumps({**said, "id": f"x{n}"})
            await other.publish("dabyl/v1/canary-b1/receipt", body, qos=1)
        press = b'{"id": "a", "kind": "panic.pressed"}'
        await other.publish("dabyl/v1/button-1/alarm", press, qos=1)
        await waiting.until(lambda: ours.heard, what="the press is heard")
        assert [event for _, event, _ in ours.heard] == ["a"]
        assert ours.receipted[-1] == ("x99", "g2")


async def test_the_event_lanes_session_does_not_listen_for_it(broker: Mosquitto) -> None:
    async with listening(broker, 5, Lane.EVENT) as ours:
        async with aiomqtt.Client("127.0.0.1", broker.port) as other:
            await other.publish("dabyl/v1/canary-b1/receipt", b"{}", qos=1)
            event = b'{"id": "a", "kind": "passage.granted"}'
            await other.publish("dabyl/v1/gate-1/event", event, qos=1)
        await waiting.until(lambda: ours.heard, what="the passage is heard")
        assert ours.receipted == []


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (b'{"id": "a", "stored_at": "t", "by": "g1"}', ("a", "g1")),
        (b'{"id": "a", "refused": "not_its_kind"}', None),
        (b'{"id": "a", "stored_at": null, "by": "g1"}', None),
        (b'{"id": 7, "stored_at": "t", "by": "g1"}', None),
        (b"[]", None),
        (b"\xff\xfe", None),
    ],
)
def test_only_a_receipt_that_says_stored_says_so(
    payload: bytes, found: tuple[str, str] | None
) -> None:
    assert dabyl_v1.stored(payload) == found
