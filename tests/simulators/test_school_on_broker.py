"""How a simulated school plays its scenario, at a real broker."""

import sys
from asyncio import subprocess

import pytest

from simulators import mqtt, school
from simulators.cast import Way
from simulators.school import scenario
from simulators.story import Happening
from tests.harness.mosquitto import Mosquitto
from tests.simulators import gateway_side


@pytest.mark.parametrize("shared", [False, True])
async def test_school_plays_panic_at_noon_to_the_last_receipt(
    broker: Mosquitto, *, shared: bool
) -> None:
    told: list[Happening] = []
    options = school.Options(
        scenario=scenario.load("panic_at_noon"),
        way=Way(brokers=(mqtt.parse(broker.url),), shared=shared),
        speed=60,
        stay=False,
        tell=told.append,
    )
    async with gateway_side.at(broker.port) as gateway:
        await school.run(options)
    assert len({b["id"] for b in gateway.bodies("alarm", kind="panic.pressed")}) == 2
    assert len({b["id"] for b in gateway.bodies("alarm", kind="panic.holdup")}) == 1
    assert told[-1].words == "The scenario is over; 0 events are without a receipt."


async def test_school_runs_by_itself_when_it_is_started_as_a_program(broker: Mosquitto) -> None:
    words = [
        "--broker",
        broker.url,
        "--scenario",
        "quiet_day",
        "--speed",
        "100",
        "--once",
        "--json",
    ]
    async with gateway_side.at(broker.port) as gateway:
        program = await subprocess.create_subprocess_exec(
            sys.executable, "-m", "simulators.school", *words, stdout=subprocess.PIPE
        )
        out, _ = await program.communicate()
    assert program.returncode == 0
    assert b'"what":"end"' in out.splitlines()[-1]
    assert gateway.bodies("event", kind="battery.low")


async def test_school_ends_with_one_clear_line_when_its_scenario_is_unknown() -> None:
    program = await subprocess.create_subprocess_exec(
        sys.executable, "-m", "simulators.school", "--scenario", "nowhere",
        stderr=subprocess.PIPE,
    )  # fmt: skip
    _, said = await program.communicate()
    assert program.returncode == 2
    assert said.splitlines()[-1].startswith(b"python -m simulators.school: error: scenario nowhere")
