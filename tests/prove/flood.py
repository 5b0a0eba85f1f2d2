"""Flood: one device presses 20,000 times a second; everybody else must not feel it."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence

from tests.bench import watching
from tests.bench.figures import percentile
from tests.bench.watching import Sample
from tests.prove.found import Found, Ground, Loss
from tests.stories import audit, crowd, devices
from tests.stories import town as towns
from tests.stories.devices import Said
from tests.stories.town import Town

MAD = "button-120"
"""It is in the crowd's round as well: nobody asks it to wait."""
RATE_PER_S = 20_000
PRESSES_PER_S = 20
FEEL_WITHIN_S = 1.0
BROKER_MIB, GATEWAY_MIB = 600, 200
"""Bounded: the shipped broker keeps at most 512 MiB for a session."""
EVERYTHING_WITHIN_S = 120.0


async def prove(ground: Ground) -> Found:
    """Flood for a minute, while others press, and count what they felt."""
    seconds = ground.pick(short=6, long=60)
    async with (
        towns.opened(ground.folder, database=ground.database) as town,
        devices.at(town.brokers[0].port, crowded=True) as saying,
        crowd.at_work(saying, presses_per_s=PRESSES_PER_S, passages_per_s=0) as people,
    ):
        await asyncio.sleep(2)
        calm = [said for said in people.presses if said.device != MAD]
        async with _watched(town) as (gateway, broker):
            flood = await _flood(town, seconds)
            ground.say(f"flooded: {flood}")
            await people.stop(within_s=EVERYTHING_WITHIN_S)
        counted = await audit.take(town, people)
        folded = await town.metric("dabyl_signals_total", result="folded")
        stored = await town.rows("SELECT SUM(folded + heard_again) FROM journal_alarm")
    # What the mad device says itself is folded: counted and receipted, and told as a number.
    lost = [press for press in counted.lost if press[0] != MAD]
    doubled = [press for press in counted.doubled if press[0] != MAD]
    felt = [said for said in people.presses[len(calm) :] if said.device != MAD]
    found = Found(
        losses=[
            Loss(
                harm=f"one device pressing {flood['sent'] / flood['lasted_s']:,.0f} times a second",
                times=1,
                presses=sum(said.device != MAD for said in people.presses),
                lost=len(lost),
                doubled=len(doubled),
            )
        ]
    )
    found.ask_for("presses of the mad device", flood["sent"] / flood["lasted_s"], "/s", at_least=1)
    found.ask("of them receipted", flood["receipts"])
    found.ask("signals folded", folded).ask("presses counted in the journal", stored[0][0])
    _tell(found, calm, felt)
    found.ask("others' presses lost", len(lost), at_most=0)
    found.ask("others' presses under two keys", len(doubled), at_most=0)
    found.ask("broker, most memory", _most(broker), "MiB", at_most=BROKER_MIB)
    return found.ask("gateway, most memory", _most(gateway), "MiB", at_most=GATEWAY_MIB)


def _tell(found: Found, calm: Sequence[Said], felt: Sequence[Said]) -> None:
    took = [said.took_s for said in felt]
    before = [said.took_s for said in calm]
    found.ask("others: press to receipt p99, before", percentile(before, 0.99), "s")
    found.ask("others: press to receipt p50, in the flood", percentile(took, 0.5), "s")
    found.ask(
        "others: press to receipt p99, in the flood",
        percentile(took, 0.99),
        "s",
        at_most=FEEL_WITHIN_S,
    )
    found.ask("others: press to receipt, worst", max(took), "s")


async def _flood(town: Town, seconds: int) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.prove.flooder", "--device", MAD),
        *("--port", str(town.brokers[0].port), "--rate", str(RATE_PER_S)),
        *("--seconds", str(seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), seconds + 60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    result: dict[str, float] = json.loads(said)
    return result


@contextlib.asynccontextmanager
async def _watched(town: Town) -> AsyncIterator[tuple[list[Sample], list[Sample]]]:
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    pids = (lambda: town.dabyl.pid, lambda: town.brokers[0].pid)
    tasks = [
        asyncio.create_task(watching.watch(pid, into, 0.25))
        for pid, into in zip(pids, samples, strict=True)
    ]
    try:
        yield samples
    finally:
        for task in tasks:
            task.cancel()


def _most(samples: Sequence[Sample]) -> float:
    return max(sample.rss_mib for sample in samples)
