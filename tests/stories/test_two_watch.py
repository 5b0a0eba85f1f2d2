"""Two gateways share the cameras; one dies or freezes, and the other hears what happens at them."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.harness import waiting
from tests.stories import eyes
from tests.stories.eyes import Eyes
from tests.t2 import region as regions
from tests.t2.region import Region

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
NAMES = tuple(f"camera-{n}" for n in range(1, 13))
FAIR = len(NAMES) // 2


async def held(region: Region) -> dict[str, str]:
    """By camera, who holds its lease now."""
    rows = await region.rows(
        "SELECT name, holder FROM leases WHERE name LIKE 'camera/%'"
        " AND until >= EXTRACT(EPOCH FROM clock_timestamp()) * 1000000"
    )
    return {row.name.partition("/")[2]: row.holder for row in rows}


async def are_shared(region: Region, cameras: Eyes) -> dict[str, str]:
    """Returns once each gateway holds its half and each camera is heard; who holds which."""

    async def halved() -> dict[str, str] | None:
        found = await held(region)
        counts = [list(found.values()).count(name) for name in ("g1", "g2")]
        return found if sum(counts) == len(NAMES) and min(counts) >= FAIR - 1 else None

    found = await waiting.until(halved, within_s=40, what="each holds its half")
    await cameras.subscribed()
    assert found is not None
    return found


async def pressed(region: Region, device: str, within_s: float) -> None:
    """Returns when that camera's press is an alarm."""
    sql = f"SELECT 1 FROM alarms WHERE device = '{device}' AND kind = 'panic.pressed'"  # noqa: S608

    async def is_there() -> bool:
        return bool(await region.rows(sql))

    await waiting.until(is_there, within_s=within_s, what=f"{device}'s press is an alarm")


async def test_a_dead_gateways_cameras_are_heard_by_the_other_within_half_a_minute(
    tmp_path: Path, database_url: str
) -> None:
    async with (
        regions.opened(tmp_path, database_url) as region,
        eyes.opened(database_url, tmp_path / "keys" / "seal.key", *NAMES) as cameras,
    ):
        holders = await are_shared(region, cameras)
        theirs = [name for name, holder in holders.items() if holder == "g1"]
        await region.gateways[0].kill()
        killed_at = time.monotonic()
        for name in theirs:
            cameras[name].press()
        for name in theirs:
            await pressed(region, name, within_s=killed_at + 30 - time.monotonic())
        assert set((await held(region)).values()) == {"g2"}
        counts = await region.rows("SELECT count FROM alarms WHERE kind = 'panic.pressed'")
        assert [row.count for row in counts] == [1] * len(theirs)
        troubles = await region.rows("SELECT kind, device FROM alarms WHERE kind LIKE 'camera.%'")
        assert troubles == []


async def test_a_frozen_gateway_that_thaws_ends_nothing_that_the_other_has_heard_begin(
    tmp_path: Path, database_url: str
) -> None:
    async with (
        regions.opened(tmp_path, database_url) as region,
        eyes.opened(database_url, tmp_path / "keys" / "seal.key", *NAMES) as cameras,
    ):
        holders = await are_shared(region, cameras)
        one = next(name for name, holder in holders.items() if holder == "g1")
        os.kill(region.gateways[0].pid, signal.SIGSTOP)
        cameras[one].press()
        cameras[one].input(True, "2")
        await pressed(region, one, within_s=30)
        os.kill(region.gateways[0].pid, signal.SIGCONT)
        await are_shared(region, cameras)
        rows = await region.rows(
            f"SELECT kind, state, count FROM alarms WHERE device = '{one}' ORDER BY kind"  # noqa: S608
        )
        assert [(row.kind, row.state) for row in rows] == [
            ("panic.pressed", "UNACKNOWLEDGED"),
            ("tamper.opened", "UNACKNOWLEDGED"),
        ]
