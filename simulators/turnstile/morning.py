"""How pupils come to school in the morning: a bell of arrivals before the bell."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from simulators.acts import Act, Deed, Denial

PEAK_BEFORE_BELL_S = 12 * 60.0
SPREAD_S = 6 * 60.0
EARLIEST_S = -45 * 60.0
LATEST_S = 20 * 60.0
UNKNOWN_CARD = "9999999999"


@dataclass(frozen=True, slots=True)
class Habits:
    """How often in a thousand a pupil does not simply walk in."""

    swipes_twice: int = 8
    forgot_card: int = 4
    turned_away: int = 2
    did_not_walk: int = 5


def arrivals(pupils: int, dice: random.Random) -> list[float]:
    """Draw when each pupil comes, in seconds from the bell (before it: negative), sorted."""
    drawn = (dice.gauss(-PEAK_BEFORE_BELL_S, SPREAD_S) for _ in range(pupils))
    return sorted(min(max(at_s, EARLIEST_S), LATEST_S) for at_s in drawn)


def passages(
    pupils: int, first_card: int, dice: random.Random, habits: Habits | None = None
) -> Iterator[tuple[float, Act]]:
    """Tell, in order, what each card does at the turnstile, and when from the bell."""
    usual = habits or Habits()
    for number, at_s in enumerate(arrivals(pupils, dice)):
        card = str(first_card + number)
        throw = dice.randrange(1000)
        if throw < usual.forgot_card:
            yield at_s, Act(deed=Deed.CARD, card=UNKNOWN_CARD)
            continue
        if throw < usual.forgot_card + usual.turned_away:
            yield at_s, Act(deed=Deed.DENY, card=card, reason=Denial.OTHER)
        taken = throw < 1000 - usual.did_not_walk
        yield at_s, Act(deed=Deed.CARD, card=card, taken=taken)
        if dice.randrange(1000) < usual.swipes_twice:
            yield at_s, Act(deed=Deed.CARD, card=card)
