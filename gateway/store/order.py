"""Order: which ends were overtaken, by the counters of their own device.

Each alarm is repeated until its receipt, so what was said first may be heard last.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection, select

from gateway.domain.event import Event
from gateway.store import schema

WITHIN = timedelta(hours=1)
"""A counter that began anew must not keep an alarm from ending for longer."""
Name = tuple[str, str, int]
"""Device, event id and its use: one event."""
_rows = schema.journal_alarm.c


def overtaken(
    connection: Connection, ends: Mapping[Name, Event], batch: Sequence[Event]
) -> set[Name]:
    """Those of a batch's ends that were said before what they end was said again."""
    return {name for name, end in ends.items() if _is_overtaken(connection, end, batch)}


def name(event: Event) -> Name:
    """What an event is called here."""
    return event.device, event.id, event.reuse


def _is_overtaken(connection: Connection, end: Event, batch: Sequence[Event]) -> bool:
    if end.boot is None or end.seq is None:
        return False
    said = (end.boot, end.seq)
    return (
        any(_begins(one, end) and _said(one) > said for one in batch)
        or _last_beginning(connection, end) > said
    )


def _begins(one: Event, end: Event) -> bool:
    is_there = one.device == end.device and one.part == end.part
    is_recent = one.received_at >= end.received_at - WITHIN
    return is_there and is_recent and one.kind.name in end.kind.restores


def _said(one: Event) -> tuple[int, int]:
    return (-1, -1) if one.boot is None or one.seq is None else (one.boot, one.seq)


def _last_beginning(connection: Connection, end: Event) -> tuple[int, int]:
    asked = (
        select(_rows.boot, _rows.seq)
        .where(
            _rows.device == end.device,
            _rows.part == end.part,
            _rows.kind.in_(end.kind.restores),
            _rows.boot.is_not(None),
            _rows.seq.is_not(None),
            _rows.received_at >= end.received_at - WITHIN,
        )
        .order_by(_rows.boot.desc(), _rows.seq.desc())
        .limit(1)
    )
    row = connection.execute(asked).one_or_none()
    return (-1, -1) if row is None else (row.boot, row.seq)
