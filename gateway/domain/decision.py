"""Decisions: what an event changes. Pure: the event, its device's open alarms, the rules."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from adapters.signal import ClockQuality
from gateway.domain import counters
from gateway.domain.alarm import Alarm, State, Step, TimeQuality, move
from gateway.domain.event import Event, alarm_id
from gateway.domain.kind import KINDS, Kind, Priority, find

FOLD = timedelta(seconds=60)
SINGLY = 5
"""Repeats of one alarm told one by one within a minute …"""
GATHER = timedelta(seconds=10)
"""… and after that gathered for so long."""
OWED_LIMIT = 500
OWED_LIMIT_BYTES = 24_000
"""Event ids one notice may carry: beside its texts it stays below 64 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One line of an alarm's time line."""

    alarm: str
    what: str
    before: State
    after: State
    at: datetime
    by: str
    note: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm as it is now, the line that led there, and the notice it owes, if any."""

    alarm: Alarm
    transition: Transition
    notice: str | None
    event_id: str | None = None
    event_ids: tuple[str, ...] = ()
    is_new: bool = False
    stills: tuple[dict[str, Any], ...] = ()
    """What cameras saw of it, where that is the news: such a notice is not about the alarm."""
    was_escalated: bool = False
    """This ends its climbing: whoever was called by it is told of this too."""


def meaning(event: Event) -> Kind | None:
    """The kind that counts: an input becomes what it is set to mean. None: nothing."""
    if not event.kind.name.startswith("input."):
        return event.kind
    device = event.place.device
    named = None if device is None else device.means(event.part)
    means = find(named) if named else None
    if means is None or event.kind.name == "input.activated":
        return means
    return _ending(means)


def decide(
    event: Event,
    opened: Iterable[Alarm],
    priority: Priority | None,
    installation: str,
    *,
    test: bool,
    apart: bool = False,
) -> list[Change]:
    """What that event does to its device's open alarms, and whether it raises a new one.

    `apart`: it is counted on none of them, for it was told as an alarm of its own.
    """
    kind = meaning(event)
    if kind is None:
        return []
    own = [alarm for alarm in opened if alarm.part == event.part and alarm.is_open]
    if kind.restores:
        ending = [alarm for alarm in own if alarm.kind in kind.restores]
        return [change for alarm in ending for change in _ended(alarm, event)]
    if event.kind.name == "input.cleared":
        return [_line(alarm, event) for alarm in own if alarm.kind == kind.name]
    same = [] if apart else [alarm for alarm in own if alarm.kind == kind.name]
    if priority is None or (event.standing and same):
        return [] if priority is None else _still(same[-1], event)
    alike = (alarm for alarm in same if alarm.test == test)
    recent = next((one for one in alike if event.received_at - one.last_at < FOLD), None)
    if recent is None:
        return [_raise(event, kind, priority, installation, test=test)]
    return [_repeat(recent, event)]


def untold(alarm: Alarm, now: datetime) -> list[Change]:
    """What must be told of an alarm before anything else ends it: repeats still being gathered."""
    return [gathered(alarm, now)] if alarm.repeats_owed else []


def gathered(alarm: Alarm, now: datetime) -> Change:
    """The one notice for the repeats that were gathered."""
    told = replace(alarm, repeats_owed=(), repeats_due_at=None)
    return Change(
        alarm=told,
        transition=_transition(alarm, told, "repeat", now, alarm.device),
        notice="repeated",
        event_id=alarm.repeats_owed[-1] if alarm.repeats_owed else alarm.event_id,
        event_ids=alarm.repeats_owed,
    )


def _raise(
    event: Event, kind: Kind, priority: Priority, installation: str, *, test: bool
) -> Change:
    place, (pressed_at, quality) = event.place, _pressed(event)
    boot, seq = counters.first(event)
    alarm = Alarm(
        id=alarm_id(installation, event),
        kind=kind.name,
        priority=priority,
        silent=kind.silent or (place.device is not None and place.device.silent),
        latches=kind.latches,
        test=test,
        said_test=event.said_test,
        unexpected=event.unexpected,
        id_reused=event.reuse > 0,
        # What supervision finds is about what is registered, or about the gateway's own things.
        registered=place.device is not None or event.standing,
        doubt=event.cause,
        affected=event.affected,
        site=None if place.site is None else place.site.id,
        district=place.district,
        zone=None if place.zone is None else place.zone.id,
        device=event.device,
        sort=None if place.device is None else place.device.sort.value,
        part=event.part,
        event_id=event.id,
        raised_at=event.received_at,
        last_at=event.received_at,
        boot=boot,
        seq=seq,
        pressed_at=pressed_at,
        pressed_quality=quality,
        asks_since=event.received_at,
    )
    line = Transition(
        alarm=alarm.id,
        what=Step.RAISE,
        before=State.NORMAL,
        after=alarm.state,
        at=event.received_at,
        by=event.device,
        data=dict(event.data) if event.standing or event.cause is not None else {},
    )
    return Change(alarm=alarm, transition=line, notice="raised", event_id=event.id, is_new=True)


def _still(alarm: Alarm, event: Event) -> list[Change]:
    """A condition that has its alarm already: it may come back, or concern more or fewer."""
    if alarm.state is State.RETURNED:
        again = _repeat(alarm, event)
        return [replace(again, alarm=replace(again.alarm, affected=event.affected))]
    if event.affected in {None, alarm.affected}:
        return []
    after = replace(alarm, affected=event.affected)
    line = Transition(
        alarm=alarm.id,
        what="counted",
        before=alarm.state,
        after=after.state,
        at=event.received_at,
        by=event.device,
        data=dict(event.data),
    )
    return [Change(alarm=after, transition=line, notice=None)]


def _repeat(alarm: Alarm, event: Event) -> Change:
    now = event.received_at
    boot, seq = counters.latest(alarm, event)
    again = replace(
        move(alarm, Step.RAISE),
        count=alarm.count + event.folded,
        last_at=now,
        boot=boot,
        seq=seq,
        said_test=alarm.said_test or event.said_test,
        closing_as=None,  # whoever closed it had not heard this press
        closing_due_at=None,
    )
    if alarm.state is not State.UNACKNOWLEDGED:
        again = replace(again, asks_since=now, escalation=0)  # it begins anew
    if alarm.repeats_since is None or now - alarm.repeats_since >= FOLD:
        again = replace(again, repeats_since=now, repeats_singly=0)
    ids = (*again.repeats_owed, event.id)
    singly = again.repeats_singly < SINGLY
    if singly or _fills_a_notice(ids):
        again = replace(
            again, repeats_singly=again.repeats_singly + 1, repeats_owed=(), repeats_due_at=None
        )
    else:
        due = again.repeats_due_at or now + GATHER
        again = replace(again, repeats_owed=ids, repeats_due_at=due)
    told = not again.repeats_owed
    return Change(
        alarm=again,
        transition=_transition(alarm, again, "repeat", now, event.device),
        notice="repeated" if told else None,
        event_id=event.id,
        event_ids=ids if told and len(ids) > 1 else (),
    )


def _fills_a_notice(ids: tuple[str, ...]) -> bool:
    # One more must still fit: an id is at most 64 characters, each at most four bytes.
    size_bytes = sum(len(one.encode()) + 3 for one in ids)
    return len(ids) >= OWED_LIMIT or size_bytes > OWED_LIMIT_BYTES - 260


def _ended(alarm: Alarm, event: Event) -> list[Change]:
    if counters.is_overtaken(alarm, event):
        return [_line(alarm, event, "overtaken")]
    told = untold(alarm, event.received_at)
    return [*told, _end(told[0].alarm if told else alarm, event)]


def _end(alarm: Alarm, event: Event) -> Change:
    if alarm.latches:
        return _line(alarm, event)
    boot, seq = counters.ended(alarm, event)
    back = replace(move(alarm, Step.RETURN), boot=boot, seq=seq)
    if not back.is_open:
        back = replace(back, closed_at=event.received_at)
    told = back.state is not alarm.state
    return Change(
        alarm=back,
        transition=_transition(alarm, back, Step.RETURN, event.received_at, event.device),
        notice="returned" if told else None,
        event_id=event.id,
    )


def _line(alarm: Alarm, event: Event, what: str = "") -> Change:
    what = what or event.kind.name
    return Change(
        alarm=alarm,
        transition=_transition(alarm, alarm, what, event.received_at, event.device),
        notice=None,
        event_id=event.id,
    )


def _transition(before: Alarm, after: Alarm, what: str, at: datetime, by: str) -> Transition:
    return Transition(
        alarm=before.id, what=what, before=before.state, after=after.state, at=at, by=by
    )


def _pressed(event: Event) -> tuple[datetime, TimeQuality]:
    """When it was pressed: by the age it gave, else by its clock, else when we heard it."""
    if event.age_ms is not None and event.age_ms <= FOLD.total_seconds() * 1000 * 60 * 24:
        quality = TimeQuality.SYNCED if event.clock is ClockQuality.SYNCED else TimeQuality.FREE
        return event.received_at - timedelta(milliseconds=event.age_ms), quality
    if event.said_at is not None and event.clock is not None:
        return event.said_at, TimeQuality(event.clock.value)
    return event.received_at, TimeQuality.RECEIVED


def _ending(kind: Kind) -> Kind:
    """The kind that ends another, for an input that cleared; itself where only a person does."""
    return next((k for k in KINDS.values() if kind.name in k.restores), kind)
