"""Storms: a thousand alarms in a second, in 50 ms, and as many as there can be."""

from tests.bench import devices
from tests.bench.figures import Curve, Figure, Outcome, shares
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.bench.scenarios import measuring
from tests.bench.scenarios.measuring import Key

STORM = 1000
P99_MS = 30.0
THROUGH_S = 0.5
SETTLED_PER_S = 3000


async def in_a_second(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """1,000 alarms of 1,000 devices in one second."""
    async with measuring.memory(rig) as memory:
        keys = await measuring.press(
            rig, first=500, count=STORM // (2 if quick else 1), pause_s=0.001
        )
        took = await measuring.ways(rig, keys)
    took_ms = [*took.values()]
    p50, _p95, p99 = shares(took_ms)
    await measuring.settled(rig)
    return Outcome(
        figures=[
            Figure(name="storm of 1,000 in 1 s, p50", value=p50, unit="ms"),
            Figure(
                name="storm of 1,000 in 1 s, p99",
                value=p99,
                unit="ms",
                target=P99_MS,
                target_says=f"<= {P99_MS:g}",
            ),
            measuring.lost("alarms lost, storm", len(keys) - len(took)),
            memory.figure("storm"),
        ],
        latencies_ms={"storm": took_ms},
        curves={"memory": [Curve(name="storm", points=memory.curve())]},
    )


async def at_once(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """1,000 alarms in 50 ms: when the last is at the centre."""
    begun = devices.now()
    keys = await measuring.press(
        rig, first=1500, count=STORM // (2 if quick else 1), pause_s=0.00005
    )
    took = await measuring.ways(rig, keys)
    through_s = max(rig.centre.arrivals()[key] for key in took) - begun
    await measuring.settled(rig)
    return Outcome(
        figures=[
            Figure(
                name="1,000 alarms in 50 ms, all at the centre",
                value=through_s,
                unit="s",
                target=THROUGH_S,
                target_says=f"<= {THROUGH_S:g}",
            ),
            measuring.lost("alarms lost, in 50 ms", len(keys) - len(took)),
        ],
        curves={"storm": [Curve(name="1,000 in 50 ms", points=_arrived(rig, keys, begun))]},
    )


async def flat_out(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """Two thousand alarms, written as fast as the line takes them."""
    cpu_s, begun = rig.cpu_s(), devices.now()
    keys = await measuring.press(rig, first=2000, count=2000 // (2 if quick else 1), pause_s=0)
    took = await measuring.ways(rig, keys)
    arrived_s = max(rig.centre.arrivals()[key] for key in took) - begun
    await measuring.settled(rig)
    settled_s = devices.now() - begun
    return Outcome(
        figures=[
            Figure(
                name="alarms posted and settled, flat out",
                value=len(keys) / settled_s,
                unit="/s",
                target=SETTLED_PER_S,
                target_says=f">= {SETTLED_PER_S:,}",
                more_is_better=True,
            ),
            Figure(name="alarms posted, flat out", value=len(keys) / arrived_s, unit="/s"),
            measuring.per_thousand(
                "CPU s of the gateway per 1,000 alarms", rig.cpu_s() - cpu_s, len(keys)
            ),
            measuring.lost("alarms lost, flat out", len(keys) - len(took)),
            measuring.peak(rig, "after the storms"),
        ],
        curves={"storm": [Curve(name="2,000 flat out", points=_arrived(rig, keys, begun))]},
    )


def _arrived(rig: Rig, keys: list[Key], begun: float) -> list[tuple[float, float]]:
    """How many were at the centre, over seconds."""
    arrivals = rig.centre.arrivals()
    moments = sorted(arrivals[key] - begun for key in keys if key in arrivals)
    return [(at, count) for count, at in enumerate(moments, 1)]
