"""Proofs that stand by themselves: two gateways (tests.t2), and the simulation (tests.simulation).

They run as programs of their own; what they found is read from their JSON.
"""

import asyncio
import contextlib
import importlib.util
import json
import signal
import sys
from pathlib import Path
from typing import Any

from tests.prove.found import Found, Ground, Loss

ENDS_WITHIN_S = 60.0
_NONE_MAY_BE = {
    "lost": "presses lost",
    "doubled": "presses under two keys",
    "unjournalled": "presses and passages receipted, not in the journal",
    "twice": "rows in the journal twice",
    "refused": "presses refused",
    "unreceipted": "presses without a receipt at the end",
}


class NotThere(Exception):
    """It is not built yet."""


async def two_gateways(ground: Ground) -> Found:
    """T2 for twenty minutes, something broken every ten seconds."""
    if importlib.util.find_spec("tests.t2") is None:
        raise NotThere("tests.t2")
    minutes, file = ground.pick(short=1, long=20), ground.folder / "told.json"
    code, said = await _run(ground, "tests.t2", "--minutes", str(minutes), "--json", str(file))
    if not file.exists():
        raise AssertionError(f"tests.t2 ended with {code} and told nothing: {said[-300:]}")
    return of_two_gateways(json.loads(_read(file)))


def of_two_gateways(told: dict[str, Any]) -> Found:
    """What tests.t2 wrote down: what was lost, and the worst press by the kind of fault."""
    loss = Loss(
        harm="two of everything, a random fault every 10 s",
        times=len(told["faults"]),
        presses=told["receipted"],
        lost=told["lost"],
        doubled=told["doubled"],
    )
    found = Found(losses=[loss])
    for name in ("presses", "receipted", "passages", "notices", "repeats"):
        found.ask(name, told[name])
    for copies, count in told["copies"].items():
        found.ask(f"receipts by {copies} copies", count)
    for name, says in _NONE_MAY_BE.items():
        found.ask(says, told[name], at_most=0)
    for one in told["worst"]:
        times = f", {one['times']} times" if one["times"] else ""
        found.ask(f"press to centre, worst: {one['kind']}{times}", one["worst_s"], "s")
    return found


async def simulation(ground: Ground, first: int, seeds: int) -> Found:
    """The gateway's own logic under a pretended clock: so many worlds, from that seed on."""
    file = ground.folder / "told.json"
    asked = {"--first": first, "--seeds": ground.pick(short=100, long=seeds), "--json": file}
    code, said = await _run(
        ground, "tests.simulation", *(str(word) for pair in asked.items() for word in pair)
    )
    if not file.exists():
        raise AssertionError(f"tests.simulation ended with {code} and told nothing: {said[-300:]}")
    return of_simulation(json.loads(_read(file))).ask("exit code", code, at_most=0)


def of_simulation(told: dict[str, Any]) -> Found:
    """What tests.simulation wrote down: of how many worlds, and which broke a promise."""
    found = Found(notes=[f"seed {seed} broke a promise" for seed in told["broken"]])
    for name in ("seeds", "first", "presses", "receipted"):
        found.ask(name, told[name])
    for name in ("faults", "kills"):
        found.ask(name, sum(told[name].values()))
    few = told["presses"] // 200
    says = "presses cried unstored, and counted on an open alarm as well"
    found.ask(says, told["twice"], at_most=few)
    return found.ask("worlds that broke a promise", len(told["broken"]), at_most=0)


async def _run(ground: Ground, module: str, *arguments: str) -> tuple[int, str]:
    """Run it; its exit code and the end of what it said. Ended with us."""
    file: Path = ground.folder / "said.txt"
    with file.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments), stdout=said, stderr=said
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)
            raise
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    return code, _read(file)


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
