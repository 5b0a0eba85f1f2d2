"""Store: locked for a minute, busy with an import, killed and restarted; presses all the while."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg

from tests.prove import pressing
from tests.prove.found import Found, Ground
from tests.prove.pressing import Harm

SETTLES_S = 3.0
AWAY_S = (0.5, 1.0, 2.0, 4.0)
_HEADER = (
    "site_id,site_name_kk,site_name_ru,site_name_en,district,address,latitude,longitude,"
    "device_id,kind,zone,host,port,profile"
)


async def locked(ground: Ground) -> Found:
    """Another process holds the write lock."""
    seconds = ground.pick(short=5, long=60)

    async def do(harm: Harm) -> None:
        async with _lock(harm.town.database):
            await harm.last(seconds)
        await asyncio.sleep(SETTLES_S)

    return await pressing.while_(ground, do, f"the store locked for {seconds} s")


async def imported(ground: Ground) -> Found:
    """A site file of 16,000 devices is applied."""
    rows = ground.pick(short=1_000, long=16_000)
    file = _site_file(ground.folder / "region.csv", rows)

    async def do(harm: Harm) -> None:
        began = time.time()
        code, said = await harm.town.dabyl.run("site", "import", str(file), "--apply", within_s=600)
        assert code == 0, said
        harm.spans.append((began, time.time()))
        harm.times += 1
        harm.notes["the import took"] = (time.time() - began, "s")
        found = await harm.town.rows("SELECT COUNT(*) FROM devices")
        harm.notes["devices in the registry"] = (found[0][0], "")
        await asyncio.sleep(SETTLES_S)

    says = f"{rows:,} devices imported"
    return await pressing.while_(ground, do, says, presses_per_s=20)


async def killed(ground: Ground) -> Found:
    """PostgreSQL is killed (`kill -9`) and started again."""
    times = ground.pick(short=2, long=24)
    cluster = ground.cluster
    assert cluster is not None

    async def do(harm: Harm) -> None:
        for number in range(times):
            await asyncio.to_thread(cluster.kill)
            await harm.last(AWAY_S[number % len(AWAY_S)])
            await asyncio.to_thread(cluster.start)
            harm.say(f"killed {number + 1} of {times}")
            await asyncio.sleep(SETTLES_S)

    return await pressing.while_(ground, do, "PostgreSQL killed, and started again")


@asynccontextmanager
async def _lock(url: str) -> AsyncIterator[None]:
    if url.startswith("sqlite"):
        file = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE journal_alarm IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


def _site_file(file: Path, rows: int) -> Path:
    """Schools with sixteen devices each, beside the town's own."""
    lines = [_HEADER]
    for number in range(rows):
        site = f"imported-{number // 16:05d}"
        kind = ("panic-button", "turnstile")[number % 2]
        names = f"№{number // 16} мектеп,Школа №{number // 16},School {number // 16}"
        lines.append(f"{site},{names},medeu,Abay 1,43.2,76.9,new-{number:06d},{kind},hall,,,")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
