"""`python -m tests.simulation`: many seeds, each a world; those that break a promise are named."""

import argparse
import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation import many
from tests.simulation.world import Outcome

TOLD_EVERY = 500


@dataclass(slots=True)
class Sum:
    """What all of them showed."""

    worlds: int = 0
    presses: int = 0
    receipted: int = 0
    twice: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    broken: list[int] = field(default_factory=list)

    def add(self, one: Outcome) -> None:
        """One more."""
        self.worlds += 1
        self.presses += one.presses
        self.receipted += one.receipted
        self.twice += one.twice
        self.kills += one.kills
        self.faults += one.faults
        if one.broken:
            self.broken.append(one.seed)
            print(f"seed {one.seed}:", *one.broken[:5], sep="\n    ", flush=True)
            print(f"    again: python -m tests.simulation --seeds 1 --first {one.seed}")


def main() -> None:
    """Run them; exit code 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--verbose", action="store_true", help="with the gateway's own log")
    asked = parser.parse_args()
    begun, whole = time.monotonic(), Sum()
    found = many.outcomes(asked.first, asked.seeds, min(asked.jobs, asked.seeds), asked.verbose)
    for number, one in enumerate(found, 1):
        whole.add(one)
        if number % TOLD_EVERY == 0:
            said = f"{whole.presses} presses, {len(whole.broken)} broken"
            print(f"{number} seeds, {said}", flush=True)
    figures = {
        "seeds": whole.worlds,
        "first": asked.first,
        "presses": whole.presses,
        "receipted": whole.receipted,
        "twice": whole.twice,
        "kills": dict(sorted(whole.kills.items())),
        "faults": dict(sorted(whole.faults.items())),
        "broken": whole.broken,
        "took_s": round(time.monotonic() - begun, 1),
    }
    print(json.dumps(figures))
    if asked.json:
        asked.json.write_text(json.dumps(figures))
    sys.exit(bool(whole.broken) or whole.worlds < asked.seeds)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Else sets would have another order each time, and a seed would not repeat.
        again = [sys.executable, "-m", "tests.simulation", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606 - itself
    main()
