"""The frame of the proofs: what is chosen, kept, told; and that nothing outlives a proof."""

import tempfile
import time
from functools import partial
from pathlib import Path

import pytest

from tests.bench.watching import slope
from tests.prove import catalog, keeping, others, report, runner
from tests.prove.found import Found, Loss, Size
from tests.prove.keeping import Kept


def kept(key: str = "kill-sqlite", found: Found | None = None, failed: str = "") -> Kept:
    return Kept(
        key=key,
        says="It is killed",
        size=Size.LONG,
        commit="abc1234",
        at="2026-11-26T06:00Z",
        took_s=12.5,
        machine="2 cores",
        found=found,
        failed=failed,
    )


def found(lost: int = 0) -> Found:
    loss = Loss(harm="kill -9", times=200, presses=4321, lost=lost, doubled=0)
    return Found(losses=[loss], notes=["One note."]).ask("presses lost", lost, at_most=0)


def test_every_proof_has_a_name_of_its_own_and_is_found_by_it() -> None:
    keys = [proof.key for proof in catalog.PROOFS]
    assert len({*keys}) == len(keys)
    assert [proof.key for proof in catalog.chosen(["kill"])] == ["kill-sqlite", "kill-postgresql"]
    assert [proof.key for proof in catalog.chosen(["kill-postgresql"])] == ["kill-postgresql"]
    parts = [proof.key for proof in catalog.chosen(["simulation"])]
    assert parts == [f"simulation-{part:02}" for part in range(1, 11)]
    assert catalog.chosen([]) == [*catalog.PROOFS]
    with pytest.raises(KeyError):
        catalog.chosen(["nothing"])


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    for one in (kept(found=found()), kept("points-sqlite", failed="not done")):
        keeping.save(one, tmp_path)
    assert keeping.load(tmp_path) == [kept(found=found()), kept("points-sqlite", failed="not done")]


def test_a_shortfall_is_told_with_its_next_step_or_that_there_is_none() -> None:
    text = report.page([kept(found=found(lost=2)), kept("t2", failed="NotThere: tests.t2")])
    assert "**kill-sqlite**, presses lost: asked 0, measured 2. Next step: not yet" in text
    assert "**t2** did not come to its end: NotThere: tests.t2." in text
    assert "One note." in text


def test_the_loss_table_stands_between_its_marks_and_only_there() -> None:
    page = f"before\n{report.BEGIN}\nstale row\n{report.END}\nafter\n"
    text = report.with_table(page, [kept(found=found())])
    assert text.startswith(f"before\n{report.BEGIN}\n| what was done")
    assert "| kill -9 (SQLite) | 200 | 4,321 | 0 | 0 |" in text
    assert text.endswith(f"{report.END}\nafter\n")
    assert "stale row" not in text
    assert report.with_table(text, [kept(found=found())]) == text


def test_the_readmes_loss_table_is_the_last_reports() -> None:
    last = report.in_order(keeping.load(keeping.REFERENCE))
    text = report.README.read_text(encoding="utf-8")
    assert report.with_table(text, last) == text, "python -m tests.prove --report"


def test_the_page_of_the_manual_is_the_last_reports() -> None:
    last = report.in_order(keeping.load(keeping.REFERENCE))
    stale = "python -m tests.prove --report"
    assert report.PAGE.read_text(encoding="utf-8") == report.page(last), stale


def test_what_two_gateways_found_is_told_by_the_kind_of_fault() -> None:
    counts = dict.fromkeys(("lost", "unjournalled", "twice", "refused", "unreceipted"), 0)
    worst = {"kind": "primary killed", "times": 3, "presses": 9, "median_s": 0.1, "worst_s": 2.5}
    told = counts | {
        "presses": 90,
        "receipted": 88,
        "passages": 900,
        "notices": 91,
        "repeats": 4,
        "doubled": 1,
        "copies": {"2": 80, "1": 8},
        "worst": [worst],
        "faults": [{}, {}],
    }
    taken = others.of_two_gateways(told)
    assert [one.name for one in taken.short_of] == ["presses under two keys"]
    assert taken.figures[-1].name == "press to centre, worst: primary killed, 3 times"
    (loss,) = taken.losses
    assert (loss.times, loss.presses, loss.doubled) == (2, 88, 1)


def test_the_parts_of_the_simulation_are_all_its_seeds_and_none_twice() -> None:
    parts = [proof.prove for proof in catalog.chosen(["simulation"])]
    asked = [part.keywords for part in parts if isinstance(part, partial)]
    seeds = [seed for one in asked for seed in range(one["first"], one["first"] + one["seeds"])]
    assert seeds == [*range(1, 100_001)]


def test_a_simulated_world_that_broke_a_promise_is_named() -> None:
    told = {
        "seeds": 3,
        "first": 7,
        "presses": 600,
        "receipted": 599,
        "twice": 1,
        "faults": {"broker_lost": 2, "lossy": 3},
        "kills": {"posting": 1},
        "broken": [8],
    }
    taken = others.of_simulation(told)
    assert [one.name for one in taken.short_of] == ["worlds that broke a promise"]
    assert taken.notes == ["seed 8 broke a promise"]
    assert {one.name: one.value for one in taken.figures}["faults"] == 5


def test_the_line_that_fits_best_has_the_slope_of_what_lies_on_it() -> None:
    assert slope([(x, 3 * x + 7) for x in range(20)]) == pytest.approx(3)
    assert slope([(x, 5 + (-1) ** x) for x in range(1000)]) == pytest.approx(0, abs=0.001)
    assert slope([(1, 1)]) == 0


@pytest.mark.servers
def test_a_proof_whose_time_is_over_ends_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # other proofs may run beside it
    (proof,) = catalog.chosen(["kill-sqlite"])
    began = time.monotonic()
    with pytest.raises(runner.NotProven, match="not done within"):
        runner.run(proof, Size.SHORT, within_s=6)
    assert time.monotonic() - began < 60
    limit = time.monotonic() + 10  # the kernel ends a namespace in its own time
    while (left := _left(tmp_path)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not left


def _left(folder: Path) -> list[list[str]]:
    found = [_words(path) for path in Path("/proc").glob("[0-9]*/cmdline")]
    return [words for words in found if any(str(folder) in word for word in words)]


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").split("\0")
    except OSError:
        return []
