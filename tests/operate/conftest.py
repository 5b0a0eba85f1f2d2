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


@pytest.fixture
async def either(tmp_path: Path, either_url: str | None) -> AsyncIterator[Bench]:
    """Once on each database, with somebody who may be called."""
    async with bench.bench(tmp_path, either_url, called="duty") as found:
        yield found
