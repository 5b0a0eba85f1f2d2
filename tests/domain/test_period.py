"""Days, weeks and months begin where the place's own clock says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.domain import period
from gateway.domain.period import Period, Span

ALMATY = ZoneInfo("Asia/Almaty")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("span", "since", "until"),
    [
        (Span.DAY, "2026-11-25T19:00Z", "2026-11-26T19:00Z"),
        (Span.WEEK, "2026-11-22T19:00Z", "2026-11-29T19:00Z"),
        (Span.MONTH, "2026-10-31T19:00Z", "2026-11-30T19:00Z"),
    ],
)
def test_a_period_begins_at_midnight_in_almaty_when_a_day_of_it_is_named(
    span: Span, since: str, until: str
) -> None:
    found = period.around(span, date(2026, 11, 26), ALMATY)
    assert found == Period(since=at(since), until=at(until))
    assert found.since.tzinfo is UTC


def test_the_night_in_which_almaty_set_its_clocks_back_is_an_hour_longer() -> None:
    found = period.around(Span.DAY, date(2024, 2, 29), ALMATY)
    assert found.length == timedelta(hours=25)
    month = period.around(Span.MONTH, date(2024, 3, 5), ALMATY)
    assert len(list(period.days(month, ALMATY))) == 31


def test_the_periods_around_one_touch_it_when_a_month_or_a_year_ends() -> None:
    assert period.following(Span.MONTH, date(2026, 12, 31)) == date(2027, 1, 1)
    assert period.preceding(Span.MONTH, date(2026, 3, 31)) == date(2026, 2, 1)
    assert period.preceding(Span.WEEK, date(2027, 1, 1)) == date(2026, 12, 21)
    assert period.following(Span.DAY, date(2028, 2, 28)) == date(2028, 2, 29)


def test_what_is_over_of_a_period_is_nothing_when_it_has_not_begun() -> None:
    whole = period.around(Span.DAY, date(2026, 11, 26), ALMATY)
    assert whole.so_far(at("2026-11-26T07:00Z")).length == timedelta(hours=12)
    assert whole.so_far(at("2026-11-20T07:00Z")).length == timedelta(0)
    assert whole.so_far(at("2026-12-20T07:00Z")) == whole


def test_pieces_fill_a_period_and_the_last_is_what_remains() -> None:
    whole = Period(since=at("2026-11-26T00:00Z"), until=at("2026-11-26T00:25Z"))
    pieces = list(period.parts(whole, timedelta(minutes=10)))
    assert [piece.length.total_seconds() for piece in pieces] == [600, 600, 300]
    assert list(period.days(whole, ALMATY)) == [whole]
