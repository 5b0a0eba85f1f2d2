"""Which series an expression of Prometheus asks for, and what this gateway exports."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway import metrics

_CLAUSE = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_RANGE = re.compile(r"\[[^\]]*\]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"(?<![\w.])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\()?")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_OPERATORS = {"and", "or", "unless", "bool", "offset"}
_ADDED = {"job", "instance"}
"""Labels that Prometheus adds to what it scrapes."""

PROMETHEUS_OWN = {"up", "ALERTS"}
AWAITED: set[str] = set()
"""Asked for before there is anybody who exports them; whoever begins to takes the name off here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A series that an expression asks for, and by which labels."""

    name: str
    labels: frozenset[str]


def asked(expression: str) -> Iterator[Asked]:
    """Every series in an expression."""
    plain = _RANGE.sub("", _CLAUSE.sub("", _STRING.sub('""', expression)))
    for name, more in _WORD.findall(plain):
        if more != "(" and name not in _OPERATORS:
            yield Asked(name, frozenset(_LABEL.findall(more)))


def exported() -> dict[str, set[str]]:
    """Every series of /metrics, with the labels that it may have."""
    found: dict[str, set[str]] = {}
    for collector, names in metrics.REGISTRY._collector_to_names.items():  # noqa: SLF001 - read
        labels = set(getattr(collector, "_labelnames", ())) | _ADDED
        for name in names:
            found[name] = labels | ({"le"} if name.endswith("_bucket") else set())
    for family in metrics.REGISTRY.collect():
        for sample in family.samples:
            found.setdefault(sample.name, {*sample.labels, *_ADDED})
    return found
