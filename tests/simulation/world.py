"""One seed: a world in which people press while everything goes wrong, and its verdict."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from unittest import mock

from gateway import operate
from gateway.domain.alarm import Disposition
from gateway.domain.errors import Refusal
from gateway.domain.operator import Operator, Role
from gateway.store import alarms
from gateway.store.alarms import Filter
from gateway.store.database import StoreError
from tests.simulation import faults, ground, verdict
from tests.simulation.crowd import PRESSES
from tests.simulation.ground import Ground
from tests.simulation.loop import PretendedLoop

ACTS_S = 30.0
"""So long things happen and go wrong …"""
CALM_WITHIN_S = 150.0
"""… and so long after the last fault everything must have come through."""
ENDS_WITHIN_S = 600.0
"""A world that goes on for longer waits for something that will never come."""
_PEOPLE = [Operator(name=name, role=Role.DISPATCHER) for name in ("aigerim", "bolat")]


@dataclass(slots=True)
class Outcome:
    """What a seed showed."""

    seed: int
    presses: int = 0
    receipted: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    """Presses told under two keys: cried unstored, and counted on an open alarm by another gateway
    or by a commit whose fate was unknown (ADR 0052)."""
    broken: list[str] = field(default_factory=list)
    """The promises that were not kept, each as a sentence."""
    calm_after_s: float = 0.0
    told: dict[str, list[float]] = field(default_factory=dict)
    """By key, when the centre was told: the same seed tells the same at the same times."""


def run(seed: int) -> Outcome:
    """Let that world happen; the same seed is the same world."""
    loop, names = PretendedLoop(), random.Random(seed)
    try:
        with mock.patch("secrets.token_hex", lambda count: names.randbytes(count).hex()):
            return loop.run_until_complete(
                _within_its_time(ground.laid_out(seed, loop), Outcome(seed))
            )
    finally:
        loop.close()


async def _within_its_time(world: Ground, out: Outcome) -> Outcome:
    async with asyncio.timeout(ENDS_WITHIN_S):
        return await _happen(world, out)


async def _happen(world: Ground, out: Outcome) -> Outcome:
    """Everything, from the first moment to the verdict."""
    world.switch_on()
    guards = [asyncio.create_task(one.run()) for one in world.gateways]
    acting = [
        asyncio.create_task(one) for one in (_press(world), _go_wrong(world, out), _respond(world))
    ]
    try:
        await _all_or_first_end(acting, guards)
        faults.mend(world)
        out.calm_after_s = await _calm(world, guards)
        out.broken = await verdict.broken(world)
    finally:
        for task in (*guards, *acting):
            task.cancel()
        await asyncio.gather(*guards, *acting, return_exceptions=True)
        world.disk.close()
    out.presses, out.receipted = len(world.crowd.pressed), len(world.crowd.receipted)
    out.kills = Counter(str(point) for one in world.gateways for point in one.kills)
    out.twice = sum(len(keys) > 1 for keys in world.centre.named.values())
    out.told = dict(world.centre.told)
    return out


async def _all_or_first_end(
    acting: list["asyncio.Task[None]"], guards: list["asyncio.Task[None]"]
) -> None:
    """Until all have acted; a guard that ends has found a defect, which is raised here."""
    while not all(act.done() for act in acting):
        left = [one for one in (*acting, *guards) if not (one in acting and one.done())]
        done, _ = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()


async def _press(world: Ground) -> None:
    until = world.clock.monotonic() + ACTS_S
    while world.clock.monotonic() < until:
        await asyncio.sleep(world.dice.expovariate(1 / 1.5))
        for _ in range(world.dice.choice((1, 1, 1, 3))):
            world.crowd.do(world.dice.choice(world.buttons), world.dice.choice(PRESSES))


async def _go_wrong(world: Ground, out: Outcome) -> None:
    until = world.clock.monotonic() + ACTS_S
    while world.clock.monotonic() < until:
        await asyncio.sleep(world.dice.expovariate(1 / 4.0))
        fault = world.dice.choice(faults.FAULTS)
        out.faults[fault.__name__] += 1
        await fault(world)


async def _respond(world: Ground) -> None:
    """People take, close, and reopen alarms meanwhile."""
    until = world.clock.monotonic() + ACTS_S
    while world.clock.monotonic() < until:
        await asyncio.sleep(world.dice.expovariate(1 / 5.0))
        running = [one.living for one in world.gateways if one.living is not None]
        found = world.disk.look(lambda c: alarms.listed(c, Filter(), 20, None))
        if not running or not found:
            continue
        desk, alarm = world.dice.choice(running).desk, world.dice.choice(found)
        person = world.dice.choice(_PEOPLE)
        try:
            async with asyncio.timeout(2):
                if alarm.closed_at is not None:
                    await operate.reopen(desk, person, alarm.id, alarm.version, "the wrong row")
                elif world.dice.random() < 0.6:
                    await operate.claim(desk, person, alarm.id)
                else:
                    how = Disposition.FALSE
                    await operate.close(desk, person, alarm.id, alarm.version, how, "a child")
        except (Refusal, StoreError, TimeoutError):
            pass  # another was first, or it is away: people try again


async def _calm(world: Ground, guards: list["asyncio.Task[None]"]) -> float:
    """How long it took until nobody waited for anything any more."""
    begun = world.clock.monotonic()
    while world.clock.monotonic() - begun < CALM_WITHIN_S:
        for guard in guards:
            if guard.done():
                guard.result()
        if not world.crowd.waiting() and not world.disk.look(verdict.owed):
            break
        await asyncio.sleep(0.5)
    return world.clock.monotonic() - begun
