"""A crowd of simulated devices of class A: each knows every broker, and repeats until its receipt.

By itself (`python -m tests.t2.crowd`) it tells what happens as JSON lines, and on the word `stop`
nobody presses any more, but all go on until they have their receipts.
"""

import argparse
import asyncio
import contextlib
import itertools
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from simulators import arguments, cast, clock, mqtt, panic_button, story, turnstile
from simulators.acts import Act, Deed, Direction
from simulators.cast import Cast, Way
from simulators.character import Character
from simulators.panic_button.machine import Button
from simulators.stage import Actor, Stage
from simulators.turnstile.machine import CardList, Turnstile
from tests.harness import waiting

TICK_S = 0.02
LONGEST_S = 0.5
"""A machine that has no time for its crowd for so long is not made to catch up."""
FIRST_CARD = 7_700_000_001
CARDS = 5000


@dataclass(slots=True, kw_only=True)
class Crowd:
    """Buttons and turnstiles on one stage."""

    cast: Cast
    buttons: list[Actor] = field(default_factory=list)
    gates: list[Actor] = field(default_factory=list)

    async def live(self) -> None:
        """Connect, repeat, check in, for ever."""
        await self.cast.run()

    async def work(self, presses_per_s: float, passages_per_s: float) -> None:
        """Press and pass at that pace, for ever, every device in its turn."""
        buttons, gates = itertools.cycle(self.buttons), itertools.cycle(self.gates)
        cards = itertools.cycle(range(FIRST_CARD, FIRST_CARD + CARDS))
        dice = random.Random(1)
        due_presses = due_passages = 0.0
        last = time.monotonic()
        while True:
            now = time.monotonic()
            passed_s, last = min(now - last, LONGEST_S), now
            due_presses += presses_per_s * passed_s * dice.uniform(0, 2)
            due_passages += passages_per_s * passed_s
            while due_presses >= 1:
                due_presses -= 1
                next(buttons).do(Act(deed=Deed.PRESS))
            while due_passages >= 1:
                due_passages -= 1
                act = Act(deed=Deed.CARD, card=str(next(cards)), direction=Direction.IN)
                next(gates).do(act)
            await asyncio.sleep(TICK_S)

    def connected(self) -> bool:
        """Whether every connection stands."""
        return self.cast.connected() == self.cast.connections()


def gathered(way: Way, buttons: int, gates: int, tell: story.Tell) -> Crowd:
    """`button-1` and on, `gate-1` and on."""
    stage = Stage(clock.TrueClock(), tell)
    crowd = Crowd(cast=Cast(stage, way))
    moment = clock.read(stage.clock)
    for number in range(1, buttons + 1):
        made = _character(f"button-{number}", way)
        button = Button(panic_button.machine.Settings(character=made), moment, cast.draw_id)
        crowd.buttons.append(crowd.cast.add(made.device, button, brokers=made.known_brokers))
    for number in range(1, gates + 1):
        made = _character(f"gate-{number}", way)
        settings = turnstile.machine.Settings(
            character=made,
            cards=CardList(first=FIRST_CARD, count=CARDS),
            anti_passback=False,
        )
        gate = Turnstile(settings, moment, cast.draw_id)
        crowd.gates.append(crowd.cast.add(made.device, gate, brokers=made.known_brokers))
    return crowd


@asynccontextmanager
async def living(
    way: Way, buttons: int, gates: int, tell: story.Tell, within_s: float = 30
) -> AsyncIterator[Crowd]:
    """A crowd that is connected, and lives while the block runs."""
    crowd = gathered(way, buttons, gates, tell)
    crowd.cast.allow_files()
    life = asyncio.create_task(crowd.live())
    try:
        await waiting.until(crowd.connected, within_s=within_s, what="the crowd is connected")
        yield crowd
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


def _character(device: str, way: Way) -> Character:
    number = int(device.rpartition("-")[2])
    return Character(
        device=device,
        model="crowd",
        brokers=len(way.brokers),
        first_check_in_s=number * 7 % 30,
        kept_events=100_000,
    )


async def _play(words: argparse.Namespace, way: Way) -> None:
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with living(way, words.buttons, words.gates, story.in_json) as crowd:
        sys.stdout.write('{"what": "ready"}\n')
        sys.stdout.flush()
        working: asyncio.Task[None] | None = None
        while word := (await reader.readline()).decode().strip():
            if working is not None:
                working.cancel()
            if word == "go":
                working = asyncio.create_task(crowd.work(words.presses_per_s, words.passages_per_s))
        if working is not None:
            working.cancel()


def main() -> None:
    """Read the command line and let the crowd live, until the end of its input."""
    line = argparse.ArgumentParser(prog="python -m tests.t2.crowd", description=__doc__)
    line.add_argument("--broker", action="append", required=True, metavar="URL")
    line.add_argument("--ca-file", type=Path)
    line.add_argument("--password-file", type=Path)
    line.add_argument("--buttons", type=int, default=150)
    line.add_argument("--gates", type=int, default=40)
    line.add_argument("--presses-per-s", type=float, default=10)
    line.add_argument("--passages-per-s", type=float, default=100)
    words = line.parse_args()
    words.protocol, words.shared_connection = "5", False
    try:
        way = arguments.way(words)
    except mqtt.WrongAddress as wrong:
        line.error(str(wrong))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_play(words, way))


if __name__ == "__main__":
    main()
