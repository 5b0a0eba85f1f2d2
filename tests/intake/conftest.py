"""The bench of the intake's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.intake import bench
from tests.intake.bench import Bench


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench.bench(tmp_path) as found:
        yield found
