"""What was found: a table on the screen, JSON and SVG beside it, and the page of the manual."""

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from tests.bench import plots
from tests.bench.figures import Figure, Outcome
from tests.harness import programs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "performance.md"
_TEMPLATE = Path(__file__).with_name("performance.md.template")
_HEADS = ("figure", "value", "target", "floor", "ratio", "")


def show(found: Sequence[Figure]) -> None:
    """Print the table."""
    rows = [_HEADS, *(_cells(figure) for figure in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        print("  ".join(cells).rstrip())


def keep(found: Outcome, database: str, folder: Path, *, write_page: bool) -> None:
    """Write JSON and plots into the folder; where it was a whole run, into the manual as well."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = _machine()
    figures = [
        {
            "name": one.name,
            "value": one.value,
            "unit": one.unit,
            "floor": one.floor,
            "target": one.target,
            "is_met": one.is_met,
        }
        for one in found.figures
    ]
    drawn = _drawn(found, database)
    whole = {"database": database, "machine": machine, "figures": figures}
    drawn[f"{database}.json"] = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
    for name, text in drawn.items():
        (folder / name).write_text(text)
    latencies = json.dumps(found.latencies_ms) + "\n"
    (folder / f"latencies-{database}.json").write_text(latencies)
    if write_page:
        _write_page(found, database, machine, drawn)


def _drawn(found: Outcome, database: str) -> dict[str, str]:
    """The plots of which there is anything to see, by file."""
    drawn = {f"latency-{database}.svg": plots.latencies(found.latencies_ms)}
    for plot, title in plots.TITLES.items():
        if curves := found.curves.get(plot):
            drawn[f"{plot}-{database}.svg"] = plots.lines(title, curves)
    return drawn


def _write_page(
    found: Outcome, database: str, machine: dict[str, str], drawn: dict[str, str]
) -> None:
    """The page holds one section for each database; the others' sections stay as they are."""
    pictures = PAGE.parent / "performance"
    pictures.mkdir(parents=True, exist_ok=True)
    for name, text in drawn.items():
        (pictures / name).write_text(text)
    (pictures / f"{database}.md").write_text(_section(found, database, machine))
    sections = [path.read_text() for path in sorted(pictures.glob("*.md"), reverse=True)]
    page = Template(_TEMPLATE.read_text()).substitute(sections="\n".join(sections).rstrip())
    PAGE.write_text(page)


def _section(found: Outcome, database: str, machine: dict[str, str]) -> str:
    title = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database]
    rows = [" | ".join(_cells(figure)) for figure in found.figures]
    facts = "; ".join(f"{name} {value}" for name, value in machine.items())
    short = [one.name for one in found.figures if one.is_met is False]
    told = "; ".join(short) if short else "nothing"
    return "\n".join(
        [
            f"## On {title}",
            "",
            f"`python -m tests.bench --database {database}` on {facts}.",
            "",
            f"**Short of its target in this run: {told}.**",
            "",
            f"| {' | '.join(_HEADS)} |",
            "|---|--:|--:|--:|--:|---|",
            *(f"| {row} |" for row in rows),
            "",
            f"The same as [JSON](performance/{database}.json).",
            "",
            *(
                f"![{plots.TITLES[plot]}](performance/{plot}-{database}.svg)"
                for plot in plots.TITLES
                if plot == "latency" or plot in found.curves
            ),
            "",
        ]
    )


def _cells(figure: Figure) -> tuple[str, ...]:
    floor = "" if figure.floor is None else f"{figure.floor:.2f}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.1f} x"
    value = f"{_number(figure.value)} {figure.unit}".rstrip()
    return figure.name, value, figure.target_says, floor, ratio, figure.verdict


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _machine() -> dict[str, str]:
    """What a reader must know to compare; no name of the machine."""
    broker = subprocess.run(
        [programs.find("mosquitto"), "-h"], capture_output=True, text=True, check=False
    ).stdout.partition("\n")[0]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": str(os.cpu_count()),
        "Linux": platform.machine(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "broker": broker,
        "load average at the end": f"{os.getloadavg()[0]:.1f}",
    }
