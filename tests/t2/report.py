"""The report: what was lost, what was told twice, and how long the worst press took, by fault."""

import json
import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.t2 import audit
from tests.t2.audit import Figures
from tests.t2.faults import Happened
from tests.t2.ledger import Key, Ledger

SHOWN = 30
"""So many of the slowest and of the wrong are shown singly."""
AFTERWARDS_S = 5.0
"""So long after a fault was put right its presses are still counted to it."""
QUIET = "no fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """One kind of fault."""

    kind: str
    times: int
    presses: int
    median_s: float
    worst_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press, or passage, to look for in the logs; times in seconds of the day's clock."""

    device: str
    event: str
    said_at: float
    receipted_at: float | None
    told_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is told of one run."""

    at: str
    machine: str
    minutes: float
    seed: int
    presses: int
    receipted: int
    passages: int
    lost: int
    doubled: int
    unstored: int
    apart: int
    unjournalled: int
    twice: int
    folded: int
    refused: int
    unreceipted: int
    notices: int
    repeats: int
    copies: dict[str, int]
    worst: tuple[Worst, ...]
    faults: tuple[dict[str, Any], ...]
    slowest: tuple[Press, ...]
    wrong: tuple[Press, ...]
    kept: bool


def made(
    ledger: Ledger, found: Figures, faults: Sequence[Happened], minutes: float, seed: int
) -> Report:
    """Of what was counted."""
    return Report(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}",
        minutes=minutes,
        seed=seed,
        presses=found.presses,
        receipted=found.receipted,
        passages=found.passages,
        lost=len(found.lost),
        doubled=len(found.doubled),
        unstored=found.unstored,
        apart=found.apart,
        unjournalled=len(found.unjournalled),
        twice=len(found.twice),
        folded=found.folded,
        refused=len(found.refused),
        unreceipted=found.unreceipted,
        notices=found.notices,
        repeats=found.repeats,
        copies={str(copies): count for copies, count in found.copies.items()},
        worst=tuple(_worst(ledger, found, faults)),
        faults=tuple(asdict(one) for one in faults),
        slowest=_singly(ledger, found, _slowest(ledger, found)),
        wrong=_singly(ledger, found, _wrong(found)),
        kept=found.is_kept,
    )


def keep(report: Report, file: Path) -> None:
    """Write it down for another tool."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")


def lines(report: Report) -> list[str]:
    """For a person."""
    wrong = (
        f"lost {report.lost}, told under two keys {report.doubled}, not in the journal"
        f" {report.unjournalled}, in it twice {report.twice}, refused {report.refused}"
    )
    said = [
        f"{report.presses} presses, {report.receipted} receipted, {report.passages} passages",
        f"{report.unstored} told before they were stored; {report.apart} of them then as a repeat",
        f"{report.folded} passages are only counted, in a flood's row",
        wrong,
        f"{report.notices} notices; {report.repeats} came again under the same key (harmless)",
        f"receipts by copies: {report.copies}",
        "",
        f"{'fault':24}{'times':>6}{'presses':>9}{'median s':>10}{'worst s':>10}",
    ]
    said += [
        f"{one.kind:24}{one.times:>6}{one.presses:>9}{one.median_s:>10.3f}{one.worst_s:>10.3f}"
        for one in report.worst
    ]
    return said


def _slowest(ledger: Ledger, found: Figures) -> list[Key]:
    took = audit.took_s(ledger, found)
    return sorted(took, key=took.__getitem__, reverse=True)


def _wrong(found: Figures) -> list[Key]:
    return [*found.lost, *found.doubled, *found.unjournalled, *found.twice]


def _singly(ledger: Ledger, found: Figures, keys: Sequence[Key]) -> tuple[Press, ...]:
    promised = {**ledger.promised, **ledger.passages_promised}
    said = {**ledger.said, **ledger.passed}
    return tuple(
        Press(
            device=key[0],
            event=key[1],
            said_at=said.get(key, 0.0),
            receipted_at=promised[key].at if key in promised else None,
            told_at=found.told[key].at if key in found.told else None,
        )
        for key in keys[:SHOWN]
    )


def _worst(ledger: Ledger, found: Figures, faults: Sequence[Happened]) -> list[Worst]:
    """From press to centre, by the fault in whose time the press fell."""
    by_kind: dict[str, list[float]] = {QUIET: [], **{one.kind: [] for one in faults}}
    for key, seconds in audit.took_s(ledger, found).items():
        by_kind[_during(ledger.said[key], faults)].append(seconds)
    times = Counter(one.kind for one in faults)
    return [
        Worst(
            kind=kind,
            times=times[kind],
            presses=len(took),
            median_s=round(sorted(took)[len(took) // 2], 3) if took else 0.0,
            worst_s=round(max(took, default=0.0), 3),
        )
        for kind, took in by_kind.items()
    ]


def _during(at: float, faults: Sequence[Happened]) -> str:
    for one in reversed(faults):
        if one.began_at <= at <= one.ended_at + AFTERWARDS_S:
            return one.kind
    return QUIET
