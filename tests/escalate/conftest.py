"""A desk that may call a receiver, once on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.operate import bench
from tests.operate.bench import Bench


@pytest.fixture
async def at(tmp_path: Path, either_url: str | None) -> AsyncIterator[Bench]:
    async with bench.bench(tmp_path, either_url, called="duty") as found:
        yield found
