"""Bring two of everything up in namespaces, break it, count: `python -m tests.t2 --minutes 20`.

Needs root (namespaces, and PostgreSQL as its own user), Linux, iproute2, Mosquitto, PostgreSQL.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.harness import waiting
from tests.t2 import faults, report
from tests.t2.audit import Figures
from tests.t2.faults import FAULTS, SHORT, Happened
from tests.t2.installation import Installation, brought_up
from tests.t2.namespaces import NotPermittedError
from tests.t2.report import Report

EVERY_S = 10.0
SETTLES_WITHIN_S = 120.0
TOLD_WITHIN_S = 60.0


async def run(
    minutes: float,
    seed: int,
    kinds: Iterator[str],
    say: Callable[[str], None],
    logs: Path | None = None,
) -> Report:
    """One run: presses and passages all the while, a fault every 10 s, one at a time.

    `logs` is a folder for what each machine said.
    """
    dice, happened = random.Random(seed), list[Happened]()
    async with brought_up(logs) as made:
        say("everything runs")
        await made.say("go")
        ends_at = time.monotonic() + minutes * 60
        while time.monotonic() < ends_at:
            next_at = time.monotonic() + EVERY_S
            happened.append(await faults.happens(made, next(kinds), dice))
            last = happened[-1]
            lasted_s = last.ended_at - last.began_at
            say(f"{last.kind}: {last.what}, {lasted_s:.1f} s; {_now(made)}")
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))
        await made.say("stop")
        await faults.whole(made)
        found = await _counted(made)
        return report.made(made.ledger, found, happened, minutes, seed)


async def _counted(made: Installation) -> Figures:
    """Once everything has its receipt and the centre was told, or the time is over."""

    async def told() -> bool:
        return not (await made.figures()).lost

    await _in_time(lambda: made.ledger.waiting == 0, SETTLES_WITHIN_S, "all is receipted")
    await _in_time(told, TOLD_WITHIN_S, "the centre is told")
    return await made.figures()


async def _in_time(condition: Callable[[], object], within_s: float, what: str) -> None:
    try:
        await waiting.until(condition, within_s=within_s, what=what)
    except waiting.NotInTimeError as error:
        sys.stderr.write(f"{error}\n")


def at_random(seed: int) -> Iterator[str]:
    """Every kind once in a random order, and again."""
    dice = random.Random(seed)
    while True:
        yield from dice.sample([*FAULTS], len(FAULTS))


def _now(made: Installation) -> str:
    return f"{len(made.ledger.promised)} of {len(made.ledger.said)} presses receipted"


def main() -> int:
    """Read the arguments, break things, report."""
    parser = argparse.ArgumentParser(prog="python -m tests.t2", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=[*FAULTS], help="may be repeated")
    parser.add_argument("--json", type=Path, help="write the report here, for another tool")
    parser.add_argument("--logs", type=Path, help="keep what each machine said in this folder")
    words = parser.parse_args()
    kinds = _again_and_again(words.only) if words.only else at_random(words.seed)
    began = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:7.1f} s  {text}\n")
        sys.stdout.flush()

    try:
        found = asyncio.run(run(words.minutes, words.seed, kinds, say, words.logs))
    except NotPermittedError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if words.json is not None:
        report.keep(found, words.json)
    sys.stdout.write("\n".join(["", *report.lines(found), ""]))
    return 0 if found.kept else 1


def _again_and_again(kinds: list[str]) -> Iterator[str]:
    while True:
        yield from kinds


def short() -> Iterator[str]:
    """For a minute."""
    return _again_and_again([*SHORT])


if __name__ == "__main__":
    raise SystemExit(main())
