"""Who is shown that somebody has seen the press: whoever can show it."""

from datetime import UTC, datetime

import pytest

from gateway import operate
from gateway.domain.site import Sort
from gateway.store.sayings import Saying

_NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.mark.parametrize(("sort", "is_told"), [(Sort.PANIC_BUTTON, True), (Sort.CAMERA, False)])
def test_a_camera_is_sent_no_confirmation_for_it_shows_nothing(sort: Sort, is_told: bool) -> None:  # noqa: FBT001
    said = Saying("panic.pressed", "d-1", silent=False, event_id="e-1", sort=sort)
    assert (operate.confirmation(said, "seen", _NOW) is not None) is is_told
