"""Every store function is tried on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gateway.store import migrate, schema
from gateway.store.database import CountingDatabase, Urgency, open_database
from tests.harness.postgres import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    found: str = request.getfixturevalue("database_url")
    return found


@pytest.fixture(scope="session")
def emptied_url(cluster: Postgres) -> str:
    """One database that each test finds empty: far quicker than a new one each."""
    url = cluster.new_database()
    migrate.prepare(url)
    return url


@pytest.fixture
async def store(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[CountingDatabase]:
    """An open database with every table, all empty."""
    where = f"sqlite:///{tmp_path / 'store.db'}"
    opened = open_database(where if kind == "sqlite" else request.getfixturevalue("emptied_url"))
    if kind == "postgresql":  # there the passages' partitions are more than the schema says
        await opened.write(_empty, Urgency.BULK)
    else:
        await opened.write(schema.metadata.create_all, Urgency.BULK)
    yield opened
    await opened.close()


def _empty(connection: Connection) -> None:
    names = ", ".join(f'"{name}"' for name in schema.metadata.tables)
    connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
