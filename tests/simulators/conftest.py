"""A running centre, and a plain client that posts to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.simulators.centre import Started, started


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Started]:
    async with started(tmp_path, record=tmp_path / "heard.jsonl") as running:
        yield running


@pytest.fixture
async def sender() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=5) as client:
        yield client
