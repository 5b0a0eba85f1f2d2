"""Stills are tried on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store import migrate
from gateway.store.database import open_database
from tests.evidence import cameras
from tests.evidence.bench import HURRY, Bench, button, camera, registry
from tests.harness.clock import HurriedClock


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def at(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """A hall with a button and two cameras that look at it; another that looks elsewhere."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("database_url")
    migrate.prepare(url)
    database = open_database(url)
    known = registry(
        button("b1"),
        camera("cam-1", "b1"),
        camera("cam-2", "b1", "cam-1"),
        camera("cam-3", zone="hall"),
        button("b2", "s2", zone=None),
    )
    try:
        async with cameras.standing() as wall:
            yield Bench(
                database=database,
                clock=HurriedClock(HURRY),
                cameras=wall,
                folder=tmp_path,
                known=known,
            )
    finally:
        await database.close()
