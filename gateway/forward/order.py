"""Order: alarms of which something is not in hand; what comes later must wait for it in the store.

It comes back by being claimed: earlier words first, and only once all of them can be claimed.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field

LOST_S = 10.0


@dataclass(slots=True)
class Order:
    """Bounded by what is owed."""

    _to_let_go: dict[int, str] = field(default_factory=dict)
    """What had no room, and is ours in the store still: of which alarm."""
    _turned_away: dict[str, int] = field(default_factory=dict)
    """Of how many words of an alarm the store still says so."""
    _lost_at: dict[str, float] = field(default_factory=dict)
    """When something of an alarm was let go of, or another gateway was found to send it, monotonic;
    forgotten soon, for whatever is born after that sees it in the store."""

    def allows(self, alarm: str, claimed_at: float | None) -> bool:
        """Whether a word about it may be taken in hand: nothing before it can be elsewhere.

        `claimed_at` is when a claim was asked for, monotonic: that brings all that is owed of it,
        in order, unless something changed hands since.
        """
        if claimed_at is not None and self._lost_at.get(alarm, math.inf) < claimed_at:
            del self._lost_at[alarm]
        return alarm not in self._turned_away and alarm not in self._lost_at

    def turn_away(self, alarm: str, number: int) -> None:
        """That word had no room; it is to be let go of."""
        if number not in self._to_let_go:
            self._to_let_go[number] = alarm
            self._turned_away[alarm] = self._turned_away.get(alarm, 0) + 1

    @property
    def alarms(self) -> set[str]:
        """Of which nothing is taken in hand, but by a claim."""
        return self._turned_away.keys() | self._lost_at.keys()

    def to_let_go(self) -> set[int]:
        """What had no room and was not let go of yet."""
        return set(self._to_let_go)

    def let_go(self, numbers: Collection[int], now: float) -> None:
        """The store says that we have those no more."""
        for number in numbers:
            alarm = self._to_let_go.pop(number, None)
            if alarm is None:
                continue
            self._turned_away[alarm] -= 1
            if not self._turned_away[alarm]:
                del self._turned_away[alarm]
                self._lost_at[alarm] = now

    def lose(self, alarms: Collection[str], now: float) -> None:
        """Another gateway sends of those."""
        self._lost_at |= dict.fromkeys(alarms, now)

    def forget(self, now: float) -> None:
        """What was lost long ago is known to the store by now."""
        self._lost_at = {alarm: at for alarm, at in self._lost_at.items() if at > now - LOST_S}
