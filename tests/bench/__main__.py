"""`make bench`: the floor and the product in one run, side by side."""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import floor, report
from tests.bench.figures import Figure, Outcome
from tests.bench.floor import Floor
from tests.bench.rig import Rig, standing
from tests.bench.scenarios import SCENARIOS
from tests.harness import revision
from tests.harness.postgres import Postgres

DATABASES = ("sqlite", "postgresql")
FLOOR_TIMES = 200
RESULTS = Path("build/bench")


async def run(database: str, folder: Path, arguments: argparse.Namespace) -> Outcome:
    """The floor, every wanted scenario, and the floor again: a machine drifts by the minute."""
    whole = Outcome()
    async with standing(folder, database) as rig:
        before = await _floor(rig, arguments)
        for name, scenario in SCENARIOS.items():
            if name not in (arguments.only or SCENARIOS):
                continue
            print(f"{name} …", flush=True)
            found = await scenario(rig, before, quick=arguments.quick)
            whole.add(found)
        after = await _floor(rig, arguments)
    whole.figures = [*_floor_lines(before, after), *whole.figures]
    return whole


async def _floor(rig: Rig, arguments: argparse.Namespace) -> Floor:
    print("floor …", flush=True)
    times = FLOOR_TIMES // (4 if arguments.quick else 1)
    return await floor.measure(rig.broker.port, rig.centre, rig.database, times)


def _floor_lines(before: Floor, after: Floor) -> Iterator[Figure]:
    yield Figure(name="floor: one hop through the broker, p50", value=before.hop_ms, unit="ms")
    yield Figure(name="floor: one durable commit, p50", value=before.commit_ms, unit="ms")
    yield Figure(name="floor: one way of a POST, p50", value=before.post_ms, unit="ms")
    yield Figure(name="floor of a press, before", value=before.press_ms, unit="ms")
    yield Figure(name="floor of a press, after", value=after.press_ms, unit="ms")


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'dabyl.db'}"
        return
    server = Postgres(settings=())
    try:
        server.start()
        yield server.new_database()
    finally:
        server.remove()


def main() -> None:
    """Read the arguments, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--database", action="append", choices=DATABASES, help="default: both")
    parser.add_argument("--quick", action="store_true", help="a fifth of everything")
    parser.add_argument("--only", action="append", choices=[*SCENARIOS], help="may be repeated")
    parser.add_argument("--folder", type=Path, help="where the database lies (default: a new one)")
    parser.add_argument("--no-page", action="store_true", help="do not write docs/reference")
    parser.add_argument("--report", action="store_true", help="only write the page anew")
    arguments = parser.parse_args()
    if arguments.report:
        report.write()
        return
    for database in arguments.database or DATABASES:
        print(f"on {database}", flush=True)
        _measure(database, arguments)


def _measure(kind: str, arguments: argparse.Namespace) -> None:
    commit = revision.commit()  # before: hours may pass, and another commit
    with tempfile.TemporaryDirectory(prefix="dabyl-bench-", dir=arguments.folder) as name:
        folder = Path(name)
        with _database(kind, folder) as url:
            found = asyncio.run(run(url, folder, arguments))
    report.show(found.figures)
    whole = not (arguments.quick or arguments.only or arguments.no_page)
    report.keep(found, kind, report.machine(commit), RESULTS, write_page=whole)


if __name__ == "__main__":
    main()
