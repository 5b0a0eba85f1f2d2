"""Words: what is to be said of other gateways and of the store; each once, when it begins or ends.

Pure: what was seen goes in, what is to be said comes out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.store.gateways import Seen
from gateway.store.standbys import Standing

SILENT = timedelta(seconds=12)
"""Four beats were missed."""
LEFT = timedelta(minutes=10)
"""One that was stopped in good order is given so long to come back."""
STORE = "store"
LASTS_LOOKS = 2
"""A condition of the store is told when it was seen so often in a row: a standby reconnects."""


@dataclass(frozen=True, slots=True)
class Word:
    """An event in the gateway's own voice."""

    kind: str
    about: str
    cause: str


def about(gateway: str) -> str:
    """How a gateway is called in events."""
    return f"gateway-{gateway}"


def is_silent(peer: Seen, judged: timedelta) -> bool:
    """Whether it is missed, by one that has watched for so long without a gap."""
    if peer.left is not None:
        return peer.left > LEFT
    return min(peer.age, judged) > SILENT


@dataclass(slots=True)
class Peers:
    """Which gateways are known to be silent."""

    told: set[str] = field(default_factory=set)
    _before: set[str] = field(default_factory=set)
    """Who seemed silent at the last look: twice in a row, or a clock was set between."""

    def judge(self, peers: Iterable[Seen], judged: timedelta) -> list[Word]:
        """What is to be said now. That one is back it says itself."""
        seeming = {one.name: one for one in peers if is_silent(one, judged)}
        silent = {name: one for name, one in seeming.items() if name in self._before}
        self._before = set(seeming)
        new = sorted(silent.keys() - self.told)
        self.told = set(silent)
        return [Word("gateway.silent", about(name), _cause(silent[name])) for name in new]


@dataclass(slots=True)
class Store:
    """What is known of the store, and was told of it."""

    expected: int
    """On how many machines a commit should be, by the settings."""
    told: dict[str, bool] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def judge(self, standing: Standing) -> list[Word]:
        """What is to be said now."""
        machines, missing = standing.pledge.machines, standing.missing
        words: list[Word] = []
        if self.expected > 1 or "store.alone" in self.told:
            is_so = machines < self.expected
            words += self._turn(is_so, "store.alone", "store.joined", f"copies_{machines}")
        if standing.wanted or "store.standby_lost" in self.told:
            is_so = bool(missing) and machines > 1
            cause = "_".join(missing)
            words += self._turn(is_so, "store.standby_lost", "store.standby_back", cause)
        return words

    def forget(self) -> None:
        """Another has spoken meanwhile: how it is now is to be said anew."""
        self.told.clear()

    def _turn(self, is_so: bool, begins: str, ends: str, cause: str) -> Sequence[Word]:  # noqa: FBT001
        """The word for a condition that has turned."""
        self._seen[begins] = self._seen.get(begins, 0) + 1 if is_so else 0
        if is_so and self._seen[begins] < LASTS_LOOKS:
            return ()
        if self.told.get(begins) is is_so:
            return ()
        self.told[begins] = is_so
        return (Word(begins if is_so else ends, STORE, cause[:40] or "whole"),)


def _cause(peer: Seen) -> str:
    return "stopped" if peer.left is not None else "no_sign_of_life"
