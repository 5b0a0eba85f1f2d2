"""Occupancy: how many are inside, since 03:00 in Almaty."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.domain import occupancy
from gateway.domain.event import Event
from gateway.domain.occupancy import Occupancy, Quality
from tests.domain.making import NOW, SCHOOL, event
from tests.harness.changed import replace

ALMATY = ZoneInfo("Asia/Almaty")
THREE = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)  # 03:00 on the 22nd, UTC+5


def passage(direction: str, at: datetime = NOW, *, taken: bool | None = None) -> Event:
    data: dict[str, object] = {"direction": direction}
    if taken is not None:
        data["taken"] = taken
    return replace(event("passage.granted", "gate-1", content={"data": data}), received_at=at)


def count(*passages: Event) -> Occupancy | None:
    before: Occupancy | None = None
    for one in passages:
        before = occupancy.counted(before, SCHOOL.id, one, ALMATY) or before
    return before


def inside(*passages: Event) -> int:
    found = count(*passages)
    assert found is not None
    return found.inside


def test_a_school_day_begins_at_three_in_almaty() -> None:
    before = occupancy.school_day(THREE - timedelta(microseconds=1), ALMATY)
    assert (before.day, occupancy.school_day(THREE, ALMATY).day) == (21, 22)


def test_who_stayed_overnight_is_not_counted_on_the_next_day() -> None:
    evening = passage("in", THREE - timedelta(hours=8))
    assert inside(evening, passage("in", THREE)) == 1


@given(some.lists(some.sampled_from(["in", "out", "sideways"]), min_size=1, max_size=40))
def test_nobody_ever_counts_fewer_than_none(directions: list[str]) -> None:
    expected = 0
    for direction in directions:
        expected = max(0, expected + {"in": 1, "out": -1}.get(direction, 0))
    assert inside(*[passage(direction) for direction in directions]) == expected


def test_a_granted_passage_that_nobody_took_counts_nobody() -> None:
    assert inside(passage("in"), passage("in", taken=False), passage("in", taken=True)) == 2


@pytest.mark.parametrize("kind", ["passage.forced", "passage.denied", "panic.pressed"])
def test_other_events_touch_no_count(kind: str) -> None:
    assert count(event(kind, "gate-1")) is None


def test_an_emergency_opening_spoils_the_count_until_the_next_day() -> None:
    opened = event("passage.unlocked", "gate-1")
    spoilt = count(passage("in"), opened, passage("in"))
    assert spoilt is not None
    assert spoilt.quality(silent_turnstile=False) is Quality.NOT_COUNTED
    fresh = count(opened, passage("in", THREE + timedelta(days=1)))
    assert fresh is not None
    assert fresh.quality(silent_turnstile=False) is Quality.COUNTED


def test_a_silent_turnstile_makes_the_count_drift() -> None:
    found = count(passage("in"))
    assert found is not None
    assert found.quality(silent_turnstile=True) is Quality.DRIFTING
