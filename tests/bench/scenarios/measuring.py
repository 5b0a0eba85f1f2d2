"""Measuring: presses at even times, the way of each, what the store holds, how memory grows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.store import schema
from gateway.store.database import open_database
from tests.bench import devices, watching
from tests.bench.figures import Figure, Outcome, shares
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.bench.watching import Sample
from tests.harness import waiting

Key = tuple[str, str]
ARRIVE_WITHIN_S = 60.0
SETTLE_WITHIN_S = 120.0
LOADED = 1000
"""So many signals of a load, and it is under way."""
GROWS_AT_MOST = 10.0
"""Percent of the memory before."""


async def press(rig: Rig, *, first: int, count: int, pause_s: float) -> list[Key]:
    """Press so many buttons, at even times."""
    begun, keys = devices.now(), []
    for number in range(count):
        wait_s = begun + number * pause_s - devices.now()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        keys.append(rig.press(first + number % (devices.BUTTONS - first)))
    return keys


async def ways(rig: Rig, keys: Sequence[Key]) -> dict[Key, float]:
    """From press to centre, ms, of all that arrive in time; and every receipt has come."""
    wanted = set(keys)

    def all_there() -> bool:
        receipted = all(event_id in rig.receipts for _, event_id in keys)
        return receipted and rig.centre.arrivals().keys() >= wanted

    try:
        await waiting.until(all_there, within_s=ARRIVE_WITHIN_S, what="all presses arrived")
    except waiting.NotInTimeError as error:
        print(f"  {error}")
    arrivals = rig.centre.arrivals()
    return {key: (arrivals[key] - rig.pressed[key]) * 1e3 for key in keys if key in arrivals}


async def loaded(rig: Rig) -> None:
    """The load that was let go has reached the gateway."""
    before = await rig.metric("dabyl_signals_total")

    async def is_heard() -> bool:
        return await rig.metric("dabyl_signals_total") > before + LOADED

    await waiting.until(is_heard, within_s=ARRIVE_WITHIN_S, what="the load is heard")


async def settled(rig: Rig) -> None:
    """Nothing waits in the outbox."""
    database = open_database(rig.database)
    waits = select(func.count()).where(schema.deliveries.c.state == "waiting")

    async def nothing_waits() -> bool:
        return not await database.read(lambda c: _number(c, waits))

    try:
        await waiting.until(nothing_waits, within_s=SETTLE_WITHIN_S, what="everything is settled")
    finally:
        await database.close()


async def rows(rig: Rig, table: Any) -> int:  # noqa: ANN401
    """How many rows a table has."""
    database = open_database(rig.database)
    try:
        return await database.read(lambda c: _number(c, select(func.count()).select_from(table)))
    finally:
        await database.close()


def _number(connection: Connection, statement: Any) -> int:  # noqa: ANN401
    return int(connection.execute(statement).scalar_one())


def latency(
    found: Outcome,
    when: str,
    took_ms: list[float],
    floor: Floor,
    p99_target: float | None = None,
) -> None:
    """p50 beside the floor, p95 and p99."""
    p50, p95, p99 = shares(took_ms)
    found.latencies_ms[when] = took_ms
    found.figures += [
        Figure(
            name=f"press to centre p50, {when}",
            value=p50,
            unit="ms",
            floor=floor.press_ms,
            target=3 * floor.press_ms,
            target_says="<= 3 x floor",
        ),
        Figure(name=f"press to centre p95, {when}", value=p95, unit="ms"),
        Figure(
            name=f"press to centre p99, {when}",
            value=p99,
            unit="ms",
            target=p99_target,
            target_says="" if p99_target is None else f"<= {p99_target:g}",
        ),
    ]


def per_thousand(name: str, cpu_s: float, count: int) -> Figure:
    """CPU seconds for a thousand of them."""
    return Figure(name=name, value=cpu_s / count * 1000, unit="s")


def lost(name: str, count: int) -> Figure:
    """How many are missing; none may be."""
    return Figure(name=name, value=count, unit="", target=0, target_says="0")


def peak(rig: Rig, when: str) -> Figure:
    """The largest resident size until then."""
    return Figure(
        name=f"peak RSS of the gateway, {when}",
        value=rig.peak_mib(),
        unit="MiB",
        target=120,
        target_says="<= 120",
    )


@dataclass(slots=True)
class Memory:
    """The gateway's memory while something was done."""

    samples: list[Sample] = field(default_factory=list)

    def figure(self, when: str) -> Figure:
        """By how much it grew beyond what it was."""
        before, most = self.samples[0].rss_mib, max(one.rss_mib for one in self.samples)
        return Figure(
            name=f"RSS of the gateway grows, {when}",
            value=(most / before - 1) * 100,
            unit="%",
            target=GROWS_AT_MOST,
            target_says=f"<= {GROWS_AT_MOST:g}",
        )

    def curve(self) -> list[tuple[float, float]]:
        """MiB over seconds."""
        began = self.samples[0].at_s
        return [(one.at_s - began, one.rss_mib) for one in self.samples]


@contextlib.asynccontextmanager
async def memory(rig: Rig, every_s: float = 0.1) -> AsyncIterator[Memory]:
    """Watch the gateway's memory while the block runs."""
    found = Memory([watching.look(rig.gateway.pid)])
    pid: Callable[[], int] = lambda: rig.gateway.pid  # noqa: E731 - it may start anew
    task = asyncio.create_task(watching.watch(pid, found.samples, every_s))
    try:
        yield found
    finally:
        task.cancel()
