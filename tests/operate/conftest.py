"""The bench of the steps' tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store import migrate
from tests.operate import bench
from tests.operate.bench import Bench


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench.bench(tmp_path) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest) -> str | None:
    """None: a new file."""
    if request.param == "sqlite":
        return None
    found: str = request.getfixturevalue("database_url")
    migrate.prepare(found)
    return found


@pytest.fixture
async def either(tmp_path: Path, url: str | None) -> AsyncIterator[Bench]:
    """Once on each database, with somebody who may be called."""
    async with bench.bench(tmp_path, url, called="duty") as found:
        yield found
