"""Pictures: black, frozen and gone are believed after some looks, and one good look ends it."""

import random
from datetime import timedelta

import pytest

from gateway.domain import picture
from gateway.domain.camera import Picture
from gateway.domain.picture import LOOKS, STILL_LOOKS, Seen
from tests.domain.making import NOW

SIZE = picture.WIDTH * picture.HEIGHT
DICE = random.Random(3)


def noisy(grey: int, spread: int = 3) -> bytes:
    """A scene at rest through a sensor's noise."""
    return bytes(max(0, grey + DICE.randint(-spread, spread)) for _ in range(SIZE))


def looks(*thumbnails: bytes | None, before: Seen | None = None) -> list[Picture]:
    """What was thought after each look."""
    seen, found = before or Seen(), []
    for number, one in enumerate(thumbnails):
        seen = picture.look(seen, one, NOW + timedelta(minutes=number))
        found.append(seen.picture)
    return found


def test_a_covered_lens_is_black_after_three_looks_and_good_at_the_first_light() -> None:
    found = looks(noisy(90), *(noisy(2, 2) for _ in range(LOOKS)), noisy(90))
    assert found == [Picture.GOOD] * LOOKS + [Picture.BLACK, Picture.GOOD]


def test_a_dark_hall_with_a_lamp_in_it_is_not_black() -> None:
    lamp = noisy(3)[: SIZE - 2000] + bytes([200]) * 2000
    assert not picture.is_black(lamp)
    assert picture.is_black(noisy(2, 2))
    assert not picture.is_black(noisy(40))


def test_a_frozen_picture_with_a_running_clock_is_frozen_after_six_looks() -> None:
    scene = noisy(90)
    clocks = [bytes(DICE.randbytes(100)) + scene[100:] for _ in range(STILL_LOOKS + 1)]
    assert looks(*clocks) == [Picture.GOOD] * STILL_LOOKS + [Picture.FROZEN]


def test_a_scene_at_rest_seen_through_noise_is_not_frozen() -> None:
    assert set(looks(*(noisy(90, 1) for _ in range(20)))) == {Picture.GOOD}


def test_a_camera_that_gave_pictures_and_gives_none_is_told_and_one_that_never_did_is_not() -> None:
    assert looks(*[None] * 10) == [Picture.UNKNOWN] * 10
    found = looks(noisy(90), None, None, None, None, noisy(90))
    assert found == [Picture.GOOD] * 3 + [Picture.NONE] * 2 + [Picture.GOOD]


@pytest.mark.parametrize("before", [Picture.BLACK, Picture.FROZEN])
def test_what_was_told_before_a_restart_is_not_taken_back_by_the_same_picture(
    before: Picture,
) -> None:
    still = bytes([1]) * SIZE if before is Picture.BLACK else noisy(90)
    first = Seen(picture=before, at=NOW)
    assert looks(still, still, before=first)[-1] is before
