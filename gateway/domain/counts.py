"""Counts: what went into each hop of the road, and what came out of it; nothing may be between."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Hop(StrEnum):
    """A place where something could get lost."""

    HEARD = "heard"
    """From the ear to the store: every signal was stored, folded, or refused and kept."""
    JOURNAL = "journal"
    """From the commit to the chain: every row that was written is there."""
    OWED = "owed"
    """From the notice to its end: every one is settled, waiting, dead, or dropped by its age."""


@dataclass(slots=True, kw_only=True)
class Heard:
    """What one lane heard since this gateway started, and what became of it."""

    heard: int = 0
    results: Counter[str] = field(default_factory=Counter)
    """journalled, repeat, folded, quarantined, check_in; let_go: said again while it waited for a
    late store."""
    under_way: int = 0
    """Heard, and not yet answered."""

    @property
    def difference(self) -> int:
        """0, or somebody was heard and forgotten."""
        return self.heard - self.results.total() - self.under_way


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one gateway wrote of a chain since it started."""

    started_at: int | None
    """The head before its first row; None: it has written nothing yet."""
    rows: int
    under_way: bool
    """Whether rows are being written just now, or were and no answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One chain as the store has it, and what this gateway wrote of it."""

    gateway: str
    lane: str
    first: int
    """The first row that is there; behind the last where there is none."""
    last: int
    """Its head."""
    hash: str
    started_at: int | None = None
    """The head when this gateway started; None: it is another's chain."""
    written: int = 0
    """How many rows this gateway wrote since."""
    under_way: bool = False
    """Whether rows are being written just now."""

    @property
    def difference(self) -> int:
        """0, or rows were written that are not there, or others that we did not write."""
        if self.started_at is None:
            return 0
        found = self.last - self.started_at - self.written
        return 0 if found > 0 and self.under_way else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What one gateway owed one receiver, ever."""

    gateway: str
    receiver: str
    owed: int
    """Notices times routes: each took its number before it was written."""
    settled: int
    waiting: int
    dead: int
    dropped: int
    """Dead letters that nobody sent again, and that grew too old."""

    @property
    def difference(self) -> int:
        """0, or a delivery is gone that nobody settled."""
        return self.owed - self.settled - self.waiting - self.dead - self.dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """All of them, at one time."""

    heard: dict[str, Heard]
    """By lane."""
    chains: tuple[Chain, ...]
    owed: tuple[Owed, ...]

    def mismatch(self, hop: Hop) -> int:
        """By how many the counts of that hop differ."""
        differences = {
            Hop.HEARD: [one.difference for one in self.heard.values()],
            Hop.JOURNAL: [one.difference for one in self.chains],
            Hop.OWED: [one.difference for one in self.owed],
        }
        return sum(map(abs, differences[hop]))

    def findings(self) -> list[str]:
        """A sentence for each difference."""
        return [
            *(
                f"{lane} lane: of {one.heard} signals heard {one.difference} are unaccounted for"
                for lane, one in self.heard.items()
                if one.difference
            ),
            *(
                f"{one.gateway}, {one.lane} lane: the journal ends at {one.last},"
                f" {one.difference:+d} from what this gateway wrote"
                for one in self.chains
                if one.difference
            ),
            *(
                f"{one.gateway} to {one.receiver}: of {one.owed} notices owed"
                f" {one.difference} are unaccounted for"
                for one in self.owed
                if one.difference
            ),
        ]
