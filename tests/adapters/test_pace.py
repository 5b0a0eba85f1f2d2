"""When passages are read, against a real Mosquitto: some together, never late for its window."""

import asyncio
import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import aiomqtt
import pytest

from adapters.devices.mqtt import pace
from adapters.devices.mqtt.connection import Session
from adapters.devices.mqtt.settings import RECEIVE_MAXIMUM, SessionSettings
from adapters.signal import Lane
from tests.harness import waiting
from tests.harness.mosquitto import Mosquitto

NOW = datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)
AS_DEPLOYED = ["max_inflight_messages 2048"]


class Ear:
    """A session, and when the loop heard what."""

    def __init__(self, broker: Mosquitto, lane: Lane, version: int = 5) -> None:
        settings = SessionSettings(
            link="b1",
            lane=lane,
            host="127.0.0.1",
            port=broker.port,
            version=version,
            gateway="g1",
        )
        self.session = Session(settings, lambda: NOW, lambda: "ok", lambda: None)
        self.heard_at: list[float] = []
        self._up = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._life = asyncio.create_task(
            self.session.live(lambda *_: self.heard_at.append(self._now()), self._up.set)
        )
        await asyncio.wait_for(self._up.wait(), 10)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._life.cancel()
        await asyncio.wait([self._life])

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


async def say(broker: Mosquitto, what: str, count: int, every_s: float) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port) as device:
        for number in range(count):
            body = f'{{"id": "{what}-{number}", "kind": "access.granted"}}'
            await device.publish(f"dabyl/v1/turnstile-{number}/{what}", body, qos=1)
            await asyncio.sleep(every_s)


@pytest.mark.parametrize(
    ("window", "wanted_s"), [(20, 0.004), (256, 0.0128), (512, 0.025), (65_535, 0.025)]
)
def test_the_pause_lets_twenty_thousand_a_second_through_a_window(
    window: int, wanted_s: float
) -> None:
    assert pace.pause_s(window) == pytest.approx(wanted_s)
    assert pace.pause_s(RECEIVE_MAXIMUM[Lane.EVENT]) == pace.LONGEST_S


@pytest.mark.parametrize(
    ("lane", "version", "lines", "wanted_s"),
    [
        pytest.param(Lane.EVENT, 5, AS_DEPLOYED, pace.LONGEST_S, id="passages"),
        pytest.param(Lane.EVENT, 5, [], pace.SHORTEST_S, id="passages, a broker as it is shipped"),
        pytest.param(Lane.EVENT, 4, AS_DEPLOYED, pace.SHORTEST_S, id="passages, MQTT 3.1.1"),
        pytest.param(Lane.ALARM, 5, AS_DEPLOYED, 0, id="presses"),
    ],
)
async def test_how_long_they_gather_follows_what_the_broker_sends_unanswered(
    tmp_path: Path, lane: Lane, version: int, lines: list[str], wanted_s: float
) -> None:
    async with Mosquitto(tmp_path, lines=lines) as broker, Ear(broker, lane, version) as ear:
        assert ear.session._pause_s() == pytest.approx(wanted_s)  # noqa: SLF001 - of a real CONNACK


async def test_passages_are_read_together_and_presses_at_once(tmp_path: Path) -> None:
    count, every_s = 60, 0.008
    async with (
        Mosquitto(tmp_path, lines=AS_DEPLOYED) as broker,
        Ear(broker, Lane.EVENT) as passages,
        Ear(broker, Lane.ALARM) as presses,
    ):
        await asyncio.gather(
            say(broker, "event", count, every_s), say(broker, "alarm", count, every_s)
        )
        await waiting.until(lambda: len(passages.heard_at) == count, what="all passages are heard")
        await waiting.until(lambda: len(presses.heard_at) == count, what="all presses are heard")
    reads = pauses(passages.heard_at)
    assert min(reads) > 0.8 * pace.LONGEST_S
    assert len(reads) < count / 2 < len(pauses(presses.heard_at))


def pauses(heard_at: list[float]) -> list[float]:
    """How long it was between what was not heard together."""
    apart = [later - one for one, later in itertools.pairwise(heard_at)]
    return [one for one in apart if one > pace.SHORTEST_S]
