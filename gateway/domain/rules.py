"""Rules: which event raises an alarm, and its priority. Data with defaults.

A P0 obeys none, and none makes an alarm of the canary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from gateway.domain import proof
from gateway.domain.event import Event
from gateway.domain.kind import Kind, Priority
from gateway.domain.site import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The first rule that fits an event decides its priority."""

    kinds: tuple[str, ...]
    priority: Priority | None
    """None: no alarm."""
    sites: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    count: int = 1
    """So many of one device and kind …"""
    within: timedelta = timedelta(seconds=60)
    """… in so long a time raise one alarm."""


DEFAULTS: tuple[Rule, ...] = (
    Rule(kinds=("passage.denied",), priority=Priority.P3, count=5, within=timedelta(seconds=60)),
)


class Rulebook:
    """Every rule, in order; which of them concern a kind is found once."""

    def __init__(self, rules: Sequence[Rule] = DEFAULTS) -> None:
        self._rules = tuple(rules)
        self._by_kind: dict[str, tuple[Rule, ...]] = {}

    def fitting(self, event: Event, kind: Kind) -> Rule | None:
        """The first rule for what that event means, where it is; None: the kind's own priority."""
        if kind.raises is Priority.P0 or kind.name == proof.KIND:
            return None
        of_kind = self._by_kind.get(kind.name)
        if of_kind is None:
            of_kind = self._by_kind[kind.name] = tuple(
                rule
                for rule in self._rules
                if any(fnmatchcase(kind.name, pattern) for pattern in rule.kinds)
            )
        return next((rule for rule in of_kind if _fits(rule, event.place)), None)


def _fits(rule: Rule, place: Place) -> bool:
    site = place.site
    return (not rule.sites or (site is not None and site.id in rule.sites)) and (
        not rule.districts or place.district in rule.districts
    )
