"""Kill: the gateway is killed at any moment, and at each step of a press's road."""

import asyncio
import random
import signal
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

from tests.bench import rig
from tests.harness import waiting
from tests.prove import doomed
from tests.prove.found import Found, Ground, Loss
from tests.stories import audit, crowd, devices
from tests.stories import town as towns
from tests.stories.audit import Figures
from tests.stories.crowd import Crowd
from tests.stories.town import Town

PRESSES_PER_S, PASSAGES_PER_S = 20, 200
ANSWERS_WITHIN_S = 0.5
READY_WITHIN_S = 3.0
QUICKLY_S = 1.2
"""How long a start takes on a machine that has time."""
STARTS_WITHIN_S = DIES_WITHIN_S = 120.0
"""However busy the machine; how long it took is judged afterwards."""
EVERYTHING_WITHIN_S = 60.0
FURTHEST = 25
"""A doomed gateway dies at latest at this pass of its point: within a second or two of work."""

CALM = 300
"""So few that wait for their receipt are no backlog."""
CALM_WITHIN_S = 300.0

Killing = Callable[[Town, Crowd, random.Random], Awaitable[list[float]]]


async def at_any_moment(ground: Ground) -> Found:
    """`kill -9` again and again, some tenths of a second after it was ready."""
    kills = ground.pick(short=8 if ground.database == "sqlite" else 4, long=200)

    async def killing(town: Town, _: Crowd, dice: random.Random) -> list[float]:
        took_s, slowly = list[float](), 1.0
        for number in range(1, kills + 1):
            # The moment of the kill: anything goes. Where the machine is slow, later: else all of
            # the time would go into starting, and the load would pile up without end.
            await asyncio.sleep(dice.uniform(0.1, 0.9) * max(1.0, slowly))
            await town.dabyl.kill()
            started = time.monotonic()
            await town.dabyl.start(STARTS_WITHIN_S)
            took_s.append(time.monotonic() - started)
            slowly = took_s[-1] / QUICKLY_S
            _tell(ground, number, kills)
        return took_s

    return await _under_load(ground, killing, "kill -9 of the gateway at a random moment", kills)


async def at_each_point(ground: Ground) -> Found:
    """The gateway kills itself between two steps, at one of the first passes of that point."""
    rounds = ground.pick(short=1, long=10)
    kills = rounds * len(doomed.POINTS)

    async def killing(town: Town, people: Crowd, dice: random.Random) -> list[float]:
        took_s = list[float]()
        for number in range(rounds):
            await town.dabyl.kill()
            for nth, point in enumerate(doomed.POINTS, 1):
                await _die_at(town, point, dice.randint(1, FURTHEST))
                _tell(ground, number * len(doomed.POINTS) + nth, kills)
            # None of these lives lasts for more than a moment: what nobody took piles up.
            started = time.monotonic()
            await town.dabyl.start(STARTS_WITHIN_S)
            took_s.append(time.monotonic() - started)
            await waiting.until(
                lambda: len(people.waiting) < CALM, within_s=CALM_WITHIN_S, what="all are receipted"
            )
        return took_s

    harm = f"the gateway killed at each of {len(doomed.POINTS)} named points"
    return await _under_load(ground, killing, harm, kills)


async def _die_at(town: Town, point: str, nth: int) -> None:
    """A life that kills itself at that pass of that point."""
    town.dabyl.begin(through=(sys.executable, "-m", "tests.prove.doomed", point, str(nth)))
    code = await town.dabyl.ended(within_s=DIES_WITHIN_S)
    assert code == -signal.SIGKILL, f"{point}: {code}\n{town.dabyl.log()[-1000:]}"


async def _under_load(ground: Ground, killing: Killing, harm: str, kills: int) -> Found:
    async with (
        towns.opened(ground.folder, database=ground.database, broker_lines=rig.BROKER) as town,
        devices.at(town.brokers[0].port, crowded=True) as saying,
        crowd.at_work(saying, presses_per_s=PRESSES_PER_S, passages_per_s=PASSAGES_PER_S) as people,
    ):
        await town.centre.mode("slow", seconds=0, to_seconds=ANSWERS_WITHIN_S)
        ready_s = await killing(town, people, random.Random(7))
        await people.stop(within_s=EVERYTHING_WITHIN_S)
        counted = await audit.take(town, people)
        verified, _ = await town.dabyl.run("journal", "verify", within_s=300)
    return _found(harm, kills, people, counted, ready_s, verified)


def _found(
    harm: str, kills: int, people: Crowd, counted: Figures, ready_s: list[float], verified: int
) -> Found:
    slowest = max(people.presses, key=lambda said: said.took_s)
    return (
        Found(
            losses=[
                Loss(
                    harm=harm,
                    times=kills,
                    presses=counted.presses,
                    lost=len(counted.lost),
                    doubled=len(counted.doubled),
                )
            ]
        )
        .ask("kills", kills)
        .ask("presses receipted", counted.presses)
        .ask("passages receipted", counted.passages)
        .ask("presses lost", len(counted.lost), at_most=0)
        .ask("presses under two keys", len(counted.doubled), at_most=0)
        .ask(
            "presses and passages receipted, not in the journal",
            len(counted.unjournalled),
            at_most=0,
        )
        .ask("notices told again under the same key", counted.repeats)
        .ask("journal verify, exit code", verified, at_most=0)
        .ask("ready again, median", statistics.median(ready_s), "s")
        .ask("ready again, worst", max(ready_s), "s", at_most=READY_WITHIN_S)
        .ask("press to receipt, worst", slowest.took_s, "s")
    )


def _tell(ground: Ground, number: int, kills: int) -> None:
    if number % 10 == 0 or number == kills:
        ground.say(f"{number} of {kills} kills")
