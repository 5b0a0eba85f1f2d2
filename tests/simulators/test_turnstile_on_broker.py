"""How simulated turnstiles talk, at a real broker."""

import asyncio
import contextlib

from simulators import mqtt, turnstile
from simulators.cast import Way
from tests.harness import waiting
from tests.harness.mosquitto import Mosquitto
from tests.simulators import gateway_side


async def test_turnstiles_tell_each_pupil_once_when_a_morning_is_played_fast(
    broker: Mosquitto,
) -> None:
    options = turnstile.Options(
        way=Way(brokers=(mqtt.parse(broker.url),)),
        devices=("t1", "t2"),
        pupils=50,
        starts_at="07:15",
        speed=2000,
        tell=lambda _: None,
    )
    async with gateway_side.at(broker.port) as gateway:
        life = asyncio.create_task(turnstile.run(options))
        await waiting.until(
            lambda: len({b["id"] for b in gateway.bodies("event")}) >= 100,
            within_s=30,
            what="a hundred passages",
        )
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await life
    granted = gateway.bodies("event", kind="passage.granted")
    assert len({body["data"]["credential"] for body in granted}) >= 95
