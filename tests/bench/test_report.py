"""The report of the bench: what falls short is told with its next step."""

from pathlib import Path

import pytest

from tests.bench import report
from tests.bench.figures import Figure, Outcome


def outcome(p50_ms: float) -> Outcome:
    """Of a run that took so long for half of its presses, where 3 ms suffice."""
    idle = Figure(name="p50", value=p50_ms, unit="ms", floor=1, target=3, target_says="<= 3 x")
    rate = Figure(
        name="rate", value=1200, unit="/s", target=1000, target_says=">= 1,000", more_is_better=True
    )
    return Outcome(figures=[idle, rate], latencies_ms={"idle": [p50_ms]})


def kept(folder: Path, monkeypatch: pytest.MonkeyPatch, **p50_ms: float) -> Path:
    """The page of such runs, by database."""
    page = folder / "performance.md"
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr(report, "KEPT", folder / "performance")
    steps = folder / "next-steps.toml"
    steps.write_text('p50 = "fewer statements"\n', encoding="utf-8")
    monkeypatch.setattr(report, "NEXT_STEPS", steps)
    for database, value in p50_ms.items():
        report.keep(outcome(value), database, {"cores": "2"}, folder / "build", write_page=True)
    return page


def test_what_falls_short_is_one_line_with_both_databases_and_its_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = kept(tmp_path, monkeypatch, postgresql=5.5, sqlite=3.5).read_text(encoding="utf-8")
    assert (
        "- **p50**: asked <= 3 x; SQLite 3.5 ms (3.5 x), PostgreSQL 5.5 ms (5.5 x)."
        " Next step: fewer statements.\n" in text
    )
    assert "**rate**" not in text
    assert text.index("## On SQLite") < text.index("## On PostgreSQL")
    assert "| p50 | 5.5 ms | <= 3 x | 1.00 | 5.5 x | short |" in text
    assert "![Press to centre, ms, by percentile](performance/latency-sqlite.svg)" in text


def test_a_step_that_nobody_wrote_is_said_and_nothing_short_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "## What falls short\nNothing.\n" in kept(tmp_path, monkeypatch, sqlite=2.5).read_text()
    kept(tmp_path, monkeypatch, sqlite=4)
    said = f"asked <= 3 x; SQLite 4 ms (4.0 x). Next step: {report.NO_STEP}."
    assert said in report.page(report.kept(), {})


def test_every_shortfall_in_the_manual_has_its_next_step() -> None:
    page = report.page(report.kept(), report.next_steps())
    assert report.NO_STEP not in page
    assert report.PAGE.read_text(encoding="utf-8") == page


def test_no_next_step_is_of_a_figure_that_nobody_takes() -> None:
    names = {one["name"] for record in report.kept() for one in record["figures"]}
    assert report.next_steps().keys() <= names
