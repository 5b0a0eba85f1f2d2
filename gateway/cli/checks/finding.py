"""A finding: one line of `dabyl check`."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How good it is."""

    OK = "ok"
    WEAK = "weak"
    """It works, and something about it is worth knowing."""
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, how good it is, and what to do where it is not."""

    verdict: Verdict
    what: str
    why: str = ""


def ok(what: str, why: str = "") -> Finding:
    """All is well."""
    return Finding(verdict=Verdict.OK, what=what, why=why)


def weak(what: str, why: str) -> Finding:
    """It works, but."""
    return Finding(verdict=Verdict.WEAK, what=what, why=why)


def wrong(what: str, why: str) -> Finding:
    """It does not work, or will not when it matters."""
    return Finding(verdict=Verdict.WRONG, what=what, why=why)
