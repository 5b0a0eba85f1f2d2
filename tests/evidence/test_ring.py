"""The ring: what was a moment ago, within its bytes."""

from datetime import timedelta

from gateway.domain.site import DeviceId
from gateway.evidence.picture import Picture
from gateway.evidence.ring import OF_CAMERA, Ring
from tests.domain.making import NOW

ONE, TWO = DeviceId("cam-1"), DeviceId("cam-2")


def seen(seconds: float, size: int = 10) -> Picture:
    at = NOW + timedelta(seconds=seconds)
    return Picture(body=bytes(size), content_type="image/jpeg", taken_at=at, fetched_at=at)


def test_the_picture_nearest_to_the_moment_is_found() -> None:
    ring = Ring(1000)
    for seconds in (0, 5, 10):
        ring.put(ONE, seen(seconds))
    found = ring.before(ONE, NOW + timedelta(seconds=6))
    assert found is not None
    assert found.taken_at == NOW + timedelta(seconds=5)
    assert ring.before(TWO, NOW) is None
    assert ring.before(ONE, NOW + timedelta(minutes=5)) is None


def test_what_was_taken_after_the_alarm_is_none_of_before_it() -> None:
    ring = Ring(1000)
    ring.put(ONE, seen(6))  # the alarm is five seconds after the moment
    assert ring.before(ONE, NOW) is None
    ring.put(ONE, seen(-9))
    found = ring.before(ONE, NOW)
    assert found is not None
    assert found.taken_at == NOW - timedelta(seconds=9)


def test_each_camera_keeps_its_last_few() -> None:
    ring = Ring(1000)
    for seconds in range(OF_CAMERA + 3):
        ring.put(ONE, seen(seconds))
    assert ring.size_bytes == OF_CAMERA * 10


def test_the_oldest_of_all_goes_when_there_is_no_room() -> None:
    ring = Ring(30)
    ring.put(ONE, seen(0))
    ring.put(TWO, seen(1))
    ring.put(TWO, seen(2))
    ring.put(TWO, seen(3))
    assert ring.before(ONE, NOW) is None
    assert ring.size_bytes == 30
    ring.put(ONE, seen(4, size=31))
    assert ring.size_bytes == 0


def test_a_camera_that_rolls_no_more_is_forgotten() -> None:
    ring = Ring(1000)
    ring.put(ONE, seen(0))
    ring.put(TWO, seen(0))
    ring.keep_only({TWO})
    assert ring.before(ONE, NOW) is None
    assert ring.size_bytes == 10
