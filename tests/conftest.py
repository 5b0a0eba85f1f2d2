"""What every test may ask for: real servers of its own, a clock, a gateway."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.store import migrate
from tests.harness import clock, mosquitto, postgres
from tests.harness.trio import Trio

# A test that takes one of these uses a real server, and `make check` leaves it to `make test`.
_SERVERS = {
    *("broker", "cluster", "own_cluster", "database_url", "trio"),
    *("served", "browser", "prometheus"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _SERVERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)


@pytest.fixture
def pushed_clock() -> clock.PushedClock:
    """A clock that stands still until the test pushes it."""
    return clock.PushedClock()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[mosquitto.Mosquitto]:
    """A running Mosquitto: anonymous, persistent, dropping nothing."""
    async with mosquitto.Mosquitto(tmp_path / "mosquitto") as running:
        yield running


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Postgres]:
    """A running PostgreSQL that many tests share: do not stop it."""
    shared = postgres.Postgres()
    try:
        shared.start()
        yield shared
    finally:
        shared.remove()


@pytest.fixture
def own_cluster() -> Iterator[postgres.Postgres]:
    """A running PostgreSQL for one test alone, to be stopped and killed at will."""
    own = postgres.Postgres()
    try:
        own.start()
        yield own
    finally:
        own.remove()


@pytest.fixture
def database_url(cluster: postgres.Postgres) -> str:
    """A fresh, empty PostgreSQL database."""
    return cluster.new_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def either_url(request: pytest.FixtureRequest) -> str | None:
    """Once on each database: a prepared one of PostgreSQL, or None, for a new file of SQLite."""
    if request.param == "sqlite":
        return None
    found: str = request.getfixturevalue("database_url")
    migrate.prepare(found)
    return found


@pytest.fixture
def trio() -> Iterator[Trio]:
    """A primary and two standbys for one test alone, to be killed and promoted at will."""
    three = Trio()
    try:
        three.start()
        yield three
    finally:
        three.remove()
