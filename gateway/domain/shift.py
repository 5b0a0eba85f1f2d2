"""Shifts: who is on duty, and how one person hands over to the next. Pure: before, and after.

A hand-over is an offer until the other one takes it: whoever offers stays on duty until then, so
that at no moment each believes that the other has it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec.structs import replace as changed

from gateway.domain import steps
from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change
from gateway.domain.errors import Claimed, Incomplete, NotYours, StepRefused
from gateway.domain.operator import May, Operator
from gateway.domain.steps import By

OPEN_LIMIT = 500
"""So many open alarms are written into a hand-over, the gravest first; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The time in which a person is on duty."""

    id: str
    person: str
    districts: tuple[str, ...] = ()
    """Empty: every district."""
    began_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    """Who ended it; another than the person where a supervisor did."""

    def is_seen_by(self, operator: Operator) -> bool:
        """Whether it concerns any district of theirs."""
        mine = operator.districts
        return not mine or not self.districts or not mine.isdisjoint(self.districts)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """An alarm as it stood open when somebody handed over."""

    id: str
    kind: str
    priority: int
    state: str
    test: bool
    site: str | None
    zone: str | None
    district: str | None
    device: str
    raised_at: datetime
    claimed_by: str | None
    responded: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What one person leaves to the next: open alarms as they stood, and a note."""

    id: str
    shift: str
    giver: str
    taker: str | None = None
    """Whom it is meant for; None: whoever comes."""
    districts: tuple[str, ...] = ()
    at: datetime
    note: str = ""
    open: tuple[OpenAlarm, ...] = ()
    """At most OPEN_LIMIT of them; of the others only their number is known."""
    open_count: int = 0
    taken_at: datetime | None = None
    taken_by: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def is_offered(self) -> bool:
        """Whether it waits for somebody to take it."""
        return self.taken_at is None and self.withdrawn_at is None

    def is_seen_by(self, operator: Operator) -> bool:
        """By those two, and by whoever sees all that it is about."""
        names = {self.giver, self.taker, self.taken_by}
        return operator.name in names or covers(operator, self.districts)


def covers(operator: Operator, districts: Collection[str]) -> bool:
    """Whether all of those districts are theirs; none named: every district."""
    mine = operator.districts
    return not mine or (bool(districts) and mine.issuperset(districts))


def begin(key: str, operator: Operator, standing: Shift | None, now: datetime) -> Shift:
    """They come on duty; who is on duty already stays so."""
    if standing is not None:
        return standing
    return Shift(
        id=key, person=operator.name, districts=tuple(sorted(operator.districts)), began_at=now
    )


def end(
    shift: Shift, operator: Operator, others: Iterable[Shift], opened: int, now: datetime
) -> Shift:
    """They go without handing over; where alarms are open, somebody else must be there.

    Raises:
        NotYours: it is another's, and they are no supervisor of it.
        Incomplete: there is something to hand over, and nobody to see it.
    """
    is_other = operator.name != shift.person
    if is_other and not (operator.may(May.TAKE_OVER) and covers(operator, shift.districts)):
        raise NotYours("only a supervisor of all its districts ends another person's shift")
    if shift.ended_at is not None:
        raise StepRefused(shift.id, "end", "ended")
    if opened and not is_other and not any(_stands_in(one, shift) for one in others):
        raise Incomplete(f"{opened} alarms are open and nobody else is on duty: hand over")
    return replace(shift, ended_at=now, ended_by=operator.name)


def offer(
    key: str, shift: Shift, taker: str | None, note: str, opened: Sequence[Alarm], now: datetime
) -> Handover:
    """What they leave to the next, with what is open now."""
    if taker == shift.person:
        raise Incomplete("hand over to somebody else")
    return Handover(
        id=key,
        shift=shift.id,
        giver=shift.person,
        taker=taker,
        districts=shift.districts,
        at=now,
        note=note[: steps.NOTE_LIMIT],
        open=tuple(as_they_stand(opened)),
        open_count=len(opened),
    )


def take(handover: Handover, operator: Operator, now: datetime) -> Handover | None:
    """The next one has it from now on; None: they have taken it already.

    Raises:
        Claimed: another one took it. StepRefused: it was withdrawn.
        NotYours: it is their own, meant for another, or about districts that they do not see.
    """
    if handover.taken_by == operator.name:
        return None
    if handover.taken_by is not None:
        since = now - (handover.taken_at or now)
        raise Claimed(handover.id, handover.taken_by, since.total_seconds())
    if handover.withdrawn_at is not None:
        raise StepRefused(handover.id, "take", "withdrawn")
    if operator.name == handover.giver:
        raise NotYours("nobody hands over to themselves")
    if not covers(operator, handover.districts):
        raise NotYours("it is about districts that are not yours")
    if handover.taker not in {None, operator.name} and not operator.may(May.TAKE_OVER):
        raise NotYours(f"it is meant for {handover.taker}")
    return replace(handover, taken_at=now, taken_by=operator.name)


def withdraw(handover: Handover, operator: Operator, now: datetime) -> Handover:
    """They stay on duty after all.

    Raises:
        NotYours: it is another's. StepRefused: it was taken, or withdrawn before.
    """
    if operator.name != handover.giver:
        raise NotYours("only who offered it withdraws it")
    if not handover.is_offered:
        raise StepRefused(handover.id, "withdraw", "taken" if handover.taken_at else "withdrawn")
    return replace(handover, withdrawn_at=now)


def passed_on(before: Alarm, handover: Handover, by: By) -> Change:
    """A held alarm that goes to the next one with the shift: it is theirs, and keeps its state."""
    after = changed(
        before,
        acknowledged_at=by.now,
        claimed_by=by.name,
        claimed_at=by.now,
        claimed_until=by.now + steps.CLAIM_LASTS,
        version=before.version + 1,
    )
    said = By(name=by.name, now=by.now, data={"from": handover.giver, "handover": handover.id})
    return steps.change(before, after, "handed_over", said, notice="acknowledged")


def as_they_stand(opened: Sequence[Alarm]) -> list[OpenAlarm]:
    """Those alarms as they are now, the gravest first; at most OPEN_LIMIT."""
    gravest = sorted(opened, key=lambda one: (one.priority, one.test, one.raised_at, one.id))
    return [_as_it_stands(one) for one in gravest[:OPEN_LIMIT]]


def _stands_in(other: Shift, shift: Shift) -> bool:
    """Whether that other shift sees everything that this one saw."""
    is_wider = not other.districts or (
        bool(shift.districts) and set(other.districts).issuperset(shift.districts)
    )
    return other.id != shift.id and other.ended_at is None and is_wider


def _as_it_stands(alarm: Alarm) -> OpenAlarm:
    return OpenAlarm(
        id=alarm.id,
        kind=alarm.kind,
        priority=int(alarm.priority),
        state=alarm.state.value,
        test=alarm.test,
        site=alarm.site,
        zone=alarm.zone,
        district=alarm.district,
        device=alarm.device,
        raised_at=alarm.raised_at,
        claimed_by=alarm.claimed_by,
        responded=alarm.responded,
        note=alarm.note,
    )
