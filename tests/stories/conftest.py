"""A town for each story, on one database or on both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stories import town as towns
from tests.stories.town import Town


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The story is told twice: once on each database."""
    if request.param == "sqlite":
        return "sqlite"
    url: str = request.getfixturevalue("database_url")
    return url


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A town on SQLite with one broker and one centre."""
    async with towns.opened(tmp_path) as opened:
        yield opened


@pytest.fixture
async def either(tmp_path: Path, database: str) -> AsyncIterator[Town]:
    """The same on each database."""
    async with towns.opened(tmp_path, database=database) as opened:
        yield opened


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Town]:
    """A town with two receivers: the centre with authority, and the one on duty."""
    async with towns.opened(tmp_path, receivers=("centre", "duty")) as opened:
        yield opened
