"""Counters: which of a device's words was said later, by its own numbers (ADR 0112).

A device repeats each alarm until its receipt: what was said first may be heard last. An alarm keeps
the numbers of the latest word that was counted on it; once it went back, those of its end.
"""

from datetime import timedelta

from adapters.signal import Lane
from gateway.domain.alarm import Alarm, State
from gateway.domain.event import Event

LATE = timedelta(hours=1)
"""So long a word may be under way: later, a lower number is one that began anew."""
Kept = tuple[int | None, int | None]
"""`boot`, and within it `seq`; nothing is overtaken by what has no numbers."""


def is_overtaken(alarm: Alarm, end: Event) -> bool:
    """Whether it was said before what it ends was said again."""
    said, kept = _of(end), _of(alarm)
    if alarm.state is State.RETURNED or said is None or kept is None:
        return False
    return said < kept and end.received_at - alarm.last_at < LATE


def first(event: Event) -> Kept:
    """What an alarm keeps of the word that raises it: only alarms are numbered."""
    return (event.boot, event.seq) if event.lane is Lane.ALARM else (None, None)


def latest(alarm: Alarm, event: Event) -> Kept:
    """What it keeps after one more: of whichever its device said last.

    What began before an end that is known, and is heard only now, may end by any word.
    """
    said, kept = _of(event), _of(alarm)
    if said is None or event.lane is not Lane.ALARM:
        return alarm.boot, alarm.seq
    is_late = kept is not None and said < kept and event.received_at - alarm.last_at < LATE
    if is_late and alarm.state is State.RETURNED:
        return None, None
    return (alarm.boot, alarm.seq) if is_late else said


def ended(alarm: Alarm, end: Event) -> Kept:
    """What it keeps when that has ended it, perhaps once more."""
    said, kept = _of(end), _of(alarm)
    if alarm.state is State.RETURNED and said is not None and kept is not None:
        return max(said, kept)
    return said or (None, None)


def _of(one: Alarm | Event) -> tuple[int, int] | None:
    return None if one.boot is None or one.seq is None else (one.boot, one.seq)
