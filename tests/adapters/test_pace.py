"""When passages are read, against a real Mosquitto: some together, never late for its window."""

import asyncio
import itertools
import statistics
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import aiomqtt
import pytest

from adapters.devices.mqtt import pace
from adapters.devices.mqtt.connection import Session
from adapters.devices.mqtt.settings import RECEIVE_MAXIMUM, SessionSettings
from adapters.signal import Answer, Lane, Receipt, Signal, Spoken
from tests.harness import waiting
from tests.harness.mosquitto import Mosquitto

NOW = datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)
AS_DEPLOYED = ["max_inflight_messages 2048", "max_queued_messages 0", "set_tcp_nodelay true"]


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
        self.heard: list[str] = []
        self.stored, self.most = 0, 0
        """How many of them were answered, and how many at most were not."""
        self._answers: list[Answer] = []
        self._up = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._life = asyncio.create_task(self.session.live(self._emit, self._up.set))
        await asyncio.wait_for(self._up.wait(), 10)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._life.cancel()
        await asyncio.wait([self._life])

    def _emit(self, signal: Signal, answer: Answer) -> None:
        assert isinstance(signal, Spoken)
        self.heard_at.append(asyncio.get_running_loop().time())
        self.heard.append(signal.said.id)
        self.most = max(self.most, len(self.heard) - self.stored)
        self._answers.append(answer)

    def store(self, until: int) -> None:
        """Answer those that were heard before that one."""
        begin, self.stored = self.stored, until
        for number in range(begin, until):
            self._answers[number](Receipt(device="d", id=self.heard[number], stored_at=NOW))


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
async def test_how_long_they_gather_follows_what_the_broker_says_it_takes(
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
    assert statistics.median(pauses(passages.heard_at)) > 0.8 * pace.LONGEST_S
    assert min(pauses(presses.heard_at)) < 0.8 * pace.LONGEST_S


async def test_a_backlog_of_many_windows_comes_whole_and_never_more_than_fits(
    tmp_path: Path,
) -> None:
    window = RECEIVE_MAXIMUM[Lane.EVENT]
    count = 3 * window
    async with Mosquitto(tmp_path, lines=AS_DEPLOYED) as broker:
        async with Ear(broker, Lane.EVENT):
            pass  # its session is kept
        await say(broker, "event", count, 0)
        async with Ear(broker, Lane.EVENT) as ear:
            await waiting.until(lambda: len(ear.heard) >= window, what="the window is full")
            ear.store(20)  # for each of them Mosquitto 2.0.11 sends a whole window more
            await waiting.until(lambda: len(ear.heard) >= window + 20, what="it is full again")
            while ear.stored < count:
                await waiting.until(lambda: len(ear.heard) > ear.stored, what="more is heard")
                ear.store(len(ear.heard))
    assert ear.most <= window + 1
    assert sorted(ear.heard) == sorted(f"event-{number}" for number in range(count))


def pauses(heard_at: list[float]) -> list[float]:
    """How long it was between what was not heard together."""
    apart = [later - one for one, later in itertools.pairwise(heard_at)]
    return [one for one in apart if one > pace.SHORTEST_S]
