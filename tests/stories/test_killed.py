"""The gateway is killed again and again under load: nothing receipted is lost, nothing doubled."""

import asyncio
import random
import statistics
import time
from pathlib import Path

import pytest

from tests.stories import audit, crowd
from tests.stories import town as towns
from tests.stories.town import Town

pytestmark = [pytest.mark.servers, pytest.mark.serial, pytest.mark.timeout(240)]


async def _kill_again_and_again(town: Town, kills: int) -> list[float]:
    """How long each next life took until it was ready."""
    dice, took_s = random.Random(7), []
    for _ in range(kills):
        await asyncio.sleep(dice.uniform(0.1, 0.9))  # the moment of the kill: anything goes
        await town.dabyl.kill()
        started = time.monotonic()
        await town.dabyl.start()
        took_s.append(time.monotonic() - started)
    return took_s


@pytest.mark.parametrize(("store", "kills"), [("sqlite", 20), ("postgresql", 5)])
async def test_a_gateway_killed_under_load_loses_no_press_and_no_passage(
    tmp_path: Path, store: str, kills: int, request: pytest.FixtureRequest
) -> None:
    url = "sqlite" if store == "sqlite" else request.getfixturevalue("database_url")
    async with (
        towns.opened(tmp_path, database=url) as town,
        crowd.at_work(town.devices, presses_per_s=20, passages_per_s=200) as people,
    ):
        await town.centre.mode("slow", seconds=0, to_seconds=0.05)
        ready_s = await _kill_again_and_again(town, kills)
        await people.stop(within_s=30)
        figures = await audit.take(town, people)
        print(f"\n{store}: {kills} kills, {figures}")  # noqa: T201 - the figures are the story
        print(f"ready again: median {statistics.median(ready_s):.2f} s, worst {max(ready_s):.2f} s")  # noqa: T201
        assert (figures.lost, figures.doubled, figures.unjournalled) == ((), (), ())
        assert figures.presses > 20 * kills
        assert (await town.dabyl.run("journal", "verify"))[0] == 0
        assert max(ready_s) < 10
