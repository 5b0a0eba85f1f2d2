"""Every store function is tried on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store import schema
from gateway.store.database import Database, Urgency, open_database

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)]


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    found: str = request.getfixturevalue("database_url")
    return found


@pytest.fixture
async def store(url: str) -> AsyncIterator[Database]:
    """An open database with every table."""
    opened = open_database(url)
    await opened.write(schema.metadata.create_all, Urgency.BULK)
    yield opened
    await opened.close()
