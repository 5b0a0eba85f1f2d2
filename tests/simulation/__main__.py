"""`python -m tests.simulation`: many seeds, each a world; those that break a promise are named."""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from tests.simulation import many


def main() -> None:
    """Run them; exit code 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--verbose", action="store_true", help="with the gateway's own log")
    arguments = parser.parse_args()
    found = many.outcomes(
        arguments.first, arguments.seeds, arguments.jobs, verbose=arguments.verbose
    )
    begun, presses, kills, faults, bad = time.monotonic(), 0, Counter[str](), Counter[str](), []
    for number, one in enumerate(found, 1):
        presses += one.presses
        kills += one.kills
        faults += one.faults
        if one.broken:
            bad.append(one.seed)
            print(f"seed {one.seed}:", *one.broken[:5], sep="\n    ", flush=True)
            print(f"    again: python -m tests.simulation --seeds 1 --first {one.seed} --jobs 1")
        if number % 500 == 0:
            print(f"{number} seeds, {presses} presses, {len(bad)} broken", flush=True)
    took_s = time.monotonic() - begun
    figures = {
        "seeds": arguments.seeds,
        "first": arguments.first,
        "presses": presses,
        "kills": dict(kills),
        "faults": dict(faults),
        "broken": bad,
        "took_s": round(took_s, 1),
    }
    print(json.dumps(figures, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
