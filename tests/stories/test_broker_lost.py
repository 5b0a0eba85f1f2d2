"""Brokers restart, die and are late: what was receipted stays, what was not is said again."""

import asyncio
from pathlib import Path

import pytest

from simulators import mqtt, panic_button
from simulators.cast import Way
from simulators.story import Happening
from tests.harness import waiting
from tests.stories import audit, crowd
from tests.stories import town as towns
from tests.stories.town import Town

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_broker_that_ends_and_comes_back_costs_nothing_receipted(
    town: Town, how: str
) -> None:
    broker = town.brokers[0]
    async with crowd.at_work(town.devices, presses_per_s=10, passages_per_s=50) as people:
        await waiting.until(lambda: len(people.presses) > 10, what="some presses")
        await (broker.stop() if how == "stop" else broker.kill())
        await waiting.until(lambda: len(people.waiting) > 20, what="many wait for a receipt")
        await broker.start()
        await people.stop(within_s=30)
        figures = await audit.take(town, people)
    assert (figures.lost, figures.doubled, figures.unjournalled) == ((), (), ())


async def test_a_gateway_without_its_broker_waits_for_it(tmp_path: Path) -> None:
    async with towns.opened(tmp_path, started=False) as town:
        await town.brokers[0].stop()
        starting = asyncio.create_task(town.dabyl.start())
        await waiting.until(
            lambda: "broker lost" in town.dabyl.log(), within_s=15, what="it looks for its broker"
        )
        red = await waiting.until(town.answers, within_s=15, what="it answers")
        assert red is not None
        assert (red["status"], red["store"], [*red["brokers"].values()]) == (503, "ok", [False])
        await town.brokers[0].start()
        await starting
        assert (await town.ready())["status"] == 200
        await town.devices.press("button-1")
        await towns.told(town.centre, "button-1")


async def test_a_button_reaches_the_gateway_over_the_other_broker(tmp_path: Path) -> None:
    async with towns.opened(tmp_path, brokers=2) as town:
        happened: list[Happening] = []
        way = Way(brokers=tuple(mqtt.parse(one.url) for one in town.brokers))
        options = panic_button.Options(
            way=way, devices=("button-7",), press_every_s=1.5, tell=happened.append
        )
        living = asyncio.create_task(panic_button.run(options))
        await _heard(town, "button-7")
        await town.brokers[0].kill()
        del happened[:]
        pressed = await waiting.until(lambda: _first(happened, "told"), what="it is pressed")
        stored = await waiting.until(lambda: _first(happened, "stored"), what="it is stored")
        assert pressed is not None
        assert stored is not None
        assert (stored.at - pressed.at).total_seconds() < 7
        await towns.told(town.centre, "button-7", within_s=3)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


def _first(happened: list[Happening], what: str) -> Happening | None:
    return next((one for one in happened if one.what == what), None)


async def _heard(town: Town, device: str) -> None:
    async def well() -> bool:
        return bool((await town.get(f"/devices/{device}"))["state"] == "well")

    await waiting.until(well, what=f"{device} was heard")
