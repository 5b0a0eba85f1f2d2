"""Presses one by one: nothing else going on, and beside passages."""

import asyncio

from tests.bench.figures import Figure, Outcome, percentile
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.bench.scenarios import measuring

QUICK = 5
"""A quick run does a fifth."""
P99_MS = 5.0


async def idle(rig: Rig, floor: Floor, *, quick: bool) -> Outcome:
    """Presses of distinct devices, 20 a second, nothing else."""
    keys = await measuring.press(rig, first=0, count=300 // (QUICK if quick else 1), pause_s=0.05)
    found = Outcome()
    took_ms = [*(await measuring.ways(rig, keys)).values()]
    measuring.latency(found, "idle", took_ms, floor)
    rig.idle_p99_ms = percentile(took_ms, 0.99)
    receipts = [rig.receipts[key[1]] - rig.pressed[key] for key in keys if key[1] in rig.receipts]
    found.figures += [
        Figure(name="press to receipt p50, idle", value=percentile(receipts, 0.5) * 1e3, unit="ms"),
        measuring.lost("alarms lost, idle", len(keys) - len(took_ms)),
    ]
    return found


async def loaded(rig: Rig, floor: Floor, *, quick: bool) -> Outcome:
    """The same beside 2,000 passages a second."""
    seconds = 15 / (3 if quick else 1)
    load = await rig.load("--rate", "2000", "--seconds", str(seconds))
    cpu_s = rig.cpu_s()
    loading = asyncio.ensure_future(load.go())
    await measuring.loaded(rig)
    keys = await measuring.press(rig, first=400, count=int((seconds - 1.5) * 5), pause_s=0.2)
    said = await loading
    cpu_s = rig.cpu_s() - cpu_s
    found = Outcome()
    took_ms = [*(await measuring.ways(rig, keys)).values()]
    measuring.latency(found, "under 2,000 passages/s", took_ms, floor, p99_target=P99_MS)
    if rig.idle_p99_ms:
        found.figures.append(_beside_idle(percentile(took_ms, 0.99) / rig.idle_p99_ms))
    found.figures += [
        Figure(
            name="CPU s of the gateway per 1,000 passages at 2,000/s",
            value=cpu_s / said["receipts"] * 1000,
            unit="s",
            target=0.15,
            target_says="<= 0.15",
        ),
        measuring.lost(
            "passages not receipted (of those at 2,000/s)", said["sent"] - said["receipts"]
        ),
        measuring.lost("alarms lost, under 2,000 passages/s", len(keys) - len(took_ms)),
    ]
    return found


def _beside_idle(times: float) -> Figure:
    return Figure(
        name="press to centre p99, under 2,000 passages/s, beside its own idle p99",
        value=times,
        unit="x",
        target=3,
        target_says="<= 3",
    )
