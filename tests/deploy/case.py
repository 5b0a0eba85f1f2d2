"""One trouble as promtool is told of it: its series before, while and after."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A trouble, and when the operator must be told of it and be told that it is over."""

    series: dict[str, str]
    labels: dict[str, str] = field(default_factory=dict)
    """The labels of the alert beside `job` and `instance`."""
    begins: str = "10m"
    within: str
    """How long after the trouble began it fires at the latest."""
    over_within: str = "30s"
    """How long after the trouble ended it is quiet again."""


def steady(calm: str, ill: str) -> str:
    """A gauge that is wrong for twenty minutes."""
    return f"{calm}x119 {ill}x239 {calm}x239"


def rising(per_step: str) -> str:
    """A counter that rises for twenty minutes, and then stands."""
    total = f"{float(per_step) * 239:g}"
    return f"0x119 0+{per_step}x239 {total}x479"
