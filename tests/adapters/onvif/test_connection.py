"""A camera's link against a simulated camera: what it hears, and what it does for that."""

import pytest

from adapters.devices.onvif.means import Means
from simulators.camera.camera import Camera as Simulated
from simulators.camera.quirks import Quirk
from tests.adapters.onvif import living
from tests.adapters.onvif.living import Link
from tests.harness import waiting


async def test_a_wired_button_is_heard_as_it_is_pressed_and_released(
    simulated: Simulated, means: Means
) -> None:
    async with living.link(simulated, means).alive() as link:
        simulated.press()
        await link.ear.hears("input.activated")
        simulated.release()
        await link.ear.hears("input.cleared")
    assert link.ear.kinds == ["input.activated", "input.cleared"]


async def test_a_button_pressed_while_nobody_listened_is_heard_at_connect(
    simulated: Simulated, means: Means
) -> None:
    link = living.link(simulated, means)
    simulated.press()
    async with link.alive():
        await link.ear.hears("input.activated")
    async with link.alive():
        pass
    assert link.ear.kinds == ["input.activated"]
    simulated.release()
    async with link.alive():
        await link.ear.hears("input.cleared")


async def test_a_life_that_ends_gives_its_slot_back(simulated: Simulated, means: Means) -> None:
    link = living.link(simulated, means)
    for _ in range(3):
        async with link.alive():
            assert len(simulated.subscriptions) == 1
    assert not simulated.subscriptions


async def test_a_press_that_was_heard_and_not_stored_is_handed_in_by_the_next_life(
    simulated: Simulated, means: Means
) -> None:
    link = living.link(simulated, means)
    link.ear.commits = False
    async with link.alive():
        simulated.press()
        await link.ear.hears("input.activated")
    link.ear.commits = True
    async with link.alive():
        await link.ear.hears("input.activated", times=2)
    first, *others = {one.said.id for one in link.ear.spoken}
    assert first
    assert not others


async def test_a_pulse_while_nobody_listened_is_fetched_where_the_camera_stores_it(
    simulated: Simulated, means: Means
) -> None:
    link = living.link(simulated, means)
    async with link.alive():
        pass
    simulated.cross_line()
    async with link.alive():
        await link.ear.hears("camera.line_crossed")
    assert link.health.sought == 1
    assert link.ear.kinds == ["camera.line_crossed"]


async def test_a_press_that_came_and_went_while_nobody_listened_is_told_as_what_was(
    simulated: Simulated, means: Means
) -> None:
    link = living.link(simulated, means)
    async with link.alive():
        pass
    simulated.press()
    simulated.release()
    async with link.alive():
        await link.ear.hears("input.cleared")
        simulated.press()
        await link.ear.hears("input.activated", times=2)
    assert link.ear.kinds == ["input.activated", "input.cleared", "input.activated"]
    assert [one.redelivered for one in link.ear.spoken] == [True, True, False]


async def test_a_cut_connection_costs_neither_the_life_nor_what_happened_meanwhile(
    simulated: Simulated, means: Means
) -> None:
    async with living.link(simulated, means).alive() as link:
        simulated.cut()
        simulated.press()
        await link.ear.hears("input.activated")
        assert (link.ups, link.ended) == (1, None)
        assert len(simulated.subscriptions) == 1


async def test_a_press_in_a_lost_reply_is_heard_where_nothing_is_stored_nor_told_again(
    simulated: Simulated, means: Means
) -> None:
    await simulated.break_(Quirk.SYNC_UNAUTHORISED)
    link = living.link(simulated, means)
    link.past.stores_events = False
    async with link.alive():
        await simulated.break_(Quirk.HALF, call="PullMessages", times=1)
        simulated.press()
        await link.ear.hears("input.activated")
        assert (link.ups, len(simulated.subscriptions)) == (1, 1)


async def test_a_camera_that_forgot_us_is_subscribed_again_and_its_state_compared(
    simulated: Simulated, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.course.YOUNG_S", 0.0)
    async with living.link(simulated, means).alive() as link:
        simulated.machine.slots.clear()
        simulated.press()
        await link.ear.hears("input.activated")
        assert (link.ups, len(simulated.subscriptions)) == (1, 1)


async def test_what_a_dead_life_left_on_the_camera_is_given_back_by_the_next(
    simulated: Simulated, means: Means
) -> None:
    link = living.link(simulated, means)
    async with link.alive():
        await simulated.break_(Quirk.HALF)
        await waiting.until(lambda: link.ended, what="it is lost")
    await simulated.mend()
    assert len(simulated.subscriptions) == 1
    async with link.alive():
        assert len(simulated.subscriptions) == 1
    assert not simulated.subscriptions


async def test_a_subscription_that_pulls_do_not_prolong_is_renewed(
    simulated: Simulated, means: Means
) -> None:
    await simulated.break_(Quirk.OWN_LIFETIME, 8.0)
    await simulated.break_(Quirk.RENEW_ONLY)
    async with living.link(simulated, means).alive() as link:
        renews = simulated.record.requests["Renew"]
        await waiting.until(
            lambda: simulated.record.requests["Renew"] >= renews + 2, within_s=20, what="renewed"
        )
        assert simulated.record.requests["CreatePullPointSubscription"] == 1
        assert link.ups == 1


async def test_a_silent_camera_proves_that_it_can_still_tell_something(
    simulated: Simulated,
) -> None:
    async with living.means(quiet_s=2.5) as means, living.link(simulated, means).alive() as link:
        asked = simulated.record.requests["SetSynchronizationPoint"]
        await waiting.until(
            lambda: simulated.record.requests["SetSynchronizationPoint"] > asked, what="it is asked"
        )
        simulated.press()
        await link.ear.hears("input.activated")
        assert not link.health.is_mute
        assert simulated.record.requests["CreatePullPointSubscription"] == 1


async def test_one_that_cannot_gets_a_new_subscription_and_is_called_mute(
    simulated: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.course.PROOF_S", 1.0)
    await simulated.break_(Quirk.NO_INITIAL)
    async with living.means(quiet_s=2.5) as means, living.link(simulated, means).alive() as link:
        await waiting.until(lambda: link.health.is_mute, what="it is mute")
        synchronised = "SetSynchronizationPoint"
        await waiting.until(lambda: simulated.record.requests[synchronised] == 3, what="it is new")
        assert simulated.record.requests["CreatePullPointSubscription"] == 2
        simulated.press()
        await link.ear.hears("input.activated")
        assert not link.health.is_mute


async def test_a_clock_that_jumps_while_connected_costs_nothing(
    simulated: Simulated, means: Means
) -> None:
    await simulated.break_(Quirk.WSSE_ONLY)
    async with living.link(simulated, means).alive() as link:
        for offset_s in (3600.0, -255_600_000.0, 0.0):
            simulated.set_clock(offset_s)
            simulated.press()
            simulated.release()
            await _is_known_to_be_off(link, offset_s)
        await link.ear.hears("input.cleared", times=3)
        assert link.ups == 1
    assert link.ear.kinds == ["input.activated", "input.cleared"] * 3


async def _is_known_to_be_off(link: Link, offset_s: float) -> None:
    await waiting.until(
        lambda: abs((link.health.clock_offset_s or 0.0) - offset_s) < 5,
        what=f"its clock is known to be {offset_s} s off",
    )


async def test_a_still_is_fetched_beside_the_events(simulated: Simulated, means: Means) -> None:
    camera = living.link(simulated, means).camera()
    found = await camera.picture()
    assert found.content_type == "image/jpeg"
    assert simulated.record.stills == 1
