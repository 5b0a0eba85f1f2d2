"""Shared sessions on a real Mosquitto: each passage to one gateway, each alarm to all."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import pytest

from adapters.devices.mqtt.connection import Session
from adapters.devices.mqtt.settings import SessionSettings
from adapters.signal import Answer, CheckIn, Lane, Receipt, Signal, Spoken
from tests.harness import waiting
from tests.harness.mosquitto import Mosquitto

Heard = list[str]


@contextlib.asynccontextmanager
async def session(
    broker: Mosquitto, gateway: str, *, shared: bool, lane: Lane = Lane.EVENT, version: int = 5
) -> AsyncIterator[Heard]:
    """One life of a session; the ids and devices that it hears, each acknowledged."""
    heard: Heard = []
    is_up = asyncio.Event()

    def emit(signal: Signal, answer: Answer) -> None:
        heard.append(signal.said.id if isinstance(signal, Spoken) else signal.device)
        stored = None if isinstance(signal, CheckIn) else datetime.now(UTC)
        answer(Receipt(device=signal.device, id=heard[-1], stored_at=stored))

    settings = SessionSettings(
        link="b",
        lane=lane,
        host="127.0.0.1",
        port=broker.port,
        version=version,
        gateway=gateway,
        shared=shared,
    )
    one = Session(settings, lambda: datetime.now(UTC), lambda: "ok", lambda: None)
    living = asyncio.create_task(one.live(emit, is_up.set))
    try:
        async with asyncio.timeout(5):
            await is_up.wait()
        yield heard
    finally:
        living.cancel()
        await asyncio.wait([living])


async def say(broker: Mosquitto, *ids: str, leaf: str = "event") -> None:
    kind = "panic.pressed" if leaf == "alarm" else "passage.granted"
    async with aiomqtt.Client("127.0.0.1", broker.port) as device:
        for one in ids:
            body = json.dumps({"id": one, "kind": kind})
            await device.publish(f"dabyl/v1/gate-1/{leaf}", body, qos=1)


def ids(count: int, prefix: str = "p") -> list[str]:
    return [f"{prefix}{n}" for n in range(count)]


@pytest.mark.parametrize("version", [4, 5])
async def test_each_passage_goes_to_one_of_two_gateways(broker: Mosquitto, version: int) -> None:
    async with (
        session(broker, "g1", shared=True, version=version) as first,
        session(broker, "g2", shared=True, version=version) as second,
    ):
        await say(broker, *ids(40))
        await waiting.until(lambda: len(first) + len(second) >= 40, what="all are heard")
        assert sorted(first + second) == sorted(ids(40))
        assert first
        assert second


async def test_each_alarm_goes_to_both_gateways(broker: Mosquitto) -> None:
    async with (
        session(broker, "g1", shared=True, lane=Lane.ALARM) as first,
        session(broker, "g2", shared=True, lane=Lane.ALARM) as second,
    ):
        await say(broker, *ids(5), leaf="alarm")
        await waiting.until(lambda: len(first) == len(second) == 5, what="both hear all")


@pytest.mark.parametrize("was_shared", [False, True])
async def test_a_session_that_changes_between_plain_and_shared_hears_nothing_twice(
    broker: Mosquitto, *, was_shared: bool
) -> None:
    async with session(broker, "g1", shared=was_shared):
        pass
    async with session(broker, "g1", shared=not was_shared) as heard:
        turns = itertools.count()

        async def is_changed() -> bool:
            """A resumed session is up before the broker has answered what it wants now."""
            probe = f"probe-{next(turns)}"
            await say(broker, probe, f"behind-{probe}")
            await waiting.until(lambda: f"behind-{probe}" in heard, what="what came behind it")
            return heard.count(probe) == 1

        await waiting.until(is_changed, what="what is not wanted any more is let go")
        heard.clear()
        await say(broker, *ids(20), "last")
        await waiting.until(lambda: "last" in heard, what="the last one")
    assert sorted(heard) == sorted([*ids(20), "last"])


async def test_the_share_of_a_dead_gateway_goes_to_the_living_after_moments(
    broker: Mosquitto,
) -> None:
    async with session(broker, "g2", shared=True) as living:
        async with session(broker, "g1", shared=True):
            pass  # it dies: its session is kept for 10 s

        turns = itertools.count()

        async def nothing_is_missing() -> bool:
            said = set(ids(10, f"t{next(turns)}-"))
            await say(broker, *said)
            with contextlib.suppress(waiting.NotInTimeError):
                await waiting.until(lambda: said <= set(living), within_s=0.5, what="all ten")
            return said <= set(living)

        await waiting.until(nothing_is_missing, within_s=20, what="the living gets everything")


async def test_a_plain_session_keeps_what_came_while_it_was_away(broker: Mosquitto) -> None:
    async with session(broker, "g1", shared=False):
        pass
    await say(broker, *ids(5))
    async with session(broker, "g1", shared=False) as heard:
        await waiting.until(lambda: len(heard) == 5, what="what was kept")


async def test_a_broker_that_takes_little_at_once_gets_every_receipt(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path / "small", lines=["max_inflight_messages 3"]) as broker:
        device = aiomqtt.Client("127.0.0.1", broker.port)
        async with device, session(broker, "g1", shared=False, lane=Lane.ALARM):
            await device.subscribe("dabyl/v1/+/receipt", qos=1)
            for one in ids(60):
                body = json.dumps({"id": one, "kind": "panic.pressed"})
                await device.publish("dabyl/v1/button-1/alarm", body, qos=1)
            async with asyncio.timeout(10):
                got = [json.loads((await anext(device.messages)).payload)["id"] for _ in range(60)]
    assert sorted(got) == sorted(ids(60))
