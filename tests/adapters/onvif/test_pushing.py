"""Push beside pull: it takes over once it is proven, and is given up where it falls silent."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.devices.onvif.health import Way
from adapters.devices.onvif.push import Listener, Refusal
from simulators.camera.camera import Camera as Simulated
from simulators.camera.doorkeeper import Account
from simulators.camera.machine import Character
from simulators.camera.makes import MAKES
from simulators.camera.quirks import Quirk
from tests.adapters.onvif import living
from tests.adapters.onvif.living import Link
from tests.harness import ports, waiting

HERE = "127.0.0.1"


@contextlib.asynccontextmanager
async def _pushed(
    make: str = "plain", *, tells_initial: bool = False
) -> AsyncIterator[tuple[Simulated, Link, Listener]]:
    accounts = {"dabyl": Account("secret")}
    simulated = Simulated(Character(name="camera-1", accounts=accounts, make=MAKES[make]))
    await simulated.start()
    if not tells_initial:
        await simulated.break_(Quirk.NO_INITIAL)
    port = ports.free()
    listener = Listener(f"http://{HERE}:{port}")
    await listener.open(HERE, port)
    try:
        async with living.means(listener=listener) as means:
            settings = living.settings_of(simulated, hold_s=1.0, pushes=True)
            async with Link(settings, means).alive() as link:
                yield simulated, link, listener
    finally:
        await listener.close()
        await simulated.stop()


async def _pushes_as_well(simulated: Simulated) -> None:
    """Before that, what is pressed is pulled."""
    await waiting.until(lambda: len(simulated.subscriptions) == 2, what="it pushes as well")


async def _is_pushed(link: Link) -> None:
    await waiting.until(lambda: link.health.way is Way.PUSH, what="push has taken over")


async def test_what_a_tapo_tells_only_by_push_is_heard() -> None:
    async with _pushed("tapo") as (simulated, link, _):
        await _pushes_as_well(simulated)
        simulated.press("2")
        await link.ear.hears("input.activated")
        simulated.tamper(covered=True)
        await link.ear.hears("camera.tampered")


async def test_push_takes_over_only_after_the_first_valid_body_and_says_nothing_twice() -> None:
    async with _pushed() as (simulated, link, _):
        await _pushes_as_well(simulated)
        assert link.health.way is Way.PULL
        simulated.press("2")
        await link.ear.hears("input.activated")
        await _is_pushed(link)
        pulls = simulated.record.requests["PullMessages"]
        simulated.release("2")
        await link.ear.hears("input.cleared")
        assert simulated.record.requests["PullMessages"] == pulls
        assert len(simulated.subscriptions) == 2
    assert link.ear.kinds == ["input.activated", "input.cleared"]
    assert not simulated.subscriptions


async def test_push_takes_over_only_after_what_a_cut_pull_may_have_taken_was_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.course.DOUBT_EVERY_S", 6.0)
    async with _pushed() as (simulated, link, _):
        await _pushes_as_well(simulated)
        requests = simulated.record.requests
        asked = requests["SetSynchronizationPoint"]
        simulated.cut()
        await waiting.until(
            lambda: requests["SetSynchronizationPoint"] > asked, what="the first one is compared"
        )
        pulls = requests["PullMessages"] + 1
        await waiting.until(lambda: requests["PullMessages"] >= pulls, what="it is pulled on")
        simulated.cut()
        simulated.press("2")
        await _is_pushed(link)
        assert requests["SetSynchronizationPoint"] > asked + 1


async def test_what_is_pushed_at_first_is_how_things_are_and_raises_no_motion() -> None:
    async with _pushed(tells_initial=True) as (simulated, link, _):
        simulated.motion(moving=True)
        await link.ear.hears("camera.motion")
        simulated.press("2")
        await _is_pushed(link)
        await link.ear.hears("input.activated")
    assert link.ear.kinds == ["camera.motion", "input.activated"]


async def test_a_camera_that_cannot_push_is_pulled() -> None:
    accounts = {"dabyl": Account("secret")}
    simulated = Simulated(Character(name="camera-1", accounts=accounts))
    await simulated.start()
    await simulated.break_(Quirk.HTML_200, call="Subscribe")
    listener = Listener(f"http://{HERE}:1")
    async with living.means(listener=listener) as means:
        settings = living.settings_of(simulated, hold_s=1.0, pushes=True)
        async with Link(settings, means).alive() as link:
            await waiting.until(lambda: simulated.record.requests["Subscribe"], what="it is asked")
            simulated.press("2")
            await link.ear.hears("input.activated")
            assert link.health.way is Way.PULL
    await simulated.stop()


async def test_push_that_dies_is_given_up_for_pull(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _pushed() as (simulated, link, listener):
        await _pushes_as_well(simulated)
        simulated.press("2")
        await _is_pushed(link)
        monkeypatch.setattr("adapters.devices.onvif.pushing.SILENT_PERIODS", 0.003)
        monkeypatch.setattr("adapters.devices.onvif.connection.PROOF_S", 0.5)
        await listener.close()
        await simulated.mend(Quirk.NO_INITIAL)
        await waiting.until(lambda: link.health.way is Way.PULL, what="it is pulled again")
        simulated.release("2")
        await link.ear.hears("input.cleared")


async def test_a_camera_that_tells_its_time_and_no_events_gives_no_sign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _pushed() as (simulated, link, _):
        await _pushes_as_well(simulated)
        simulated.press("2")
        await _is_pushed(link)
        at = link.health.last_reply_at
        clocks = simulated.record.requests["GetSystemDateAndTime"] + 2
        await waiting.until(
            lambda: simulated.record.requests["GetSystemDateAndTime"] >= clocks, what="it answers"
        )
        assert link.health.last_reply_at == at
        monkeypatch.setattr("adapters.devices.onvif.pushing.SIGN_EVERY_S", 1.0)
        await waiting.until(lambda: link.health.last_reply_at != at, what="it gives a sign")
        assert simulated.record.requests["SetSynchronizationPoint"] >= 2


async def test_what_was_pushed_and_not_taken_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.devices.onvif.pushing.DOUBT_EVERY_S", 0.5)
    async with _pushed() as (simulated, link, listener):
        await _pushes_as_well(simulated)
        simulated.press("1")
        await _is_pushed(link)
        await simulated.mend(Quirk.NO_INITIAL)
        monkeypatch.setattr("adapters.devices.onvif.push.BODY_LIMIT", 10)
        simulated.press("2")
        await waiting.until(lambda: listener.refused[Refusal.TOO_LARGE] >= 3, what="it gives up")
        monkeypatch.setattr("adapters.devices.onvif.push.BODY_LIMIT", 256 * 1024)
        await link.ear.hears("input.activated", times=2)


async def test_what_was_not_taken_of_one_that_tells_its_state_to_nobody_is_pulled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.pushing.DOUBT_EVERY_S", 0.5)
    async with _pushed() as (simulated, link, listener):
        await simulated.break_(Quirk.SYNC_UNAUTHORISED)
        await _pushes_as_well(simulated)
        simulated.press("1")
        await _is_pushed(link)
        monkeypatch.setattr("adapters.devices.onvif.push.BODY_LIMIT", 10)
        simulated.press("2")
        await waiting.until(lambda: listener.refused[Refusal.TOO_LARGE] >= 3, what="it gives up")
        monkeypatch.setattr("adapters.devices.onvif.push.BODY_LIMIT", 256 * 1024)

        def is_heard() -> bool:
            simulated.cross_line()  # it goes on to push, so it is not silent
            return link.ear.kinds.count("input.activated") == 2

        await waiting.until(is_heard, what="the press that was not taken is heard")


async def test_while_something_pushed_is_missed_not_all_until_now_counts_as_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.pushing.DOUBT_EVERY_S", 1000.0)
    async with _pushed() as (simulated, link, listener):
        await _pushes_as_well(simulated)
        simulated.press("1")
        await _is_pushed(link)
        monkeypatch.setattr("adapters.devices.onvif.push.BODY_LIMIT", 10)
        at = living.now()
        simulated.press("2")
        await waiting.until(lambda: listener.refused[Refusal.TOO_LARGE] >= 3, what="it gives up")
        monkeypatch.setattr("adapters.devices.onvif.push.BODY_LIMIT", 256 * 1024)
        simulated.cross_line()
        await link.ear.hears("camera.line_crossed")
        clocks = simulated.record.requests["GetSystemDateAndTime"] + 2
        await waiting.until(
            lambda: simulated.record.requests["GetSystemDateAndTime"] >= clocks, what="it is looked"
        )
        assert link.past.heard_until is not None
        assert link.past.heard_until <= at


async def test_rubbish_at_a_cameras_path_is_counted_and_proves_nothing() -> None:
    async with _pushed() as (simulated, link, listener):
        await _pushes_as_well(simulated)
        url = next(one.consumer for one in simulated.subscriptions if one.consumer)
        session = aiohttp.ClientSession()
        async with session, session.post(url, data=b"<html>") as answer:
            assert answer.status == 200
        await waiting.until(lambda: link.health.unreadable == 1, what="it is counted")
        assert link.health.way is Way.PULL
        assert listener.taken == 1


async def test_what_an_overloaded_gateway_did_not_take_of_a_push_is_handed_in_within_a_second() -> (
    None
):
    async with _pushed() as (simulated, link, _):
        await _pushes_as_well(simulated)
        simulated.press("2")
        await _is_pushed(link)
        link.ear.is_full = True
        simulated.release("2")
        await waiting.until(link.standing.owed, what="it is owed")
        link.ear.is_full = False
        await link.ear.hears("input.cleared")


async def test_a_pulse_while_push_was_dead_is_sought_when_it_is_pulled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _pushed() as (simulated, link, listener):
        await _pushes_as_well(simulated)
        simulated.press("2")
        await _is_pushed(link)
        monkeypatch.setattr("adapters.devices.onvif.pushing.SILENT_PERIODS", 0.003)
        monkeypatch.setattr("adapters.devices.onvif.connection.PROOF_S", 0.5)
        await listener.close()
        simulated.cross_line()
        await link.ear.hears("camera.line_crossed")
        assert link.health.sought
