"""Occupancy: how many people are inside a site, counted from passages since 03:00 local time."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.domain.event import Event

COUNTED = frozenset({"passage.granted", "passage.unlocked"})
"""The kinds that touch a count."""
DAY_STARTS = timedelta(hours=3)


class Quality(StrEnum):
    """How far the count can be trusted."""

    COUNTED = "counted"
    DRIFTING = "drifting"
    """A turnstile of the site is silent: people pass uncounted."""
    NOT_COUNTED = "not_counted"
    """An emergency opening let everybody through, or the site counts nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupancy:
    """A site's count on one school day."""

    site: str
    day: date
    inside: int = 0
    as_of: datetime
    opened: bool = False
    """Whether an emergency opening spoilt the count of this day."""

    def quality(self, *, silent_turnstile: bool) -> Quality:
        """How far to trust it now."""
        if self.opened:
            return Quality.NOT_COUNTED
        return Quality.DRIFTING if silent_turnstile else Quality.COUNTED


def school_day(at: datetime, zone: ZoneInfo) -> date:
    """The day that a moment is counted to; it begins at 03:00."""
    return (at.astimezone(zone) - DAY_STARTS).date()


def counted(before: Occupancy | None, site: str, event: Event, zone: ZoneInfo) -> Occupancy | None:
    """The count after that event; None where the event does not touch it."""
    name = event.kind.name
    if name not in COUNTED:
        return None
    day = school_day(event.received_at, zone)
    if before is None or before.day != day:
        before = Occupancy(site=site, day=day, as_of=event.received_at)
    if name == "passage.unlocked":
        return replace(before, opened=True, as_of=event.received_at)
    if event.data.get("taken") is False:
        return None
    step = {"in": 1, "out": -1}.get(str(event.data.get("direction")), 0)
    return replace(before, inside=max(0, before.inside + step), as_of=event.received_at)
