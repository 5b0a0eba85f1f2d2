"""A step waits for the audit's end, which another gateway holds: no press waits with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from gateway.store import postgres
from gateway.store.urgency import Urgency
from tests.harness import waiting
from tests.web import building
from tests.web.building import Built

pytestmark = pytest.mark.servers

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[Built]:
    async with building.built(tmp_path, database_url) as made:
        yield made


@asynccontextmanager
async def _chain_held(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Another gateway has written to the audit, and hangs before its commit."""
    other = await asyncpg.connect(url)
    try:
        async with other.transaction():
            await other.execute("UPDATE audit_head SET number = number")
            yield other
    finally:
        await other.close()


async def test_a_press_is_stored_while_a_step_waits_for_the_audit(
    house: Built, database_url: str
) -> None:
    first, second = await house.press("a"), await house.press("b", device="button-90-1")
    async with house.client("aigerim") as client:
        assert (await client.post(f"/api/v1/alarms/{first.id}/claim", json={})).is_success
        async with _chain_held(database_url) as other:
            claimed = asyncio.create_task(client.post(f"/api/v1/alarms/{second.id}/claim", json={}))
            await waiting.until(lambda: other.fetchval(_WAITING), what="the step waits")
            async with asyncio.timeout(1):
                await house.press("c", device="button-77-1")
            assert not claimed.done()
        assert (await claimed).is_success


async def test_a_step_gives_up_waiting_and_says_that_it_is_to_be_tried_again(
    house: Built, database_url: str
) -> None:
    alarm = await house.press("a")
    path = f"/api/v1/alarms/{alarm.id}"
    async with house.client("aigerim") as client:
        assert (await client.post(f"{path}/claim", json={})).is_success
        async with _chain_held(database_url):
            async with asyncio.timeout(postgres.COMMAND_S[Urgency.STEP]):
                answer = await client.post(f"{path}/note", json={"note": "calling"})
        assert answer.status_code == 503
        assert (await client.post(f"{path}/note", json={"note": "calling"})).is_success
