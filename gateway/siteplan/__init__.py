"""A school written in one file: read it, compare it with the registry, apply the difference."""

from gateway.siteplan.difference import (
    Difference,
    Move,
    Unsettled,
    WouldMove,
    apply,
    compare,
)
from gateway.siteplan.files import read
from gateway.siteplan.plan import Plan, WrongFile

__all__ = [
    "Difference",
    "Move",
    "Plan",
    "Unsettled",
    "WouldMove",
    "WrongFile",
    "apply",
    "compare",
    "read",
]
