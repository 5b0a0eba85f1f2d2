"""What was found: a table on the screen, JSON and SVG beside it, and the page of the manual.

The JSON is what is kept; the page is made of it, so that a next step can be written afterwards.
"""

import json
import os
import platform
import sqlite3
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

from tests.bench import plots
from tests.bench.figures import Figure, Outcome
from tests.harness import programs, revision

PAGE = revision.ROOT / "docs" / "reference" / "performance.md"
KEPT = PAGE.with_suffix("")
NEXT_STEPS = KEPT / "next-steps.toml"
NO_STEP = "not yet looked into"
_TEMPLATE = Path(__file__).with_name("performance.md.template")
_HEADS = ("figure", "value", "target", "floor", "ratio", "")
_TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def show(found: Sequence[Figure]) -> None:
    """Print the table."""
    rows = [_HEADS, *(_cells(figure) for figure in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        print("  ".join(cells).rstrip())


def keep(
    found: Outcome, database: str, machine: Mapping[str, str], folder: Path, *, write_page: bool
) -> None:
    """Write JSON and plots into the folder; where it was a whole run, into the manual as well."""
    drawn = _drawn(found, database)
    record = {
        "database": database,
        "machine": machine,
        "figures": [_plain(one) for one in found.figures],
        "plots": [plot for plot in plots.TITLES if f"{plot}-{database}.svg" in drawn],
    }
    drawn[f"{database}.json"] = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    latencies = json.dumps(found.latencies_ms) + "\n"
    for place in (folder, KEPT) if write_page else (folder,):
        place.mkdir(parents=True, exist_ok=True)
        for name, text in drawn.items():
            (place / name).write_text(text, encoding="utf-8")
    (folder / f"latencies-{database}.json").write_text(latencies, encoding="utf-8")
    if write_page:
        write()


def write() -> None:
    """Write the page from what is kept."""
    PAGE.write_text(page(kept(), next_steps()), encoding="utf-8")


def kept() -> list[dict[str, Any]]:
    """The last whole run on each database, as `keep` wrote it."""
    paths = [KEPT / f"{database}.json" for database in _TITLES]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]


def next_steps() -> dict[str, str]:
    """What would mend a figure that falls short, by the figure's name."""
    return dict(tomllib.loads(NEXT_STEPS.read_text(encoding="utf-8")))


def page(records: Sequence[Mapping[str, Any]], steps: Mapping[str, str]) -> str:
    """The page of the manual."""
    template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    short = "\n".join(_shortfalls(records, steps)) or "Nothing."
    sections = "\n".join(map(_section, records)).rstrip()
    return template.substitute(short=short, sections=sections)


def _shortfalls(records: Sequence[Mapping[str, Any]], steps: Mapping[str, str]) -> list[str]:
    """One line for each figure, whichever database it falls short on."""
    told: dict[str, dict[str, Figure]] = {}
    for record in records:
        for figure in map(_figure, record["figures"]):
            if figure.is_met is False:
                told.setdefault(figure.name, {})[_TITLES[record["database"]]] = figure
    return [
        f"- **{name}**: asked {_asked(next(iter(found.values())))}; "
        + ", ".join(f"{where} {_beside_floor(figure)}" for where, figure in found.items())
        + f". Next step: {steps.get(name, NO_STEP)}."
        for name, found in told.items()
    ]


def _asked(figure: Figure) -> str:
    """With the unit, where the words do not name what it is held against."""
    is_bare = figure.target_says[-1:].isdigit() and "/" not in figure.target_says
    return f"{figure.target_says} {figure.unit}".rstrip() if is_bare else figure.target_says


def _section(record: Mapping[str, Any]) -> str:
    database = record["database"]
    figures = [_figure(one) for one in record["figures"]]
    facts = "; ".join(f"{name} {value}" for name, value in record["machine"].items())
    return "\n".join(
        [
            f"## On {_TITLES[database]}",
            "",
            f"`python -m tests.bench --database {database}` on {facts}.",
            "",
            f"| {' | '.join(_HEADS)} |",
            "|---|--:|--:|--:|--:|---|",
            *(f"| {' | '.join(_cells(one))} |" for one in figures),
            "",
            f"The same as [JSON](performance/{database}.json).",
            "",
            *(
                f"![{plots.TITLES[plot]}](performance/{plot}-{database}.svg)"
                for plot in record["plots"]
            ),
            "",
        ]
    )


def _plain(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "floor": figure.floor,
        "target": figure.target,
        "target_says": figure.target_says,
        "more_is_better": figure.more_is_better,
        "is_met": figure.is_met,
    }


def _figure(plain: Mapping[str, Any]) -> Figure:
    """As it was written; what an older version did not write is not made up."""
    names = ("name", "value", "unit", "floor", "target", "target_says", "more_is_better")
    return Figure(**{name: plain[name] for name in names})


def _drawn(found: Outcome, database: str) -> dict[str, str]:
    """The plots of which there is anything to see, by file."""
    drawn = {f"latency-{database}.svg": plots.latencies(found.latencies_ms)}
    for plot, title in plots.TITLES.items():
        if curves := found.curves.get(plot):
            drawn[f"{plot}-{database}.svg"] = plots.lines(title, curves)
    return drawn


def _cells(figure: Figure) -> tuple[str, ...]:
    floor = "" if figure.floor is None else f"{figure.floor:.2f}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.1f} x"
    return figure.name, figure.measured, figure.target_says, floor, ratio, figure.verdict


def _beside_floor(figure: Figure) -> str:
    return figure.measured + ("" if figure.ratio is None else f" ({figure.ratio:.1f} x)")


def machine(commit: str) -> dict[str, str]:
    """What a reader must know to compare, at the end of a run begun at that commit."""
    broker = subprocess.run(
        [programs.find("mosquitto"), "-h"], capture_output=True, text=True, check=False
    ).stdout.partition("\n")[0]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "cores": str(os.cpu_count()),
        "Linux": platform.machine(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "broker": broker,
        "load average at the end": f"{os.getloadavg()[0]:.1f}",
    }
