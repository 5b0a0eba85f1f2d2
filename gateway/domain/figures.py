"""Figures: how quickly alarms were taken, how many came to each person, what was false or silent.

Counts come in, shares and rates go out. Only real alarms count: a test proves nothing here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from gateway.domain.event import Affected
from gateway.domain.period import Period
from gateway.domain.shift import Shift

SLOT = timedelta(minutes=10)
"""Alarms are counted by ten minutes. Source: EEMUA 191, ANSI/ISA-18.2 clause 16."""
MANAGEABLE = 1.0
"""Alarms per operator in ten minutes that a person can deal with, over a long time."""
FLOOD = 10.0
"""More than this per operator in ten minutes is a flood: nobody reads them any more."""
LONGEST_SHIFT = timedelta(hours=24)
"""Whoever forgot to end a shift is not counted on duty for longer."""
TAKEN_WITHIN_S = 600
"""What is taken later than this counts as not taken: ten times the time that was allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A share of alarms that is to be taken within a time."""

    within_s: int
    share: float


GOALS = (Goal(within_s=30, share=0.8), Goal(within_s=60, share=0.985))
JUDGED_AFTER = timedelta(seconds=60)
"""An alarm that is younger has not missed the last goal yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """How long alarms of one priority waited until somebody took them."""

    raised: int
    after_s: Mapping[int, int] = field(default_factory=dict)
    """How many were taken within so many seconds, and not a second earlier."""

    @property
    def taken(self) -> int:
        """How many anybody took in time to count."""
        return sum(self.after_s.values())

    def within(self, seconds: int) -> int:
        """How many were taken within that time."""
        return sum(count for after, count in self.after_s.items() if after <= seconds)

    def share(self, seconds: int) -> float | None:
        """Which share of all that were raised; None: there was none."""
        return self.within(seconds) / self.raised if self.raised else None

    def meets(self, goal: Goal) -> bool | None:
        """Whether that goal is reached; None: there was nothing to reach it with."""
        share = self.share(goal.within_s)
        return None if share is None else share >= goal.share

    def slowest_s(self, share: float) -> int | None:
        """Within how many seconds that share of all was taken; None: so many never were."""
        wanted, taken = ceil(self.raised * share), 0
        for after in sorted(self.after_s):
            taken += self.after_s[after]
            if taken >= wanted > 0:
                return after
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Ten minutes: how many alarms asked for a person, and how many people were on duty."""

    since: datetime
    alarms: int
    operators: int

    @property
    def each(self) -> float:
        """Alarms per operator. Where nobody was on duty all of them were somebody's: one's."""
        return self.alarms / max(1, self.operators)

    @property
    def is_flood(self) -> bool:
        """Whether it was more than anybody can read."""
        return self.each > FLOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came to each person over a stretch of time."""

    since: datetime
    alarms: int
    average: float
    """Alarms per operator in ten minutes."""
    worst: float
    floods: int
    """How many of the ten minutes were a flood."""
    unmanned: int
    """How many had an alarm and nobody on duty, by the shifts that were begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A time in which devices of a district were silent; `ended_at` None: they still are."""

    district: str
    began_at: datetime
    ended_at: datetime | None
    devices: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """How silent a district's devices were."""

    district: str
    devices: int
    now: int
    """How many are silent now."""
    times: int
    """How often any fell silent."""
    silent: timedelta
    """All their silences together."""

    def on_average(self, length: timedelta) -> float:
        """How many were silent at any moment of so long a period."""
        return self.silent / length if length else 0.0

    def heard(self, length: timedelta) -> float | None:
        """The share of all the devices' time in which they were heard; None: there are none."""
        if not self.devices or not length:
            return None
        return max(0.0, 1 - self.silent / (length * self.devices))


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarms:
    """A site's false alarms, of all that it raised."""

    site: str
    false: int
    raised: int


def slots(period: Period, counts: Mapping[int, int], shifts: Sequence[Shift]) -> list[Slot]:
    """Every ten minutes of a period. `counts` by their number since its beginning."""
    number = -(-period.length // SLOT)
    on_duty = _on_duty(period, number, shifts)
    return [
        Slot(
            since=period.since + place * SLOT,
            alarms=counts.get(place, 0),
            operators=len(on_duty[place]),
        )
        for place in range(number)
    ]


def load(found: Sequence[Slot]) -> Load | None:
    """Those ten minutes together; None: there are none."""
    if not found:
        return None
    each = [slot.each for slot in found]
    return Load(
        since=found[0].since,
        alarms=sum(slot.alarms for slot in found),
        average=sum(each) / len(each),
        worst=max(each),
        floods=sum(slot.is_flood for slot in found),
        unmanned=sum(bool(slot.alarms) and not slot.operators for slot in found),
    )


def loads(found: Sequence[Slot], pieces: Iterable[Period]) -> list[Load]:
    """The same for each of those pieces of the period."""
    together = []
    for piece in pieces:
        own = load([slot for slot in found if piece.since <= slot.since < piece.until])
        if own is not None:
            together.append(own)
    return together


def clipped(silence: Silence, period: Period) -> timedelta:
    """How long that silence lasted within the period, counted once for each device."""
    end = period.until if silence.ended_at is None else min(silence.ended_at, period.until)
    return max(timedelta(), end - max(silence.began_at, period.since)) * silence.devices


def concerned(affected: Affected | None) -> int:
    """How many devices an alarm of silence is about."""
    return 1 if affected is None else max(1, affected.devices)


def _on_duty(period: Period, number: int, shifts: Sequence[Shift]) -> list[set[str]]:
    found: list[set[str]] = [set() for _ in range(number)]
    for shift in shifts:
        begin = max(shift.began_at, period.since)
        ended_at = min(shift.ended_at or period.until, shift.began_at + LONGEST_SHIFT)
        end = min(ended_at, period.until)
        if begin >= end:
            continue
        first, last = (begin - period.since) // SLOT, -((period.since - end) // SLOT)
        for place in range(first, min(last, number)):
            found[place].add(shift.person)
    return found
