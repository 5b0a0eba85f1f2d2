"""How a camera's link ends, and what its end is called; against a simulated camera."""

import pytest

from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.devices.onvif.means import Means
from simulators.camera.camera import Camera as Simulated
from simulators.camera.quirks import Quirk
from tests.adapters.onvif import living
from tests.adapters.onvif.living import Link
from tests.harness import waiting


async def test_an_end_is_not_put_down_to_a_cut_that_was_got_over(
    simulated: Simulated, means: Means
) -> None:
    await simulated.break_(Quirk.SYNC_UNAUTHORISED)
    link = living.link(simulated, means)
    link.past.stores_events = False
    async with link.alive():
        await simulated.break_(Quirk.HTML_200, call="CreatePullPointSubscription")
        await simulated.break_(Quirk.HALF, call="PullMessages", times=1)
        simulated.press()
        await waiting.until(lambda: link.ended, what="no other subscription can be had")
    assert isinstance(link.ended, CameraLost)
    assert link.ended.reason is Reason.NOT_SOAP, link.ended


@pytest.mark.parametrize("is_vague", [False, True])
async def test_one_that_forgets_us_at_once_waits_for_its_next_life(
    simulated: Simulated, means: Means, *, is_vague: bool
) -> None:
    if is_vague:
        await simulated.break_(Quirk.FORGETS_VAGUELY)
    async with living.link(simulated, means).alive() as link:
        await simulated.break_(Quirk.FORGETS, times=1)
        await waiting.until(lambda: link.ended, what="its life has ended")
    assert isinstance(link.ended, CameraLost)
    assert link.ended.reason is Reason.GONE, link.ended
    async with link.alive():
        assert len(simulated.subscriptions) == 1


async def test_a_dead_camera_is_lost_after_its_hold_and_one_more_question(
    simulated: Simulated, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.course.MARGIN_S", 0.5)
    for module in ("point", "introduction"):
        monkeypatch.setattr(f"adapters.devices.onvif.{module}.CALL_S", 0.5)
    link = living.link(simulated, means)
    async with link.alive():
        await simulated.break_(Quirk.HANG)
        await waiting.until(lambda: link.ended, what="it is lost")
    assert isinstance(link.ended, CameraLost)
    assert link.ended.reason is Reason.TIMED_OUT
    assert (link.health.reachable, link.health.subscribed) == (False, False)


async def test_one_whose_pulls_hang_is_known_to_have_answered_before(
    simulated: Simulated, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MARGIN_S", "SECOND_CHANCE_S"):
        monkeypatch.setattr(f"adapters.devices.onvif.course.{name}", 0.5)
    await simulated.break_(Quirk.HANG, call="PullMessages")
    link = living.link(simulated, means)
    assert getattr(await link.ends(), "reason", None) is Reason.TIMED_OUT
    assert link.health.is_introduced


async def test_what_shows_a_page_to_every_question_is_no_camera_and_not_one_without_events(
    simulated: Simulated, means: Means
) -> None:
    await simulated.break_(Quirk.HTML_200)
    assert getattr(await living.link(simulated, means).ends(), "reason", None) is Reason.NOT_SOAP
    await simulated.mend()
    await simulated.break_(Quirk.NO_EVENTS)
    await simulated.break_(Quirk.HTML_200, call="CreatePullPointSubscription")
    assert getattr(await living.link(simulated, means).ends(), "reason", None) is Reason.NO_EVENTS


async def test_another_camera_at_the_same_address_gets_no_subscription(
    simulated: Simulated, means: Means
) -> None:
    link = Link(living.settings_of(simulated, serial="another"), means)
    error = await link.ends()
    assert isinstance(error, CameraRefused)
    assert error.reason is Reason.CHANGED
    assert "CAMERA-1" in error.why
    assert not simulated.record.requests["CreatePullPointSubscription"]


async def test_a_full_camera_is_lost_for_want_of_room_and_its_faults_are_counted(
    simulated: Simulated, means: Means
) -> None:
    await simulated.break_(Quirk.SLOTS_FULL)
    link = living.link(simulated, means)
    for times in (1, 2):
        error = await link.ends()
        assert isinstance(error, CameraLost)
        assert (error.reason, link.health.slot_faults) == (Reason.SLOTS, times)
    await simulated.mend()
    async with link.alive():
        assert link.health.slot_faults == 0
