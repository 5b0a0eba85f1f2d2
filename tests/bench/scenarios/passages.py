"""Passages: as many as are held, more than are held, and a whole morning's peak."""

import asyncio
from typing import Any

from gateway.store import schema
from tests.bench.figures import Curve, Figure, Outcome, percentile
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.bench.scenarios import measuring
from tests.bench.scenarios.measuring import Key
from tests.bench.scenarios.presses import P99_MS, QUICK

HELD = 12_000
PEAK, PEAK_RATE = 428_000, 2_000
"""Every pupil of the region, at the highest rate of a morning."""
OVERLOAD_RATE, OVERLOAD_S = 20_000, 10
BACKLOG_S = 1.0
SLICE_S = 10.0


async def flat_out(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """As many as are held: never more than 2,000 passages without a receipt."""
    count = 60_000 // (QUICK if quick else 1)
    load = await rig.load("--count", str(count), "--window", "2000")
    before = await measuring.rows(rig, schema.journal_event)
    cpu_s, broker_s = rig.cpu_s(), rig.cpu_s(rig.broker.pid)
    said = await load.go()
    cpu_s, broker_s = rig.cpu_s() - cpu_s, rig.cpu_s(rig.broker.pid) - broker_s
    stored = await measuring.rows(rig, schema.journal_event) - before
    # One row each, or they were folded and it is no fair count.
    assert stored == count, f"{stored} rows of {count} passages"
    found = Outcome(
        figures=[
            Figure(
                name="durable passages held",
                value=stored / said["receipted_s"],
                unit="/s",
                target=HELD,
                target_says=f">= {HELD:,}",
                more_is_better=True,
            ),
            measuring.per_thousand(
                "CPU s of the gateway per 1,000 passages, flat out", cpu_s, stored
            ),
            measuring.per_thousand(
                "CPU s of the broker per 1,000 passages, flat out", broker_s, stored
            ),
            measuring.lost("passages lost, flat out", count - stored),
            measuring.peak(rig, "after passages flat out"),
        ]
    )
    found.curves["passages"] = [Curve(name="flat out", points=_receipts(said))]
    return found


async def overload(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """More than are held, for ten seconds: the broker keeps the rest, presses pass."""
    seconds = OVERLOAD_S // (QUICK if quick else 1)
    load = await rig.load("--rate", str(OVERLOAD_RATE), "--seconds", str(seconds))
    before = await measuring.rows(rig, schema.journal_event)
    async with measuring.memory(rig) as memory:
        loading = asyncio.ensure_future(load.go())
        keys = await measuring.press(rig, first=1000, count=seconds * 5, pause_s=0.2)
        said = await loading
        took = await measuring.ways(rig, keys)
    stored = await measuring.rows(rig, schema.journal_event) - before
    took_ms = [*took.values()]
    found = Outcome(
        figures=[
            Figure(name="passages offered, overload", value=said["sent"] / seconds, unit="/s"),
            Figure(name="the last is receipted after, overload", value=said["backlog_s"], unit="s"),
            Figure(
                name="press to centre p99, overload", value=percentile(took_ms, 0.99), unit="ms"
            ),
            measuring.lost("passages lost, overload", said["sent"] - stored),
            measuring.lost("alarms lost, overload", len(keys) - len(took)),
            memory.figure("overload"),
        ],
        latencies_ms={"overload": took_ms},
    )
    found.curves["memory"] = [Curve(name="overload", points=memory.curve())]
    found.curves["passages"] = [Curve(name="overload", points=_receipts(said))]
    return found


async def morning_peak(rig: Rig, floor: Floor, *, quick: bool) -> Outcome:
    """Everybody comes: 428,000 passages at 2,000 a second, and two alarms a second."""
    count = PEAK // (20 if quick else 1)
    seconds = count / PEAK_RATE
    load = await rig.load("--rate", str(PEAK_RATE), "--seconds", str(seconds))
    before = await measuring.rows(rig, schema.journal_event)
    loading = asyncio.ensure_future(load.go(within_s=seconds + 300))
    keys = await measuring.press(rig, first=400, count=int(seconds * 2), pause_s=0.5)
    said = await loading
    took = await measuring.ways(rig, keys)
    stored = await measuring.rows(rig, schema.journal_event) - before
    found = Outcome()
    measuring.latency(found, "morning peak", [*took.values()], floor, p99_target=P99_MS)
    slices = _slices(rig, took)
    backlog = [(at, (sent - receipts) / PEAK_RATE) for at, receipts, sent in said["course"]]
    found.figures += [
        Figure(
            name="morning peak, the worst 10 s: slowest press to centre",
            value=max(most for _, most in slices),
            unit="ms",
        ),
        Figure(
            name="morning peak, backlog, most",
            value=max(seconds for _, seconds in backlog),
            unit="s",
            target=BACKLOG_S,
            target_says="< 1",
        ),
        Figure(name="morning peak, passages", value=said["sent"], unit=""),
        measuring.lost("passages lost, morning peak", said["sent"] - stored),
        measuring.lost("alarms lost, morning peak", len(keys) - len(took)),
        measuring.peak(rig, "at the end"),
    ]
    found.curves["backlog"] = [Curve(name="seconds of passages", points=backlog)]
    found.curves["peak"] = [Curve(name="slowest of 10 s", points=slices)]
    return found


def _slices(rig: Rig, took: dict[Key, float]) -> list[tuple[float, float]]:
    """The slowest press of each ten seconds."""
    began = min(rig.pressed[key] for key in took)
    most: dict[int, float] = {}
    for key, ms in took.items():
        place = int((rig.pressed[key] - began) / SLICE_S)
        most[place] = max(ms, most.get(place, 0.0))
    return [(place * SLICE_S, ms) for place, ms in sorted(most.items())]


def _receipts(said: dict[str, Any]) -> list[tuple[float, float]]:
    return [(at, receipts) for at, receipts, _ in said["course"]]
