"""Figures: what was measured, what it is held against, and whether that suffices."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

_ROUND: Final = 100
"""From here on nobody reads the digits behind the point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    """The same work done by the least code that can do it, in the same run."""
    target: float | None = None
    target_says: str = ""
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        return self.value / self.floor if self.floor else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.more_is_better else self.value <= self.target

    @property
    def measured(self) -> str:
        """The value as a reader takes it in, with its unit."""
        is_round = abs(self.value) >= _ROUND or self.value == int(self.value)
        number = f"{self.value:,.0f}" if is_round else f"{self.value:.3g}"
        return f"{number} {self.unit}".rstrip()

    @property
    def verdict(self) -> str:
        """`ok`, `short`, or nothing where there is no target."""
        return {True: "ok", False: "short", None: ""}[self.is_met]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a plot."""

    name: str
    points: list[tuple[float, float]]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What one scenario found."""

    figures: list[Figure] = field(default_factory=list)
    latencies_ms: dict[str, list[float]] = field(default_factory=dict)
    curves: dict[str, list[Curve]] = field(default_factory=dict)
    """By the plot they belong to (tests/bench/plots.py)."""

    def add(self, other: "Outcome") -> None:
        """What another scenario found as well."""
        self.figures += other.figures
        self.latencies_ms |= other.latencies_ms
        for plot, curves in other.curves.items():
            self.curves.setdefault(plot, []).extend(curves)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed; NaN of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))]


def shares(values: Sequence[float]) -> tuple[float, float, float]:
    """p50, p95, p99."""
    return percentile(values, 0.5), percentile(values, 0.95), percentile(values, 0.99)
