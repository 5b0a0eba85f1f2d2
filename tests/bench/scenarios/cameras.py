"""Cameras: thousands of links in one process, and what each costs; the cameras are another process.

The gateway is not part of it, so it is done once and not for each database.
"""

import asyncio
import contextlib
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench import watching
from tests.bench.figures import Figure, Outcome, shares
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.harness.cameras import Farm

WITHIN_S = 400.0
PRESSES_PER_S = 10.0
SETTLES_S = 10.0
BEGINS_S = 1.0
"""It looks at its memory first, which takes it a moment."""


@dataclass(frozen=True, slots=True)
class Links:
    """The process that holds the links (tests/bench/links.py)."""

    process: asyncio.subprocess.Process

    async def ask(self, word: str) -> Any:  # noqa: ANN401 - JSON
        """Say a word; its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n".encode())
        await self.process.stdin.drain()
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), WITHIN_S))


async def cameras(rig: Rig, floor: Floor, *, quick: bool) -> Outcome:
    """A thousand that connect, three thousand that are held, and the memory of each."""
    del floor
    found = Outcome()
    if rig.database.startswith("postgresql"):
        return found
    connected, held, sealed = (200, 600, 60) if quick else (1_000, 3_000, 300)
    async with Farm(held, is_quiet=True) as farm:
        found.figures += await _connected(farm, connected)
        found.figures += await _held(farm, held, found, seconds=20 if quick else 120)
    async with Farm(sealed, tls=True, is_quiet=True) as farm:
        found.figures += await _sealed(farm, sealed)
    return found


async def _connected(farm: Farm, count: int) -> list[Figure]:
    before_s = watching.look(farm.pid).cpu_s
    async with _links(farm, count) as links:
        found = await links.ask("start")
        theirs_s = watching.look(farm.pid).cpu_s - before_s
    assert found["up"] == count, found
    name = f"{count:,} cameras connected, subscribed and synchronised"
    return [
        _most(name, found["took_s"], "s", 15),
        Figure(name=f"{name}: CPU of each", value=found["cpu_s"] / count * 1000, unit="ms"),
        Figure(name=f"{name}: CPU of the simulated ones", value=theirs_s, unit="s"),
        _most(f"{name}: the loop is blocked at most", found["blocked_ms"], "ms", 100),
        Figure(name=f"{name}: the loop is late at most", value=found["late_ms"], unit="ms"),
    ]


async def _held(farm: Farm, count: int, outcome: Outcome, *, seconds: int) -> list[Figure]:
    async with _links(farm, count) as links:
        started = await links.ask("start")
        assert started["up"] == count, started
        await asyncio.sleep(SETTLES_S)
        holding = asyncio.create_task(links.ask(f"hold {seconds}"))
        await asyncio.sleep(BEGINS_S)
        pressed = await _press(farm, seconds - BEGINS_S)
        held = await holding
        heard = (await links.ask("events"))["events"]
    took_ms = [
        (at - pressed[device]) * 1000
        for device, kind, at in heard
        if kind == "input.activated" and device in pressed
    ]
    name = f"{count:,} cameras held"
    p50, _, p99 = shares(took_ms)
    outcome.latencies_ms["camera's event to the gateway"] = took_ms
    return [
        _most(f"{name} for 30 s at a time: cores", held["cores"], "", 0.5),
        _most(f"{name}: memory of each, http", held["kib_each"], "KiB", 40),
        Figure(name=f"{name}: event heard, p50", value=p50, unit="ms"),
        _most(f"{name}: event heard, p99", p99, "ms", 100),
        _most(f"{name}: events not heard", len(pressed) - len(took_ms), "", 0),
        _most(f"{name}: links lost", len(held["ended"]), "", 0),
        _most(f"{name}: the loop is blocked at most", held["blocked_ms"], "ms", 100),
        Figure(name=f"{name}: the loop is late at most", value=held["late_ms"], unit="ms"),
    ]


async def _sealed(farm: Farm, count: int) -> list[Figure]:
    async with _links(farm, count, "--tls") as links:
        started = await links.ask("start")
        assert started["up"] == count, started
        await asyncio.sleep(SETTLES_S)
        held = await links.ask("hold 5")
    name = f"{count:,} cameras held: memory of each, https"
    return [_most(name, held["kib_each"], "KiB", 120)]


async def _press(farm: Farm, seconds: float) -> dict[str, float]:
    """Press one button of one camera after another; when."""
    pressed: dict[str, float] = {}
    names = random.sample(farm.names, min(len(farm.names), int(seconds * PRESSES_PER_S)))
    await farm.show(names[0])  # the control's line stands
    begun = time.monotonic()
    for number, name in enumerate(names):
        await asyncio.sleep(max(0.0, begun + number / PRESSES_PER_S - time.monotonic()))
        if time.monotonic() - begun > seconds - 1:
            break
        pressed[name] = time.monotonic()
        await farm.do(name, "press", 1)
    return pressed


@contextlib.asynccontextmanager
async def _links(farm: Farm, count: int, *more: str) -> AsyncIterator[Links]:
    program = ("tests.bench.links", "--port", str(farm.port), "--count", str(count), *more)
    process = await _started(program)
    links = Links(process)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield links
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await _ended(process)


async def _started(words: Sequence[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**26,
    )


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), 30)
    except TimeoutError:
        process.kill()
        await process.wait()


def _most(name: str, value: float, unit: str, target: float) -> Figure:
    says = "0" if target == 0 else f"<= {target:g}"
    return Figure(name=name, value=value, unit=unit, target=target, target_says=says)
