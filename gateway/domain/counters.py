"""Counters: which of a device's words was said later, by its own numbers (ADR 0112).

A device repeats each alarm until its receipt: what was said first may be heard last.
"""

from datetime import timedelta

from adapters.signal import Lane
from gateway.domain.alarm import Alarm
from gateway.domain.event import Event

LATE = timedelta(hours=1)
"""So long a word may be under way; a counter that began anew keeps no alarm for longer."""
Counters = tuple[int, int]
"""`boot`, and within it `seq`."""


def is_overtaken(alarm: Alarm, end: Event) -> bool:
    """Whether it was said before what it ends was said again."""
    ended, counted = _of(end), _of(alarm)
    is_older = ended is not None and counted is not None and ended < counted
    return is_older and end.received_at - alarm.last_at < LATE


def first(event: Event) -> tuple[int | None, int | None]:
    """What an alarm keeps of the word that raises it: only alarms are numbered."""
    return (event.boot, event.seq) if event.lane is Lane.ALARM else (None, None)


def latest(alarm: Alarm, event: Event) -> tuple[int | None, int | None]:
    """What it keeps after one more: of whichever its device said last."""
    said, counted = _of(event), _of(alarm)
    is_older = said is not None and counted is not None and said < counted
    is_late = is_older and event.received_at - alarm.last_at < LATE
    if said is None or is_late or event.lane is not Lane.ALARM:
        return alarm.boot, alarm.seq
    return said


def _of(one: Alarm | Event) -> Counters | None:
    return None if one.boot is None or one.seq is None else (one.boot, one.seq)
