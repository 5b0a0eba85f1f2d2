"""The emergency way at the doors: HTTP, health, beacon, and a process whose disk has failed."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import pytest

from gateway import app, emergency, settings
from gateway.store import database, errors, writeback
from tests.harness import waiting
from tests.harness.postgres import Postgres
from tests.stories import outages
from tests.stories.outages import Outage

pytestmark = pytest.mark.servers


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Outage]:
    """A town on a SQLite file that somebody locks."""
    async with outages.outage("locked", tmp_path, outages.none) as made:
        yield made


@pytest.mark.parametrize("kind", ["locked", "frozen"])
async def test_a_cry_over_http_is_told_too_and_gets_no_receipt(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    cluster: Callable[[], Postgres] = lambda: request.getfixturevalue("own_cluster")  # noqa: E731
    async with outages.outage(kind, tmp_path, cluster) as away:
        town = away.town
        _, printed = await town.dabyl.run(
            *("token", "add", "button-5", "--role", "device", "--device", "button-5")
        )
        key = re.search(r"dabyl_[\w-]{20,}", printed)
        assert key is not None
        said = {"id": "by-http", "kind": "panic.pressed"}
        headers = {"Authorization": f"Bearer {key.group()}"}
        async with httpx2.AsyncClient(base_url=town.dabyl.url, headers=headers, timeout=20) as box:
            hello = {"id": "hello", "kind": "passage.granted"}
            assert (await box.post("/api/v1/events", json=hello)).status_code == 202
            await away.begin()
            await asyncio.sleep(2.5)  # longer than a token is remembered unasked
            saying = asyncio.create_task(box.post("/api/v1/events", json=said))
            notice = await outages.unstored(town, "button-5", within_s=3.5)
            await asyncio.sleep(1)
            assert not saying.done()
            await away.end()
            assert (await saying).status_code == 202
    assert notice["data"]["device"]["event_id"] == "by-http"


async def test_readiness_and_beacon_say_that_the_store_is_late_and_then_down(
    locked: Outage,
) -> None:
    town = locked.town
    await locked.begin()
    pressing = asyncio.create_task(town.devices.press("button-1"))

    async def is_(state: str) -> bool:
        found = await town.ready()
        return (found["store"], found["status"]) == (state, 503 if state == "down" else 200)

    await waiting.until(lambda: is_("late"), within_s=3, what="late")
    told = (await outages.unstored(town, "button-1"))["subject"]
    assert (await town.ready())["unstored"] == 1
    answer = await town.api.get(f"/api/v1/alarms/{told}")
    assert (answer.status_code, "not stored yet" in answer.text) == (503, True)
    await waiting.until(lambda: is_("down"), within_s=12, what="down")
    await locked.end()
    async with asyncio.timeout(20):
        await pressing
    await waiting.until(lambda: is_("ok"), within_s=35, what="ok again, at the latest by a canary")


async def test_a_disk_that_failed_where_nobody_carried_a_press_ends_the_gateway_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> bool:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error

    async with outages.outage("locked", tmp_path, outages.none, started=False) as locked:
        config = settings.load(locked.town.dabyl.settings)
        running = asyncio.create_task(app.run(config))
        await waiting.until(locked.town.answers, what="the gateway answers")
        # No press, no canary: it has none so soon, and whoever tidies would only have noted it.
        monkeypatch.setattr(writeback.WriteBack, "_write_back", fails)
        with pytest.raises(ExceptionGroup) as ended:
            await asyncio.wait_for(running, 15)
        assert ended.group_contains(database.StoreBroken)


async def test_last_words_are_said_when_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails to sync cannot be had to order: any failure is taken for it here."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.6)
    monkeypatch.setattr(emergency, "LATE_S", 60)  # so nothing but the last words can tell it
    async with outages.outage("locked", tmp_path, outages.none, started=False) as locked:
        town = locked.town
        monkeypatch.setattr(errors, "fsync_failed", lambda _: True)
        ready = asyncio.Event()
        config = settings.load(town.dabyl.settings)
        running = asyncio.create_task(app.run(config, told=app.Told(ready=lambda _: ready.set())))
        await waiting.until(town.answers, what="the gateway answers")
        await town.devices.press("button-2")
        await locked.begin()
        said = {"id": "last", "kind": "panic.pressed"}
        await town.devices.publish("button-1", "alarm", said)
        notice = await outages.unstored(town, "button-1", within_s=8)
        assert notice["data"]["device"]["event_id"] == "last"
        await locked.end()  # what is queued behind the lock would hold up the end
        with pytest.raises(ExceptionGroup) as ended:
            await asyncio.wait_for(running, 15)
        assert ended.group_contains(database.StoreBroken)
