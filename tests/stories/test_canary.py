"""The canary flies: through broker, bus, commit and receipt, and is missed when it does not."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from gateway import app, settings
from tests.harness import waiting
from tests.harness.clock import HurriedClock
from tests.stories import town as towns
from tests.stories.test_press import _first
from tests.stories.town import Body, Town

pytestmark = pytest.mark.servers
_TIMES = 20
"""Half a minute in one and a half seconds."""


async def _proven(town: Town) -> float | None:
    """The worst age that /readyz tells; None: not all are proven."""
    ages = (await town.ready())["canary_age_s"].values()
    return None if None in ages or not ages else float(max(ages)) or 0.1


@contextlib.asynccontextmanager
async def _hurried(town: Town) -> AsyncIterator[None]:
    """The town's gateway, in this process, on a clock that hurries."""
    config = settings.load(town.dabyl.settings)
    ready = asyncio.Event()
    running = asyncio.create_task(
        app.run(config, clock=HurriedClock(_TIMES), told=app.Told(ready=lambda _: ready.set()))
    )
    try:
        await waiting.until(lambda: ready.is_set() or running.done(), what="the gateway is ready")
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _beacon(town: Town) -> Body:
    async with aiomqtt.Client("127.0.0.1", town.brokers[0].port) as device, asyncio.timeout(15):
        await device.subscribe("dabyl/v1/_gateway/#")
        message = await anext(aiter(device.messages))
        found: Body = json.loads(bytes(message.payload or b""))
        return found


async def test_every_broker_has_its_own_proof_soon_after_the_start(
    tmp_path: Path, database: str
) -> None:
    async with towns.opened(tmp_path, database=database, brokers=2) as town:
        await waiting.until(lambda: _proven(town), what="both paths are proven")
        ages = (await town.ready())["canary_age_s"]
        assert len(ages) == 2
        rows = await town.rows("SELECT device FROM journal_alarm WHERE kind = 'path.proof'")
        assert sorted(row.device for row in rows) == sorted(f"canary-{label}" for label in ages)
        assert (await town.get("/alarms"))["items"] == []
        assert not [one for one in (await town.get("/devices"))["items"] if "canary" in one["id"]]
        assert await town.metric("dabyl_canary_age_seconds") < 60


async def test_the_proofs_age_is_in_beacon_heartbeat_and_supervision(town: Town) -> None:
    await waiting.until(lambda: _proven(town), what="the path is proven")
    assert (await _beacon(town))["canary_age_s"] >= 0
    assert (await _first(town, "heartbeat", asyncio.Event()))["canary_age_s"] >= 0

    async def supervised() -> Body | None:
        for item in await town.centre.recorded():
            event = json.loads(item["body"])
            age = event["data"].get("canary_age_s")
            if event["type"] == "dabyl.supervision" and age is not None:
                return event["data"]  # type: ignore[no-any-return]
        return None

    await waiting.until(supervised, within_s=40, what="a supervision with the age")
    assert (await town.centre.get("/summary"))["schema_failures"] == 0


async def test_a_lost_broker_is_an_unproven_path_until_it_is_back(tmp_path: Path) -> None:
    async with towns.opened(tmp_path, brokers=2, started=False) as town, _hurried(town):
        await waiting.until(lambda: _proven(town), what="both paths are proven")
        label = next(iter((await town.ready())["canary_age_s"]))
        await town.brokers[0].kill()
        about = f"path-g1-{label}"
        await town.alarm(about, kind="path.unproven", state="UNACKNOWLEDGED", within_s=15)
        assert (await _proven(town) or 0) > 90
        await towns.told(town.centre, about, "raised")
        await town.brokers[0].start()
        await town.alarm(about, kind="path.unproven", state="RETURNED", within_s=15)
        assert len(await towns.notices(town.centre, about)) == 2


async def test_proof_after_proof_is_one_row_and_every_one_is_counted(tmp_path: Path) -> None:
    async with towns.opened(tmp_path, started=False) as town, _hurried(town):
        await waiting.until(lambda: _proven(town), what="the path is proven")

        async def four() -> bool:
            rows = await town.rows("SELECT folded FROM journal_alarm WHERE kind = 'path.proof'")
            assert len(rows) == 1
            return bool(rows[0].folded >= 4)

        before = await town.metric("dabyl_signals_total", kind="path.proof", result="folded")
        await waiting.until(four, within_s=15, what="four proofs")
        after = await town.metric("dabyl_signals_total", kind="path.proof", result="folded")
        assert after > before


async def test_a_forged_proof_is_kept_or_counted_and_never_proves_anything(
    tmp_path: Path,
) -> None:
    async with towns.opened(tmp_path) as town:
        await waiting.until(lambda: _proven(town), what="the path is proven")
        label = next(iter((await town.ready())["canary_age_s"]))
        lie = {"id": "g1.forged", "kind": "path.proof"}
        await town.devices.publish("button-1", "alarm", lie)
        await waiting.until(lambda: town.devices.refusals["button-1"], what="it is refused")
        assert town.devices.refusals["button-1"] == [{"id": "g1.forged", "refused": "not_its_kind"}]
        # This broker lets everybody speak as anybody. Even so there is nothing to be had by it.
        age = await _proven(town)
        for n in range(30):
            await town.devices.publish(f"canary-{label}", "alarm", {**lie, "id": f"g1.{n}"})
            body = {"id": f"g1.{n}", "stored_at": "now", "by": "g1"}
            await town.devices.publish(f"canary-{label}", "receipt", body)
        await town.devices.press("button-2")
        assert (await _proven(town) or 0) >= (age or 0)
        kinds = {one["kind"] for one in (await town.get("/alarms"))["items"]}
        assert kinds == {"alarm.unreadable", "panic.pressed"}
        rows = await town.rows("SELECT folded FROM journal_alarm WHERE kind = 'path.proof'")
        assert len(rows) == 1
        assert rows[0].folded >= 31
