"""Which cameras are asked, and what their stills mean for the alarm."""

from datetime import timedelta

from gateway.domain import stills
from gateway.domain.kind import Priority
from gateway.domain.site import Device, DeviceId, Registry, SiteId, Sort, ZoneId
from gateway.domain.stills import Fate, Sights, Still
from tests.domain.making import NOW, alarm
from tests.harness.changed import replace


def device(key: str, sort: Sort = Sort.CAMERA, **more: object) -> Device:
    plain = Device(id=DeviceId(key), sort=sort, site=SiteId("s1"), zone=ZoneId("hall"))
    return replace(plain, **more)


def registry(*devices: Device) -> Registry:
    return Registry(version=7, devices={one.id: one for one in devices})


BUTTON = device("b1", Sort.PANIC_BUTTON)
LOOKS = device("cam-9", looks_at=(DeviceId("b1"), DeviceId("cam-1")), zone=None)


def test_who_looks_there_is_asked_before_the_zone() -> None:
    seen = Sights.of(registry(BUTTON, LOOKS, device("cam-1"), device("cam-2")))
    assert seen.version == 7
    assert seen.of_alarm("b1", "s1", "hall") == ["cam-9"]
    assert seen.of_alarm("gate-1", "s1", "hall") == ["cam-1", "cam-2"]
    assert seen.of_alarm("gate-1", "s2", "hall") == []
    assert seen.of_alarm("gate-1", "s1", None) == []


def test_a_camera_is_asked_first_about_itself() -> None:
    seen = Sights.of(registry(LOOKS, device("cam-1"), device("cam-2")))
    assert seen.of_alarm("cam-1", "s1", "hall") == ["cam-1", "cam-9"]
    assert seen.of_alarm("cam-2", "s1", "hall") == ["cam-2", "cam-1"]


def test_cameras_that_roll_are_those_a_panic_button_would_ask() -> None:
    wired = device("cam-5", input_kind="panic.pressed", zone=None)
    far = device("cam-7", zone=ZoneId("yard"))
    known = registry(BUTTON, LOOKS, wired, far, device("gate-1", Sort.TURNSTILE))
    sights = Sights.of(known)
    assert sights.of_buttons(known) == ("cam-9", "cam-5")
    assert sights.of_buttons(known) is sights.of_buttons(known)  # looked for once


def _still(camera: str, offset_s: int = 0, **more: object) -> Still:
    due_at = NOW + timedelta(seconds=offset_s)
    plain = Still(alarm="a", camera=DeviceId(camera), offset_s=offset_s, due_at=due_at)
    return replace(plain, **more)


def test_what_is_kept_is_told_and_moves_no_version() -> None:
    kept = _still("cam-1", fate=Fate.KEPT, sha256="ab", taken_at=NOW, size_bytes=3)
    failed = _still("cam-2", fate=Fate.FAILED, why="timed_out")
    one = alarm(priority=Priority.P0)
    missing, added = stills.change(one, [kept, failed], NOW)
    assert (missing.notice, missing.transition.note) == (None, "cam-2: does not answer")
    assert (added.notice, added.transition.note) == ("evidence.added", "cam-1")
    assert {missing.alarm.version, added.alarm.version} == {one.version}


def test_a_reason_that_nobody_knows_has_words_all_the_same() -> None:
    assert stills.words("struck by lightning") == stills.words(None) == stills.WORDS["failed"]
