"""A camera's link while more is said than anybody takes: owed, in slices, and compared."""

import asyncio

import pytest

from adapters.devices.onvif.dial import dial
from adapters.devices.onvif.health import Health, LetGo
from adapters.devices.onvif.means import Means
from simulators.camera.camera import Camera as Simulated
from tests.adapters.onvif import living
from tests.harness import waiting

_MOTION = "tns1:VideoSource/MotionAlarm"


async def test_what_an_overloaded_gateway_did_not_take_is_handed_in_again_in_order(
    simulated: Simulated, means: Means
) -> None:
    async with living.link(simulated, means).alive() as link:
        link.ear.is_full = True
        simulated.press("1")
        simulated.press("2")
        simulated.cross_line()
        await waiting.until(lambda: len(link.standing.owed()) == 3, what="three are owed")
        link.ear.is_full = False
        await link.ear.hears("camera.line_crossed")
    assert link.ear.kinds == ["input.activated", "input.activated", "camera.line_crossed"]
    assert [one.said.part for one in link.ear.spoken] == [1, 2, 1]


async def test_a_reply_with_more_than_was_asked_for_is_taken_whole_in_slices(
    simulated: Simulated, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.connection.MESSAGES_LIMIT", 2)
    async with living.link(simulated, means).alive() as link:
        for number in range(5):
            simulated.say(_MOTION, source=(("Source", f"{number}"),), data=(("State", "true"),))
        simulated.press("2")
        await link.ear.hears("input.activated")
    assert link.ear.kinds == [*["camera.motion"] * 5, "input.activated"]


async def test_what_is_cut_off_a_reply_is_counted_and_found_by_a_comparison(
    simulated: Simulated, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.course.DOUBT_EVERY_S", 0.5)
    async with living.link(simulated, means).alive() as link:
        with monkeypatch.context() as cut:
            cut.setattr("adapters.devices.onvif.calls.subscription.REPLY_LIMIT", 2)
            for number in range(5):
                simulated.say(_MOTION, source=(("Source", f"{number}"),), data=(("State", "true"),))
            simulated.press("2")
            await waiting.until(lambda: link.health.let_go[LetGo.CUT] > 0, what="it is cut")
        await link.ear.hears("input.activated")


async def test_a_refused_pulse_is_handed_in_by_the_next_link_of_the_same_camera(
    simulated: Simulated, means: Means
) -> None:
    link = living.link(simulated, means)
    async with link.alive():
        link.ear.is_full = True
        simulated.press()
        simulated.release()
        await waiting.until(lambda: len(link.standing.owed()) == 2, what="both are owed")
    link.ear.is_full = False
    next_one = dial(means)(link.settings, {}, Health(), link.standing.owing)()
    living_ = asyncio.ensure_future(next_one.live(link.ear.emit, lambda: None))
    await link.ear.hears("input.cleared")
    living_.cancel()
    await asyncio.wait({living_})
    assert link.ear.kinds == ["input.activated", "input.cleared"]
