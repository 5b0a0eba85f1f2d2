"""What the tests of deploy/ share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.prometheus import Prometheus


@pytest.fixture
async def prometheus(tmp_path: Path) -> AsyncIterator[Prometheus]:
    """A running Prometheus that watches nobody."""
    configuration = "global:\n  scrape_interval: 5s\n"
    async with Prometheus(tmp_path / "prometheus", configuration) as running:
        yield running
