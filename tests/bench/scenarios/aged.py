"""Aged: the same presses on a database of years and on an empty one, in one run, in turn."""

import json
import re
import tempfile
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import asyncpg
import httpx2

from tests.bench import aging, devices
from tests.bench.figures import Figure, Outcome, percentile, shares
from tests.bench.floor import Floor
from tests.bench.rig import Rig, standing
from tests.bench.scenarios.measuring import press, ways

ROWS, QUICK_ROWS = 10_000_000, 200_000
TURNS, QUICK_TURNS = 30, 8
PRESSES = 20
PAUSE_S = 0.05
OTHERS = 2000
"""From here on those buttons that are pressed while the old database is put in order."""
YOUNG, OLD = "on an empty database", "on an old one"


async def aged(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """Twenty presses here, twenty there; and while the old one is put in order."""
    rows = QUICK_ROWS if quick else ROWS
    found = Outcome()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dabyl-aged-")))
        fill = partial(aging.fill, rows=rows)
        urls = [await _beside(rig.database, folder, name) for name in ("young", "old")]
        young = await stack.enter_async_context(standing(folder / "young", urls[0]))
        old = await stack.enter_async_context(standing(folder / "old", urls[1], fill))
        await _while_put_in_order(old, found, rows)
        took_ms: dict[str, list[float]] = {YOUNG: [], OLD: []}
        first = 0
        for _turn in range(QUICK_TURNS if quick else TURNS):
            for name, one in ((YOUNG, young), (OLD, old)):
                keys = await press(one, first=first, count=PRESSES, pause_s=PAUSE_S)
                took_ms[name] += (await ways(one, keys)).values()
            first += PRESSES
        _compare(found, took_ms, rows)
        await _verify(young, found)
    return found


async def _while_put_in_order(old: Rig, found: Outcome, rows: int) -> None:
    """What the gateway moves and drops when it starts on it, and the presses beside that."""
    took_ms: list[float] = []
    number, slices = 0, -1.0
    while (now := await _slices(old))[0] > slices or number < PRESSES:
        slices = now[0]
        first = OTHERS + number % (devices.BUTTONS - OTHERS)
        keys = await press(old, first=first, count=PRESSES, pause_s=PAUSE_S)
        took_ms += (await ways(old, keys)).values()
        number += PRESSES
    count, longest_s = await _slices(old)
    found.latencies_ms["while an old one is put in order"] = took_ms
    found.figures += [
        Figure(name=f"old database: slices, of {rows:,} rows", value=count, unit=""),
        *_longest(count, longest_s),
        Figure(
            name="press to centre p99, while it is put in order",
            value=percentile(took_ms, 0.99),
            unit="ms",
        ),
    ]


def _longest(count: float, longest_s: float) -> list[Figure]:
    """Nothing is said where nothing was cut: PostgreSQL drops whole days."""
    if not count:
        return []
    return [
        Figure(
            name="old database: longest slice, at most",
            value=longest_s * 1e3,
            unit="ms",
            target=50,
            target_says="<= 50",
        )
    ]


def _compare(found: Outcome, took_ms: dict[str, list[float]], rows: int) -> None:
    found.latencies_ms |= took_ms
    young, old = shares(took_ms[YOUNG]), shares(took_ms[OLD])
    for name, index in (("p50", 0), ("p99", 2)):
        found.figures += [
            Figure(name=f"press to centre {name}, {YOUNG}", value=young[index], unit="ms"),
            Figure(name=f"press to centre {name}, {OLD}", value=old[index], unit="ms"),
        ]
    found.figures.append(
        Figure(
            name=f"the old one ({rows:,} rows) against the empty one, p50",
            value=old[0] / young[0],
            unit="x",
            target=1.2,
            target_says="<= 1.2",
        )
    )


async def _verify(rig: Rig, found: Outcome) -> None:
    """How quickly a chain is walked, with passages in it."""
    load = await rig.load("--count", "20000", "--window", "2000")
    await load.go()
    code, said = await rig.gateway.run("journal", "verify", "--json", within_s=120)
    assert code == 0, said
    chains = json.loads(said)["chains"]
    walked = next(one for one in chains if one["lane"] == "event")
    speed = walked["rows"] / walked["seconds"]
    found.figures.append(
        Figure(name="journal verify, rows walked", value=speed, unit="/s", more_is_better=True)
    )


async def _slices(rig: Rig) -> tuple[float, float]:
    """How many there were, and no longer than what the longest was (a bucket's bound, s)."""
    async with httpx2.AsyncClient(timeout=20) as client:
        text = (await client.get(f"{rig.gateway.url}/metrics")).text
    buckets: dict[str, list[tuple[float, float]]] = {}
    pattern = r'dabyl_slice_seconds_bucket\{le="([^"]+)",work="([^"]+)"\} (\S+)'
    for bound, work, count in re.findall(pattern, text):
        buckets.setdefault(work, []).append((float(bound), float(count)))
    longest, total = 0.0, 0.0
    for found in buckets.values():
        whole = max(count for _, count in found)
        total += whole
        longest = max(longest, min(bound for bound, count in found if count == whole))
    return total, longest


async def _beside(database: str, folder: Path, name: str) -> str:
    """The url of another database of that kind."""
    if database.startswith("sqlite"):
        (folder / name).mkdir()
        return f"sqlite:///{folder / name / 'dabyl.db'}"
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(f"CREATE DATABASE aged_{name}")
    finally:
        await connection.close()
    return f"{database.rpartition('/')[0]}/aged_{name}"
