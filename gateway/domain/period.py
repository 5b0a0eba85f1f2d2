"""Periods: a day, a week, a month by a place's own clock, or what else lies between moments."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

DAYS_A_WEEK = 7
ONE_DAY = timedelta(days=1)
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
"""Days outside this are a slip of somebody's pen."""


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `since`, up to `until` without it; both aware."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.until - self.since

    def so_far(self, now: datetime) -> "Period":
        """What of it is over; nothing, where it has not begun."""
        return Period(since=self.since, until=max(self.since, min(self.until, now)))


def first_day(span: Span, day: date) -> date:
    """The day on which the day, week (by ISO 8601 a Monday) or month of that day begins."""
    if span is Span.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if span is Span.MONTH else day


def following(span: Span, day: date) -> date:
    """The first day of the next one."""
    begin = first_day(span, day)
    if span is Span.MONTH:
        return begin + timedelta(days=calendar.monthrange(begin.year, begin.month)[1])
    return begin + timedelta(days=DAYS_A_WEEK if span is Span.WEEK else 1)


def preceding(span: Span, day: date) -> date:
    """The first day of the one before."""
    return first_day(span, first_day(span, day) - ONE_DAY)


def around(span: Span, day: date, zone: tzinfo) -> Period:
    """The day, week or month in which that day lies, as days begin in that zone."""
    return Period(
        since=_midnight(first_day(span, day), zone), until=_midnight(following(span, day), zone)
    )


def parts(period: Period, length: timedelta) -> Iterator[Period]:
    """That period in pieces of that length, the last may be shorter."""
    begin = period.since
    while begin < period.until:
        end = min(begin + length, period.until)
        yield Period(since=begin, until=end)
        begin = end


def days(period: Period, zone: tzinfo) -> Iterator[Period]:
    """That period cut where days begin in that zone."""
    begin = period.since
    while begin < period.until:
        next_day = begin.astimezone(zone).date() + timedelta(days=1)
        end = min(_midnight(next_day, zone), period.until)
        yield Period(since=begin, until=end)
        begin = end


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
