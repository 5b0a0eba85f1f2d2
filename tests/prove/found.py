"""The nouns of a proof: the ground it stands on, what it found, and what it asks of that."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from tests.bench.figures import Figure
from tests.harness.postgres import Postgres


class Size(StrEnum):
    """`make prove` runs the long form, `make test` the short one."""

    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a proof works: its folder, its database, how much it shall do."""

    folder: Path
    size: Size
    database: str = "sqlite"
    """`sqlite`, or the URL of an empty PostgreSQL database."""
    cluster: Postgres | None = None
    """The server of that database, where the proof may kill it."""
    say: Callable[[str], None] = print
    """Progress, for whoever looks on."""

    def pick(self, *, short: int, long: int) -> int:
        """How much, by size."""
        return short if self.size is Size.SHORT else long


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One line of the loss table: what was done, how often, and what it cost."""

    harm: str
    times: int
    presses: int
    """With a receipt."""
    lost: int
    """Receipted presses that no notice names."""
    doubled: int
    """Presses named under two idempotency keys."""


@dataclass(slots=True, kw_only=True)
class Found:
    """What a proof measured."""

    figures: list[Figure] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Sentences that a reader of the figures needs."""

    def ask(self, name: str, value: float, unit: str = "", *, at_most: float | None = None) -> Self:
        """Add a figure, and what is asked of it."""
        says = "" if at_most is None else _asked(at_most, unit)
        self.figures.append(
            Figure(name=name, value=value, unit=unit, target=at_most, target_says=says)
        )
        return self

    def ask_for(self, name: str, value: float, unit: str = "", *, at_least: float) -> Self:
        """Add a figure of which more is better."""
        self.figures.append(
            Figure(
                name=name,
                value=value,
                unit=unit,
                target=at_least,
                target_says=f">= {at_least:,g} {unit}".strip(),
                more_is_better=True,
            )
        )
        return self

    @property
    def short_of(self) -> list[Figure]:
        """The figures that fall short."""
        return [one for one in self.figures if one.is_met is False]

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        figures = [{**asdict(one), "verdict": one.verdict} for one in self.figures]
        losses = [asdict(one) for one in self.losses]
        return {"figures": figures, "losses": losses, "notes": self.notes}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Self:
        """Back from JSON."""
        figures = [
            Figure(**{key: value for key, value in one.items() if key != "verdict"})
            for one in plain["figures"]
        ]
        losses = [Loss(**one) for one in plain["losses"]]
        return cls(figures=figures, losses=losses, notes=[*plain["notes"]])


def _asked(at_most: float, unit: str) -> str:
    return "0" if at_most == 0 else f"<= {at_most:,g} {unit}".strip()
