"""Two gateways on one database and one broker: each has its own proofs, and both tell one cry."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from gateway import app, settings
from tests.harness import ports, waiting
from tests.harness.postgres import Postgres
from tests.stories import outages
from tests.stories import town as towns
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers


@contextlib.asynccontextmanager
async def _second(town: Town) -> AsyncIterator[str]:
    """Another gateway beside the town's, in this process: its address."""
    url = f"127.0.0.1:{ports.free()}"
    config = settings.load(
        town.dabyl.settings, {"DABYL_GATEWAY__NAME": "g2", "DABYL_HTTP__LISTEN": url}
    )
    ready = asyncio.Event()
    running = asyncio.create_task(app.run(config, told=app.Told(ready=lambda _: ready.set())))
    try:
        await waiting.until(lambda: ready.is_set() or running.done(), what="the second is ready")
        yield f"http://{url}"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _ready(url: str) -> Body:
    async with httpx2.AsyncClient(timeout=5) as client:
        found: Body = (await client.get(f"{url}/readyz")).json()
        return found


async def _proven(*urls: str) -> bool:
    ages = [age for url in urls for age in (await _ready(url))["canary_age_s"].values()]
    return None not in ages


async def test_each_has_its_own_proofs_and_one_cry_has_one_key_whoever_tells_it(
    own_cluster: Postgres, tmp_path: Path
) -> None:
    url = own_cluster.new_database()
    async with towns.opened(tmp_path, database=url) as town, _second(town) as other:
        await waiting.until(lambda: _proven(town.dabyl.url, other), what="both are proven")
        rows = await town.rows("SELECT gateway FROM journal_alarm WHERE kind = 'path.proof'")
        assert sorted(row.gateway for row in rows) == ["g1", "g2"]
        assert not (await town.get("/quarantine"))["items"]
        own_cluster.freeze()
        pressing = asyncio.create_task(town.devices.press("button-1"))
        notice = await outages.unstored(town, "button-1")
        await waiting.until(lambda: _told(town, other), within_s=2, what="both tell it")
        own_cluster.thaw()
        async with asyncio.timeout(25):
            said = await pressing
        assert (await outages.stored(town, said.id))["id"] == notice["id"]
        assert await outages.keys(town, said.id) == {notice["id"]}
        await waiting.until(lambda: _settled(town, other), within_s=20, what="both are at rest")
        assert await outages.keys(town, said.id) == {notice["id"]}
        rows = await town.rows("SELECT reuse FROM journal_alarm WHERE device = 'button-1'")
        assert [row.reuse for row in rows] == [0]


async def _told(town: Town, other: str) -> bool:
    return all([(await _ready(url))["unstored"] == 1 for url in (town.dabyl.url, other)])


async def _settled(town: Town, other: str) -> bool:
    return all([(await _ready(url))["unstored"] == 0 for url in (town.dabyl.url, other)])
