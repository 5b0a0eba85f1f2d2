"""The bench of the steps' tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.operate import bench
from tests.operate.bench import Bench


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench.bench(tmp_path) as found:
        yield found
