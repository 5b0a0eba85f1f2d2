"""Proofs that stand by themselves: two gateways (tests.t2), and the simulation (tests.simulation).

They run as programs of their own. What they found is read from their JSON, in `Found.plain`'s
words: `figures` (name, value, unit, target, target_says, more_is_better), `losses`, `notes`.
"""

import asyncio
import contextlib
import importlib.util
import json
import signal
import sys
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.prove.found import Found, Ground, Loss

ENDS_WITHIN_S = 60.0
_FIGURE = {"name", "value", "unit", "floor", "target", "target_says", "more_is_better"}


class NotThere(Exception):
    """It is not built yet."""


async def two_gateways(ground: Ground) -> Found:
    """T2 for twenty minutes, something broken every ten seconds."""
    minutes = ground.pick(short=1, long=20)
    return await _told_by(ground, "tests.t2", "--minutes", str(minutes))


async def simulation(ground: Ground) -> Found:
    """The real domain, intake, store and forward logic under a simulated clock."""
    seeds = ground.pick(short=1_000, long=100_000)
    if importlib.util.find_spec("tests.simulation") is None:
        raise NotThere("tests.simulation")
    code, said = await _run(ground, "tests.simulation", "--seeds", str(seeds))
    last = said.strip().splitlines()[-1:] or [""]
    return Found(notes=last).ask("seeds", seeds).ask("exit code", code, at_most=0)


async def _told_by(ground: Ground, module: str, *arguments: str) -> Found:
    if importlib.util.find_spec(module) is None:
        raise NotThere(module)
    file = ground.folder / "told.json"
    code, said = await _run(ground, module, *arguments, "--json", str(file))
    if not file.exists():
        raise AssertionError(f"{module} ended with {code} and told nothing:\n{said[-2000:]}")
    return read(json.loads(_read(file))).ask("exit code", code)


def read(told: dict[str, Any]) -> Found:
    """Another program's figures; what it says beyond them is passed over."""
    figures = [
        Figure(**{key: value for key, value in one.items() if key in _FIGURE})
        for one in told.get("figures", [])
    ]
    losses = [Loss(**one) for one in told.get("losses", [])]
    return Found(figures=figures, losses=losses, notes=[*told.get("notes", [])])


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
