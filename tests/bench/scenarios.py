"""The scenarios: what the region does to the gateway, and what is measured of it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.store import schema
from gateway.store.database import open_database
from tests.bench import devices
from tests.bench.figures import Curve, Figure, Outcome, percentile, shares
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.harness import waiting

Key = tuple[str, str]
QUICK = 5
"""A quick run does a fifth."""


async def idle(rig: Rig, floor: Floor, *, quick: bool) -> Outcome:
    """Presses of distinct devices, 20 a second, nothing else."""
    keys = await press_each(rig, first=0, count=300 // (QUICK if quick else 1), pause_s=0.05)
    found = Outcome()
    _latency(found, "idle", await ways_of(rig, keys), floor)
    receipts = [rig.receipts[key[1]] - rig.pressed[key] for key in keys if key[1] in rig.receipts]
    found.figures.append(
        Figure(name="press to receipt p50, idle", value=percentile(receipts, 0.5) * 1e3, unit="ms")
    )
    return found


async def loaded(rig: Rig, floor: Floor, *, quick: bool) -> Outcome:
    """The same beside 2,000 passages a second."""
    seconds = 15 / (3 if quick else 1)
    load = await rig.load("--rate", "2000", "--seconds", str(seconds))
    cpu_s = rig.cpu_s()
    loading = asyncio.ensure_future(load.go())
    await asyncio.sleep(1)
    keys = await press_each(rig, first=400, count=int((seconds - 1.5) * 5), pause_s=0.2)
    said = await loading
    cpu_s = rig.cpu_s() - cpu_s
    found = Outcome()
    _latency(found, "under 2,000 passages/s", await ways_of(rig, keys), floor, p99_target=5.0)
    found.figures += [
        Figure(
            name="CPU s of the gateway per 1,000 passages at 2,000/s",
            value=cpu_s / said["receipts"] * 1000,
            unit="s",
            target=0.15,
            target_says="<= 0.15",
        ),
        Figure(
            name="passages not receipted (of those at 2,000/s)",
            value=said["sent"] - said["receipts"],
            unit="",
            target=0,
            target_says="0",
        ),
    ]
    return found


async def passages(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """As many as are held: never more than 2,000 passages without a receipt."""
    count = 60_000 // (QUICK if quick else 1)
    load = await rig.load("--count", str(count), "--window", "2000")
    before = await _rows(rig, schema.journal_event)
    cpu_s, broker_s = rig.cpu_s(), rig.cpu_s(rig.broker.pid)
    said = await load.go()
    cpu_s, broker_s = rig.cpu_s() - cpu_s, rig.cpu_s(rig.broker.pid) - broker_s
    stored = await _rows(rig, schema.journal_event) - before
    # One row each, or they were folded and it is no fair count.
    assert stored == count, f"{stored} rows of {count} passages"
    target = 8000
    return Outcome(
        figures=[
            Figure(
                name="durable passages held",
                value=stored / said["receipted_s"],
                unit="/s",
                target=target,
                target_says=f">= {target:,}",
                more_is_better=True,
            ),
            _per_thousand("CPU s of the gateway per 1,000 passages, flat out", cpu_s, stored),
            _per_thousand("CPU s of the broker per 1,000 passages, flat out", broker_s, stored),
            _lost("passages lost", count - stored),
            _peak(rig),
        ],
        course=[Curve(name="passages receipted", points=_pairs(said["course"]))],
    )


async def storm(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """1,000 alarms of 1,000 devices in one second; then 2,000 at once."""
    found = Outcome()
    keys = await press_each(rig, first=1000, count=1000, pause_s=0.001)
    ways = await ways_of(rig, keys)
    found.latencies_ms["storm"] = ways
    p50, _p95, p99 = shares(ways)
    found.figures += [
        Figure(name="storm of 1,000 in 1 s, p50", value=p50, unit="ms"),
        Figure(
            name="storm of 1,000 in 1 s, p99", value=p99, unit="ms", target=30, target_says="<= 30"
        ),
        _lost("storm: alarms lost", len(keys) - len(ways)),
    ]
    await _settled(rig)
    cpu_s, begun = rig.cpu_s(), devices.now()
    keys = await press_each(rig, first=2000, count=2000 // (2 if quick else 1), pause_s=0)
    ways = await ways_of(rig, keys)
    arrived_s = max(rig.centre.arrivals()[key] for key in keys) - begun
    await _settled(rig)
    settled_s = devices.now() - begun
    found.figures += [
        Figure(
            name="alarms posted and settled, all at once",
            value=len(keys) / settled_s,
            unit="/s",
            target=3000,
            target_says=">= 3,000",
            more_is_better=True,
        ),
        Figure(name="alarms posted, all at once", value=len(keys) / arrived_s, unit="/s"),
        _per_thousand("CPU s of the gateway per 1,000 alarms", rig.cpu_s() - cpu_s, len(keys)),
        _lost("alarms lost, all at once", len(keys) - len(ways)),
        _peak(rig),
    ]
    return found


async def press_each(rig: Rig, *, first: int, count: int, pause_s: float) -> list[Key]:
    """Press so many buttons, at even times."""
    begun, keys = devices.now(), []
    for number in range(count):
        wait_s = begun + number * pause_s - devices.now()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        keys.append(rig.press(first + number))
    return keys


async def ways_of(rig: Rig, keys: Sequence[Key]) -> list[float]:
    """From press to centre, ms, of all that arrive in time; and every receipt has come."""
    wanted = set(keys)

    def all_there() -> bool:
        receipted = all(event_id in rig.receipts for _, event_id in keys)
        return receipted and rig.centre.arrivals().keys() >= wanted

    try:
        await waiting.until(all_there, within_s=30, what="all presses arrived")
    except waiting.NotInTimeError as error:
        print(f"  {error}")
    arrivals = rig.centre.arrivals()
    return [(arrivals[key] - rig.pressed[key]) * 1e3 for key in wanted if key in arrivals]


async def _settled(rig: Rig) -> None:
    """Nothing waits in the outbox."""
    database = open_database(rig.database)
    waits = select(func.count()).where(schema.deliveries.c.state == "waiting")

    async def nothing_waits() -> bool:
        return not await database.read(lambda c: _number(c, waits))

    try:
        await waiting.until(nothing_waits, within_s=60, what="everything is settled")
    finally:
        await database.close()


async def _rows(rig: Rig, table: Any) -> int:  # noqa: ANN401
    database = open_database(rig.database)
    try:
        return await database.read(lambda c: _number(c, select(func.count()).select_from(table)))
    finally:
        await database.close()


def _number(connection: Connection, statement: Any) -> int:  # noqa: ANN401
    return int(connection.execute(statement).scalar_one())


def _latency(
    found: Outcome, when: str, ways: list[float], floor: Floor, p99_target: float | None = None
) -> None:
    p50, p95, p99 = shares(ways)
    found.latencies_ms[when] = ways
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


def _per_thousand(name: str, cpu_s: float, count: int) -> Figure:
    return Figure(name=name, value=cpu_s / count * 1000, unit="s")


def _lost(name: str, count: int) -> Figure:
    return Figure(name=name, value=count, unit="", target=0, target_says="0")


def _peak(rig: Rig) -> Figure:
    return Figure(
        name="peak RSS of the gateway so far",
        value=rig.peak_mib(),
        unit="MiB",
        target=120,
        target_says="<= 120",
    )


def _pairs(course: list[list[float]]) -> list[tuple[float, float]]:
    return [(at, count) for at, count in course]


SCENARIOS = {"idle": idle, "loaded": loaded, "passages": passages, "storm": storm}
