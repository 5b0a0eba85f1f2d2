"""Gaps: numbers that a device counted and nobody heard, by (boot, seq) on the alarm lane.

A higher number than the next is a gap; a number from within it fills it. Going back, and a new
boot, are no gaps. What is missing is remembered as ranges, so that no jump costs memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

REORDER_S = 2.0
"""Two brokers may overtake each other for so long."""
RANGES = 16
"""So many gaps of one boot are remembered; of more, the oldest are joined."""
BOOTS = 4
"""So many boots of one device: what was kept over a reboot comes late."""

Range = tuple[int, int]
"""From the first number to the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What is missing of one device and boot."""

    device: str
    boot: int
    ranges: tuple[Range, ...]

    @property
    def count(self) -> int:
        """How many numbers."""
        return sum(last - first + 1 for first, last in self.ranges)

    @property
    def text(self) -> str:
        """In one word: boot and numbers."""
        found = ",".join(str(a) if a == b else f"{a}-{b}" for a, b in self.ranges)
        return f"boot_{self.boot}_seq_{found}"


@dataclass(slots=True)
class _Missing:
    """The gaps of one boot, each with the moment it was found."""

    since_s: dict[Range, float] = field(default_factory=dict)
    is_asked: bool = False


class Numbers:
    """How far every device has counted in its latest boots, and what it left out."""

    def __init__(self) -> None:
        self._high: dict[str, dict[int, int]] = {}
        self._missing: dict[tuple[str, int], _Missing] = {}

    def knows(self, device: str, boot: int) -> bool:
        """Whether it was heard to count in that boot."""
        return boot in self._high.get(device, {})

    def note(self, device: str, boot: int, seq: int, now_s: float) -> None:
        """A number was heard."""
        boots = self._high.setdefault(device, {})
        high = boots.get(boot)
        if high is None:
            while len(boots) >= BOOTS:
                del boots[next(iter(boots))]
            boots[boot] = seq
        elif seq <= high:
            self.fill(device, boot, [seq])
        else:
            boots[boot] = seq
            if seq > high + 1:
                self._miss(device, boot, (high + 1, seq - 1), now_s)

    def miss(self, gap: Gap, now_s: float) -> None:
        """Take up what was missing before this life."""
        for one in gap.ranges:
            self._miss(gap.device, gap.boot, one, now_s)

    def fill(self, device: str, boot: int, seqs: Iterable[int]) -> None:
        """These were heard after all."""
        missing = self._missing.get((device, boot))
        if missing is None:
            return
        for seq in seqs:
            for first, last in [one for one in missing.since_s if one[0] <= seq <= one[1]]:
                since_s = missing.since_s.pop((first, last))
                for part in ((first, seq - 1), (seq + 1, last)):
                    if part[0] <= part[1]:
                        missing.since_s[part] = since_s
        if not missing.since_s:
            del self._missing[device, boot]

    def ripe(self, now_s: float) -> list[Gap]:
        """Gaps that two brokers' overtaking no longer explains, and that nobody asked for yet."""
        return [
            Gap(device=device, boot=boot, ranges=tuple(sorted(missing.since_s)))
            for (device, boot), missing in sorted(self._missing.items())
            if not missing.is_asked and min(missing.since_s.values()) <= now_s - REORDER_S
        ]

    def missing(self, gap: Gap) -> Gap | None:
        """What of that gap is still missing."""
        missing = self._missing.get((gap.device, gap.boot))
        if missing is None:
            return None
        ranges = tuple(
            one for one in sorted(missing.since_s) if any(_lies_in(one, old) for old in gap.ranges)
        )
        return Gap(device=gap.device, boot=gap.boot, ranges=ranges) if ranges else None

    def ask(self, gap: Gap) -> None:
        """It was asked for: it is not ripe again until it was given up."""
        missing = self._missing.get((gap.device, gap.boot))
        if missing is not None:
            missing.is_asked = True

    def give_up(self, gap: Gap) -> None:
        """Nobody waits for it any more; what was found since is ripe."""
        missing = self._missing.get((gap.device, gap.boot))
        if missing is None:
            return
        missing.is_asked = False
        for one in [old for old in missing.since_s if any(_lies_in(old, r) for r in gap.ranges)]:
            del missing.since_s[one]
        if not missing.since_s:
            del self._missing[gap.device, gap.boot]

    def forget(self, known: Iterable[str]) -> None:
        """Only these are registered now."""
        devices = set(known)
        for device in [one for one in self._high if one not in devices]:
            del self._high[device]
        for key in [one for one in self._missing if one[0] not in devices]:
            del self._missing[key]

    def _miss(self, device: str, boot: int, one: Range, now_s: float) -> None:
        since_s = self._missing.setdefault((device, boot), _Missing()).since_s
        since_s[one] = now_s
        if len(since_s) > RANGES:
            (first, _), (_, last) = sorted(since_s)[:2]
            since_s[first, last] = min(since_s.pop(old) for old in sorted(since_s)[:2])


def _lies_in(one: Range, other: Range) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]
