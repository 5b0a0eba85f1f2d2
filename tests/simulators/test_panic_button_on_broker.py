"""How a simulated panic button talks, at real brokers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path

import pytest

from simulators import cast, clock, mqtt
from simulators.acts import Act, Deed
from simulators.cast import Cast, Way
from simulators.character import Character
from simulators.panic_button.machine import Button, Settings
from simulators.stage import Actor, Stage
from simulators.story import Happening
from tests.harness import mosquitto, ports, waiting
from tests.harness.mosquitto import Mosquitto
from tests.simulators import gateway_side


@contextlib.asynccontextmanager
async def living(life: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(life)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def button_at(
    *brokers: Mosquitto, heard: list[Happening] | None = None, shared: bool = False
) -> AsyncIterator[Actor]:
    """A button that lives at these brokers."""
    told = heard if heard is not None else []
    stage = Stage(clock.TrueClock(), told.append)
    addresses = tuple(mqtt.parse(broker.url) for broker in brokers)
    buttons = Cast(stage, Way(brokers=addresses, shared=shared))
    character = Character(device="b1", model="test", brokers=len(brokers))
    button = Button(Settings(character=character), clock.read(stage.clock), cast.draw_id)
    actor = buttons.add("b1", button, brokers=len(brokers))
    async with living(buttons.run()):
        await waiting.until(lambda: buttons.connected() == len(brokers), what="lines are up")
        yield actor


def lamps(heard: list[Happening]) -> list[object]:
    return [happening.facts["lamp"] for happening in heard if happening.what == "lamp"]


@pytest.mark.parametrize("shared", [False, True])
async def test_button_has_its_receipt_when_it_is_pressed(
    broker: Mosquitto, *, shared: bool
) -> None:
    heard: list[Happening] = []
    async with (
        gateway_side.at(broker.port) as gateway,
        button_at(broker, heard=heard, shared=shared) as button,
    ):
        button.do(Act(deed=Deed.PRESS))
        await gateway.first("alarm", kind="panic.pressed")
        await waiting.until(lambda: lamps(heard) == ["sending", "stored"], what="lamp: stored")


async def test_button_repeats_with_a_greater_age_when_nobody_answers(broker: Mosquitto) -> None:
    async with gateway_side.at(broker.port, receipts=False) as gateway, button_at(broker) as button:
        button.do(Act(deed=Deed.PRESS))
        await waiting.until(lambda: len(gateway.bodies("alarm")) >= 2, what="a repeat")
        first, second = gateway.bodies("alarm")[:2]
        assert first["id"] == second["id"]
        assert 1900 <= second["age_ms"] - first["age_ms"] <= 2500


async def test_button_is_heard_at_the_second_broker_when_the_first_is_dead(tmp_path: Path) -> None:
    async with (
        mosquitto.Mosquitto(tmp_path / "two") as two,
        gateway_side.at(two.port) as gateway,
        mosquitto.Mosquitto(tmp_path / "one") as one,
        button_at(one, two) as button,
    ):
        await one.kill()
        button.do(Act(deed=Deed.PRESS))
        body = await gateway.first("alarm", kind="panic.pressed")
        assert 5000 <= body["age_ms"] <= 6000


async def test_button_tells_once_why_there_is_no_line_when_nobody_listens() -> None:
    heard: list[Happening] = []
    stage = Stage(clock.TrueClock(), heard.append)
    nobody = mqtt.parse(f"mqtt://127.0.0.1:{ports.free()}")
    buttons = Cast(stage, Way(brokers=(nobody,)))
    button = Button(
        Settings(character=Character(device="b1", model="test")),
        clock.read(stage.clock),
        cast.draw_id,
    )
    buttons.add("b1", button, brokers=1)
    async with living(buttons.run()):
        await waiting.until(lambda: heard, what="a word of why")
    assert heard[0].words.startswith("has no line to broker 1: ")
    assert [happening.what for happening in heard].count("no_line") == 1


async def test_button_leaves_its_will_when_its_cable_is_cut(broker: Mosquitto) -> None:
    async with gateway_side.at(broker.port) as gateway, button_at(broker) as button:
        await gateway.first("state", online=True)
        button.do(Act(deed=Deed.UNPLUG))
        await gateway.first("state", online=False)
        seen = len(gateway.bodies("state", online=True))
        button.do(Act(deed=Deed.PLUG))
        await waiting.until(
            lambda: len(gateway.bodies("state", online=True)) > seen, what="it is back"
        )


async def test_button_answers_when_it_is_commanded(broker: Mosquitto) -> None:
    async with gateway_side.at(broker.port) as gateway, button_at(broker):
        await gateway.command("b1", "test")
        assert await gateway.first("reply") == {"id": "c-test", "ok": True}
        assert (await gateway.first("alarm"))["test"] is True


async def test_button_tells_what_was_pressed_while_its_cable_was_cut(broker: Mosquitto) -> None:
    async with gateway_side.at(broker.port) as gateway, button_at(broker) as button:
        button.do(Act(deed=Deed.UNPLUG))
        await gateway.first("state", online=False)
        button.do(Act(deed=Deed.PRESS))
        assert gateway.bodies("alarm") == []
        button.do(Act(deed=Deed.PLUG))
        await gateway.first("alarm", kind="panic.pressed")
