"""The bench of the emergency's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emergency import bench
from tests.emergency.bench import Alley


@pytest.fixture
async def alley(tmp_path: Path) -> AsyncIterator[Alley]:
    async with bench.alley(tmp_path) as made:
        yield made
