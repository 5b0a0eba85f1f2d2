"""A bench on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.supervise import bench
from tests.supervise.bench import Bench


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'supervise.db'}"
    found: str = request.getfixturevalue("database_url")
    return found


@pytest.fixture
async def running(url: str) -> AsyncIterator[Bench]:
    async with bench.opened(url) as found:
        yield found
