"""What the tests of a camera's calls and of its link may ask for."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapters.devices.onvif.means import Means
from adapters.devices.onvif.transport import Caller, Wire
from simulators.camera.camera import Camera as Simulated
from simulators.camera.doorkeeper import Account
from simulators.camera.machine import Character
from tests.adapters.onvif import living
from tests.adapters.onvif.cameras import FakeCamera
from tests.harness.clock import PushedClock

Calling = Callable[..., Caller]


@pytest.fixture
async def wire(pushed_clock: PushedClock) -> AsyncIterator[Wire]:
    """The wire to all cameras, on a clock that the test pushes."""
    wire = Wire(now=pushed_clock.now, monotonic=pushed_clock.monotonic)
    yield wire
    await wire.close()


@pytest.fixture
def calling(wire: Wire, pushed_clock: PushedClock) -> Calling:
    """Begin another life of a camera: a caller that knows nothing yet."""

    def begin(camera: FakeCamera, **settings: Any) -> Caller:  # noqa: ANN401 - a camera's own
        return Caller(
            camera.settings(**settings),
            wire,
            now=pushed_clock.now,
            monotonic=pushed_clock.monotonic,
        )

    return begin


@pytest.fixture
async def means() -> AsyncIterator[Means]:
    """What lives take."""
    async with living.means() as found:
        yield found


@pytest.fixture
async def simulated() -> AsyncIterator[Simulated]:
    """A camera to live with."""
    camera = Simulated(Character(name="camera-1", accounts={"dabyl": Account("secret")}))
    await camera.start()
    yield camera
    await camera.stop()
