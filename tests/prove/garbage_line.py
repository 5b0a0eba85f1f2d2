"""Garbage over the line: hostile messages through a real broker, while people press."""

import asyncio
import random

from tests.bench import watching
from tests.bench.mqtt import Client
from tests.harness import waiting
from tests.prove import hostile
from tests.prove.found import Found, Ground, Loss, Size
from tests.stories import audit, crowd, devices
from tests.stories import town as towns
from tests.stories.town import Town

AT_ONCE = 20
PAUSE_S = 0.01
PRESSES_PER_S = 20
EVERYTHING_WITHIN_S = 120.0
FLAT_MIB = 10.0


async def prove(ground: Ground) -> Found:
    """Pour it over MQTT, and count what became of those who pressed meanwhile."""
    count = ground.pick(short=2_000, long=100_000)
    corpus = hostile.thought_up(ground.pick(short=300, long=5_000))
    async with (
        towns.opened(ground.folder, database=ground.database) as town,
        devices.at(town.brokers[0].port, crowded=True) as saying,
        crowd.at_work(saying, presses_per_s=PRESSES_PER_S, passages_per_s=0) as people,
    ):
        pid, memory = town.dabyl.pid, list[float]()
        await _pour(ground, town, count // 2, corpus, memory)
        middle = watching.look(pid).rss_mib
        await _pour(ground, town, count // 2, corpus, memory)
        await people.stop(within_s=EVERYTHING_WITHIN_S)
        grown = watching.look(pid).rss_mib - middle
        counted = await audit.take(town, people)
        quarantined = await town.metric("dabyl_quarantined_total")
        lives = await town.metric("dabyl_broker_connections_total")
        alive = town.dabyl.pid == pid and (await town.ready())["status"] == 200
    loss = Loss(
        harm=f"{count:,} hostile messages over MQTT",
        times=1,
        presses=counted.presses,
        lost=len(counted.lost),
        doubled=len(counted.doubled),
    )
    slowest = max(said.took_s for said in people.presses)
    flat_mib = FLAT_MIB if ground.size is Size.LONG else None
    return (
        Found(losses=[loss])
        .ask("hostile messages", count)
        .ask("quarantined", quarantined)
        .ask("the gateway has ended", not alive, at_most=0)
        .ask("sessions made anew", lives - 2, at_most=0)
        .ask("presses lost", len(counted.lost), at_most=0)
        .ask("presses under two keys", len(counted.doubled), at_most=0)
        .ask("press to receipt, worst", slowest, "s", at_most=2.0)
        .ask("memory grown over the second half", grown, "MiB", at_most=flat_mib)
    )


async def _pour(
    ground: Ground, town: Town, count: int, corpus: list[bytes], memory: list[float]
) -> None:
    """From devices that nobody else plays, one of them unregistered in three."""
    dice = random.Random(count + len(memory))
    names = [f"gate-{n}" for n in range(1, 200)] + [f"stranger-{n}" for n in range(100)]
    client = await Client.connected(town.brokers[0].port, f"hostile-{len(memory)}")
    words = hostile.stream(dice, corpus, names)
    for number in range(count):
        said = next(words)
        leaf = said.leaf if said.leaf in {"alarm", "event", "state", "reply"} else "alarm"
        client.publish(f"dabyl/v1/{said.device}/{leaf}".encode()[:60_000], said.payload)
        if number % AT_ONCE == 0:
            await asyncio.sleep(PAUSE_S)
        if number % 10_000 == 0:
            memory.append(watching.look(town.dabyl.pid).rss_mib)
            ground.say(f"{number:,} of {count:,} poured, {memory[-1]:.0f} MiB")
    await waiting.until(
        lambda: client.unacknowledged == 0 or client.lost.is_set(),
        within_s=EVERYTHING_WITHIN_S,
        what="the broker has taken it all",
    )
    assert not client.lost.is_set(), "the broker hung up"
    client.close()
