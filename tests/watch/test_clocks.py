"""Cameras' clocks against ours: where most of them agree against it, it is ours that is off."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.supervision import Finding
from gateway.watch import clocks, saying
from gateway.watch.held import Held
from gateway.watch.saying import Saying
from gateway.watch.wanted import Wanted
from tests.watch import bench
from tests.watch.bench import Bench, school


async def step(running: Bench, seconds: float) -> None:
    """Our own clock is set; every camera's is off by so much from its next reply on."""
    running.clock.set_wall(running.clock.now() + timedelta(seconds=seconds))
    for script in running.scripts.values():
        script.offset_s -= seconds


async def test_a_step_of_our_own_clock_is_one_trouble_of_ours_and_none_of_any_camera(
    tmp_path: Path,
) -> None:
    registry = school(20)
    async with bench.opened(tmp_path, registry=registry) as running:
        await running.approve(*registry.devices)
        await running.up(*registry.devices)
        await running.pass_(7)
        await step(running, 60)
        await running.pass_(40)
        (opened,) = await running.opened()
        assert opened.startswith("gateway.clock_off gateway-g1: ")
        await running.pass_(60)
        await step(running, -60)
        await running.pass_(130)
        (ours,) = await running.alarms()
        assert (ours.kind, ours.state) == ("gateway.clock_off", "RETURNED")
        running.scripts["s0-c3"].offset_s = 9.0
        await running.pass_(35)
        assert "camera.clock_off s0-c3: +9_s" in await running.opened()
        assert len(await running.alarms()) == 2


@pytest.mark.parametrize(
    ("offsets_s", "before", "way"),
    [
        ([60.0, 61.0, 59.5, 0.0], 0, 1),
        ([-60.0, -61.0, -59.5], 0, -1),
        ([60.0, 60.0], 0, 0),
        ([60.0, 600.0, -40.0, 7.0], 0, 0),
        ([60.0, 60.0, 0.0, 0.0], 0, 0),
        ([4.0, 4.0, 4.0], 0, 0),
        ([4.0, 4.0, 4.0], 1, 1),
        ([2.0, 2.0, 2.0], 1, 0),
    ],
)
def test_our_clock_is_off_where_most_cameras_agree_against_it(
    offsets_s: list[float], before: int, way: int
) -> None:
    assert clocks.against_ours(offsets_s, before) == way


def test_only_so_much_is_said_in_one_look_and_the_rest_in_the_next() -> None:
    said = list[Finding]()

    def find(finding: Finding) -> bool:
        said.append(finding)
        return True

    found = Saying(find)
    all_held = [
        Held(wanted=Wanted(device=f"c{n}", host="h", port=80, tls=False, secret=None, hold_s=30))
        for n in range(250)
    ]
    for number, held in enumerate(all_held):
        held.health.clock_offset_s = 10.0 * number + 10
    for second in range(7):
        found.begin(all_held, float(second))
        before = len(said)
        for held in all_held:
            found.look(held)
        assert len(said) - before <= saying.AT_ONCE
    assert len({one.about for one in said}) == len(said) == 250
