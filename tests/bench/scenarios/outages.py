"""Outages: the centre is away for a minute, the broker for three seconds."""

import asyncio
import time

from tests.bench import devices
from tests.bench.figures import Curve, Figure, Outcome
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.bench.scenarios import measuring
from tests.stories import devices as people

AWAY_S, ALARMS_PER_S = 60, 8
LAST_AFTER_S, TRIES_PER_S = 1.5, 3.0
BROKER_AWAY_S, BEYOND_S = 3.0, 0.5
PRESSES_PER_S = 20


async def centre_away(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """Nobody listens at the centre for a minute; alarms go on."""
    seconds = AWAY_S // (6 if quick else 1)
    async with measuring.memory(rig) as memory:
        await rig.centre.shut()
        tried = await rig.metric("dabyl_delivery_attempts_total")
        keys = await measuring.press(
            rig, first=0, count=seconds * ALARMS_PER_S, pause_s=1 / ALARMS_PER_S
        )
        tried = await rig.metric("dabyl_delivery_attempts_total") - tried
        await rig.centre.open()
        back_at = devices.now()
        took = await measuring.ways(rig, keys)
    arrivals = rig.centre.arrivals()
    last_s = max(arrivals[key] for key in took) - back_at
    await measuring.settled(rig)
    began = min(rig.pressed[key] for key in keys)
    waited = [(rig.pressed[key] - began, arrivals[key] - back_at) for key in took]
    return Outcome(
        figures=[
            Figure(
                name=f"centre away {seconds} s: its last alarm after the return",
                value=last_s,
                unit="s",
                target=LAST_AFTER_S,
                target_says=f"<= {LAST_AFTER_S:g}",
            ),
            Figure(
                # A first word of a P0 is sent at once, breaker or not (contracts, the centre).
                name="centre away: posts tried beside the first of each alarm",
                value=max(0.0, tried - len(keys)) / seconds,
                unit="/s",
                target=TRIES_PER_S,
                target_says=f"<= {TRIES_PER_S:g}",
            ),
            measuring.lost("alarms lost, centre away", len(keys) - len(took)),
            memory.figure("centre away"),
        ],
        curves={
            "outage": [Curve(name="pressed while away", points=sorted(waited))],
            "memory": [Curve(name="centre away", points=memory.curve())],
        },
    )


async def broker_away(rig: Rig, _: Floor, *, quick: bool) -> Outcome:
    """The broker stops for three seconds; every device comes back and says it again."""
    count = PRESSES_PER_S * (4 if quick else 10)
    async with people.at(rig.broker.port, crowded=True) as saying:
        pressing = asyncio.ensure_future(_press_on(rig, saying, count))
        await asyncio.sleep(count / PRESSES_PER_S / 4)
        stopped_at = time.monotonic()
        await rig.broker.stop()
        await asyncio.sleep(BROKER_AWAY_S)
        await rig.broker.start()
        down_s = time.monotonic() - stopped_at
        keys = await pressing
        took = await measuring.ways(rig, keys)
    await rig.again()
    worst_s = max(took.values()) / 1e3
    began = min(rig.pressed[key] for key in keys)
    return Outcome(
        figures=[
            Figure(name="broker away for", value=down_s, unit="s"),
            Figure(
                name="broker away: the worst alarm, beyond that",
                value=worst_s - down_s,
                unit="s",
                target=BEYOND_S,
                target_says=f"<= {BEYOND_S:g}",
            ),
            measuring.lost("alarms lost, broker away", len(keys) - len(took)),
        ],
        curves={
            "broker": [
                Curve(
                    name="by the moment of the press",
                    points=sorted((rig.pressed[key] - began, ms / 1e3) for key, ms in took.items()),
                )
            ]
        },
    )


async def _press_on(rig: Rig, saying: people.Devices, count: int) -> list[measuring.Key]:
    """Press at even times; each until its receipt."""
    keys, saids = [], []
    for number in range(count):
        event_id, _ = devices.press(number)
        key = devices.button(number), event_id
        rig.pressed[key] = devices.now()
        keys.append(key)
        saids.append(asyncio.ensure_future(saying.press(key[0], id=event_id)))
        await asyncio.sleep(1 / PRESSES_PER_S)
    for said in await asyncio.gather(*saids):
        rig.receipts.setdefault(said.id, devices.now())
    return keys
