"""Looking: all that a batch must be judged by, in one question."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.domain.alarm import Alarm
from gateway.domain.event import Event
from gateway.domain.occupancy import Occupancy
from gateway.store import alarms, journal, occupancies, versions
from gateway.store.journal import Found
from gateway.store.prepared import ask_together


class Grounds(NamedTuple):
    """What a batch is judged by, as it was when it was read."""

    versions: dict[str, int]
    known: Found
    opened: dict[str, list[Alarm]]
    """By device, for each that was asked for."""
    counts: Mapping[str, Occupancy | None] = {}
    """By site: how many are inside; None: nobody counted."""


def look(
    connection: Connection,
    lane: Lane,
    events: Sequence[Event],
    asking: Sequence[str],
    now: datetime,
) -> Grounds:
    """What is known of those events, and the open alarms of the devices `asking` names.

    Of presses also who is inside their sites: a way to PostgreSQL less, for each.
    """
    if not events and not asking:
        return Grounds(versions.read(connection), {}, {})
    keys = list({(event.device, event.id) for event in events})
    heard_at = min((event.received_at for event in events), default=now)
    finding = journal.finding(lane, keys, heard_at)
    if not asking:
        found, known = ask_together(connection, versions.ALL, finding)
        return Grounds(found, known, {})
    sites = _sites(events) if lane is Lane.ALARM else []
    found, known, opened, counted = ask_together(
        connection, versions.ALL, finding, alarms.opening(asking), occupancies.asking(sites)
    )
    by_device: dict[str, list[Alarm]] = {device: [] for device in asking}
    for alarm in opened:
        by_device[alarm.device].append(alarm)
    return Grounds(found, known, by_device, dict.fromkeys(sites) | counted)


def _sites(events: Sequence[Event]) -> list[str]:
    return sorted({event.place.site.id for event in events if event.place.site is not None})
