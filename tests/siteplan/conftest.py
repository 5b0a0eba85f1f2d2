"""An empty registry on SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store.database import Database, open_database
from tests.siteplan import files


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with every table and nothing in them."""
    opened = open_database(f"sqlite:///{tmp_path / 'dabyl.db'}")
    try:
        await files.make_tables(opened)
        yield opened
    finally:
        await opened.close()
