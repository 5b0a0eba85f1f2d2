"""Report: what the store counted over a period, made into figures for a supervisor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gateway.domain import figures, period
from gateway.domain.figures import Claims, FalseAlarms, Load, Quiet, Slot
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator
from gateway.domain.period import Period
from gateway.domain.shift import Shift
from gateway.store import figures as counted
from gateway.store import shifts
from gateway.store.database import Database

HOURLY_UP_TO = timedelta(hours=36)
"""A period of at most this is told hour by hour, a longer one day by day."""
LONGEST = timedelta(days=40)
"""No report is longer: a month, or a shift that somebody forgot to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of a period, of those districts (empty: all)."""

    period: Period
    so_far: Period
    """What of the period is over: rates are of this."""
    districts: frozenset[str]
    raised: dict[Priority, int]
    claims: dict[Priority, Claims]
    """Of P0 and P1, without those of the last minute: nobody is late for them yet."""
    slots: Sequence[Slot]
    loads: Sequence[Load]
    """By the hour or by the day."""
    load: Load | None
    false: Sequence[FalseAlarms]
    """The sites with the most, at most 20."""
    quiet: Sequence[Quiet]
    shifts: Sequence[Shift]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which figures are asked for, and when."""

    period: Period
    districts: frozenset[str]
    now: datetime
    zone: ZoneInfo


async def made(database: Database, operator: Operator, asked: Asked) -> Report:
    """The figures; only of districts that the operator sees."""
    return await database.read(lambda c: _made(c, operator, asked))


def _made(connection: Connection, operator: Operator, asked: Asked) -> Report:
    whole, districts = asked.period, asked.districts
    so_far = whole.so_far(asked.now)
    raised = counted.raised(connection, so_far, districts)
    judged = whole.so_far(asked.now - figures.JUDGED_AFTER)
    asking = _total(counted.raised(connection, judged, districts))
    taken = counted.taken(connection, judged, districts)
    on_duty = [one for one in shifts.within(connection, so_far) if one.is_seen_by(operator)]
    by_slot: dict[int, int] = {}
    for (slot, _), count in raised.items():
        by_slot[slot] = by_slot.get(slot, 0) + count
    slots = figures.slots(so_far, by_slot, on_duty)
    return Report(
        period=whole,
        so_far=so_far,
        districts=districts,
        raised=_total(raised),
        claims={
            one: Claims(raised=asking[one], after_s=taken.get(one, {}))
            for one in (Priority.P0, Priority.P1)
        },
        slots=slots,
        loads=figures.loads(slots, _pieces(so_far, asked.zone)),
        load=figures.load(slots),
        false=counted.false_alarms(connection, so_far, districts),
        quiet=_quiet(connection, so_far, districts),
        shifts=on_duty,
    )


def _total(raised: Mapping[tuple[int, Priority], int]) -> dict[Priority, int]:
    found = dict.fromkeys((Priority.P0, Priority.P1, Priority.P2), 0)
    for (_, priority), count in raised.items():
        found[priority] += count
    return found


def _pieces(whole: Period, zone: ZoneInfo) -> list[Period]:
    if whole.length <= HOURLY_UP_TO:
        return list(period.parts(whole, timedelta(hours=1)))
    return list(period.days(whole, zone))


def _quiet(connection: Connection, whole: Period, districts: frozenset[str]) -> list[Quiet]:
    """Every district that has devices or was silent, the most silent first."""
    silences = counted.silences(connection, whole, districts)
    devices = counted.devices(connection, districts)
    silent = {district: length for district, (length, _) in silences.alone.items()}
    times = {district: count for district, (_, count) in silences.alone.items()}
    for one in silences.together:
        length = figures.clipped(one, whole)
        if length:
            silent[one.district] = silent.get(one.district, timedelta()) + length
            times[one.district] = times.get(one.district, 0) + 1
    found = [
        Quiet(
            district=district,
            devices=devices.get(district, (0, 0))[0],
            now=devices.get(district, (0, 0))[1],
            times=times.get(district, 0),
            silent=silent.get(district, timedelta()),
        )
        for district in {*devices, *silent}
    ]
    return sorted(found, key=lambda one: (-one.silent, one.district))
