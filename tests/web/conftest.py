"""What the web's tests ask for: a house, and a server before it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web import building


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[building.Built]:
    """A house with nothing raised yet."""
    async with building.built(tmp_path) as made:
        yield made


@pytest.fixture
async def served(house: building.Built) -> AsyncIterator[building.Built]:
    """The same behind a real server."""
    async with building.served(house):
        yield house
