"""PostgreSQL goes and comes back: presses wait without a receipt; nobody touches anything."""

import asyncio
from pathlib import Path

from tests.harness.postgres import Postgres
from tests.stories import town as towns


async def test_presses_are_taken_again_after_postgresql_was_restarted(
    own_cluster: Postgres, tmp_path: Path
) -> None:
    url = own_cluster.new_database()
    async with towns.opened(tmp_path, database=url) as town:
        await town.devices.press("button-1")
        await town.devices.say("gate-1", {"kind": "passage.granted"}, "event")
        await asyncio.to_thread(own_cluster.kill)
        pressed = asyncio.create_task(town.devices.press("button-2"))
        passed = asyncio.create_task(
            town.devices.say("gate-1", {"kind": "passage.granted"}, "event")
        )
        done, _ = await asyncio.wait({pressed, passed}, timeout=2)
        assert not done
        await asyncio.to_thread(own_cluster.start)
        async with asyncio.timeout(20):
            await pressed
            await passed
        assert await town.alarm("button-2")
