"""A camera's link against a simulated camera: what it hears, and how it ends."""

from collections.abc import AsyncIterator

import pytest

from adapters.devices.onvif.means import Means
from simulators.camera.camera import Camera as Simulated
from simulators.camera.doorkeeper import Account
from simulators.camera.machine import Character
from tests.adapters.onvif import living
from tests.adapters.onvif.living import Link


@pytest.fixture
async def means() -> AsyncIterator[Means]:
    async with living.means() as found:
        yield found


@pytest.fixture
async def simulated() -> AsyncIterator[Simulated]:
    camera = Simulated(Character(name="camera-1", accounts={"dabyl": Account("secret")}))
    await camera.start()
    yield camera
    await camera.stop()


def _link(simulated: Simulated, means: Means) -> Link:
    return Link(living.settings_of(simulated), means)


async def test_a_wired_button_is_heard_as_it_is_pressed_and_released(
    simulated: Simulated, means: Means
) -> None:
    async with _link(simulated, means).alive() as link:
        simulated.press()
        await link.ear.hears("input.activated")
        simulated.release()
        await link.ear.hears("input.cleared")
    assert link.ear.kinds == ["input.activated", "input.cleared"]


async def test_a_button_pressed_while_nobody_listened_is_heard_at_connect(
    simulated: Simulated, means: Means
) -> None:
    link = _link(simulated, means)
    simulated.press()
    async with link.alive():
        await link.ear.hears("input.activated")
    async with link.alive():
        pass
    assert link.ear.kinds == ["input.activated"]
    simulated.release()
    async with link.alive():
        await link.ear.hears("input.cleared")


async def test_a_life_that_ends_gives_its_slot_back(simulated: Simulated, means: Means) -> None:
    link = _link(simulated, means)
    for _ in range(3):
        async with link.alive():
            assert len(simulated.subscriptions) == 1
    assert not simulated.subscriptions
