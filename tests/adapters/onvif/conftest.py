"""What the tests of a camera's calls may ask for."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapters.devices.onvif.transport import Caller, Wire
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
