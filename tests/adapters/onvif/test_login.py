"""Being let in: by digest or by token, never by both, and never too often."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from adapters.devices.onvif import calls, soap
from adapters.devices.onvif.calls import Action
from adapters.devices.onvif.fault import CameraRefused, Reason
from adapters.devices.onvif.transport import Caller, Wire
from tests.adapters.onvif import cameras
from tests.adapters.onvif.cameras import PASSWORD, Heard
from tests.adapters.onvif.conftest import Calling
from tests.adapters.onvif.guarded import INFORMATION, Guarded
from tests.harness.clock import PushedClock

_MD5 = 'Digest realm="cam", qop="auth", algorithm=MD5, nonce="{nonce}"'
_SHA_256 = 'Digest realm="cam", qop="auth", algorithm=SHA-256, nonce="{nonce}"'


async def _ask(caller: Caller) -> str:
    asked = calls.get_device_information()
    answer = await caller.call(caller.device_url, asked, action=Action.GET_DEVICE_INFORMATION)
    return calls.device_information(answer).model


def _bears_login(heard: Heard) -> bool:
    return "Authorization" in heard.headers or b"UsernameToken" in heard.body


async def _refused(caller: Caller) -> CameraRefused:
    with pytest.raises(CameraRefused) as caught:
        await _ask(caller)
    return caught.value


@pytest.fixture
def guarded(pushed_clock: PushedClock) -> Guarded:
    return Guarded(pushed_clock)


async def test_a_camera_that_asks_for_no_login_gets_none(calling: Calling) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return cameras.soap(INFORMATION)

    async with cameras.standing(answer) as camera:
        caller = calling(camera)
        assert await _ask(caller) == "GK-100"
    assert caller.is_authorised is None
    assert b"Security" not in camera.heard[0].body


@pytest.mark.parametrize("offset", [timedelta(), timedelta(hours=1), timedelta(days=-2956)])
async def test_a_token_bears_the_cameras_time_however_far_off_it_is(
    guarded: Guarded, calling: Calling, offset: timedelta
) -> None:
    guarded.offset = offset
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        assert await _ask(caller) == "GK-100"
        assert await _ask(caller) == "GK-100"
    assert caller.is_authorised
    assert caller.offset_s == pytest.approx(offset.total_seconds(), abs=1.5)
    assert len(camera.heard) == 4  # without, the clock, with; and then with at once
    assert not any("Authorization" in one.headers for one in camera.heard)


@pytest.mark.parametrize("challenges", [(_MD5,), (_MD5, _SHA_256), ('Basic realm="x"', _MD5)])
async def test_a_camera_that_challenges_gets_the_best_digest_and_no_token(
    guarded: Guarded, calling: Calling, challenges: tuple[str, ...]
) -> None:
    guarded.challenges = challenges
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        for _ in range(3):
            assert await _ask(caller) == "GK-100"
    said = [one.headers["Authorization"] for one in camera.heard[1:]]
    assert len(said) == 3
    assert all(("SHA-256" in one) == (_SHA_256 in challenges) for one in said)
    assert "nc=00000003" in said[-1]
    assert not any(b"Security" in one.body for one in camera.heard)


async def test_a_camera_that_offers_only_basic_gets_a_token_and_never_the_password(
    guarded: Guarded, calling: Calling
) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if b"UsernameToken" in await request.read():
            return await guarded(request)
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="cam"'})

    async with cameras.standing(answer) as camera:
        assert await _ask(calling(camera)) == "GK-100"
    assert not any("Authorization" in one.headers for one in camera.heard)
    assert not any(PASSWORD.encode() in one.body for one in camera.heard)


async def test_a_nonce_that_grew_old_costs_one_request_and_no_failure(
    guarded: Guarded, calling: Calling
) -> None:
    guarded.challenges = (_MD5,)
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        for nonce in ("n1", "n2", "n3", "n4", "n5"):
            guarded.nonce = nonce
            assert await _ask(caller) == "GK-100"
        guarded.next_nonce = "n6"
        await _ask(caller)
        before = len(camera.heard)
        await _ask(caller)
    assert before == 11
    assert len(camera.heard) == 12


async def test_a_nonce_that_is_always_stale_ends(guarded: Guarded, calling: Calling) -> None:
    guarded.challenges, guarded.stale, guarded.password = (_MD5,), True, "other"
    async with cameras.standing(guarded) as camera:
        assert (await _refused(calling(camera))).reason is Reason.CREDENTIALS
        assert len(camera.heard) == 3


@pytest.mark.parametrize("challenges", [(), (_MD5,)], ids=["token", "digest"])
async def test_three_failed_logins_are_the_end_for_a_quarter_of_an_hour(
    guarded: Guarded, calling: Calling, pushed_clock: PushedClock, challenges: tuple[str, ...]
) -> None:
    guarded.challenges, guarded.password = challenges, "changed by somebody"
    async with cameras.standing(guarded) as camera:
        reasons = [(await _refused(calling(camera))).reason for _ in range(3)]
        tried = len(camera.asked("GetDeviceInformation"))
        locked = await _refused(calling(camera))
        assert len(camera.asked("GetDeviceInformation")) == tried + 1  # without a login
        assert sum(_bears_login(one) for one in camera.heard) == 3
        await pushed_clock.push(15 * 60)
        again = await _refused(calling(camera))
        assert (await _refused(calling(camera))).reason is Reason.LOCKED  # one try, not three
        guarded.password = PASSWORD
        await pushed_clock.push(15 * 60)
        assert await _ask(calling(camera)) == "GK-100"
    assert reasons == [Reason.CREDENTIALS] * 3
    assert (locked.reason, again.reason) == (Reason.LOCKED, Reason.CREDENTIALS)
    assert "15 min" in locked.why
    assert "user or the password" in again.why


async def test_a_new_login_may_be_tried_at_once(
    guarded: Guarded, calling: Calling, wire: Wire
) -> None:
    guarded.password = "new"
    async with cameras.standing(guarded) as camera:
        for _ in range(4):
            await _refused(calling(camera))
        wire.forget("camera")  # as whoever gives the login does
        assert await _ask(calling(camera, password="new")) == "GK-100"


async def test_a_clock_that_was_set_while_connected_is_read_again(
    guarded: Guarded, calling: Calling
) -> None:
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        await _ask(caller)
        guarded.offset = timedelta(hours=-7)
        assert await _ask(caller) == "GK-100"
    assert caller.offset_s == pytest.approx(-7 * 3600, abs=1.5)


async def test_a_clock_that_shows_no_time_is_to_blame_and_not_the_password(
    guarded: Guarded, calling: Calling
) -> None:
    guarded.shows_clock, guarded.offset = False, timedelta(days=-300)
    async with cameras.standing(guarded) as camera:
        assert (await _refused(calling(camera))).reason is Reason.CLOCK


async def test_a_camera_that_says_expired_has_its_clock_blamed(
    guarded: Guarded, calling: Calling
) -> None:
    guarded.refusal = cameras.fault("wsu:MessageExpired")
    guarded.password = "other"
    async with cameras.standing(guarded) as camera:
        assert (await _refused(calling(camera))).reason is Reason.CLOCK


@pytest.mark.parametrize("challenges", [(), (_MD5,)], ids=["token", "digest"])
async def test_a_user_who_may_not_subscribe_is_told_so_and_locks_nothing(
    guarded: Guarded, calling: Calling, wire: Wire, challenges: tuple[str, ...]
) -> None:
    guarded.challenges, guarded.admin_only = challenges, (b"CreatePullPoint",)
    created = calls.create_pull_point(timedelta(minutes=10))
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        await _ask(caller)
        for _ in range(4):
            with pytest.raises(CameraRefused, match="Administrator") as caught:
                await caller.call(caller.device_url, created, action=Action.CREATE_PULL_POINT)
            assert caught.value.reason is Reason.ROLE
    assert wire.logins("camera").wait_s(wire.monotonic()) == 0


async def test_a_camera_that_says_locked_is_believed(guarded: Guarded, calling: Calling) -> None:
    guarded.refusal = cameras.fault("ter:NotAuthorized", "the user is locked, 30 min left")
    guarded.password = "other"
    async with cameras.standing(guarded) as camera:
        assert (await _refused(calling(camera))).reason is Reason.LOCKED


async def test_a_camera_that_asks_where_no_login_is_known_says_so(
    guarded: Guarded, calling: Calling
) -> None:
    async with cameras.standing(guarded) as camera:
        refused = await _refused(calling(camera, password=None))
    assert refused.reason is Reason.CREDENTIALS
    assert "dabyl camera login" in refused.why


async def test_a_fault_that_blames_no_login_is_the_callers(calling: Calling) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return cameras.soap(cameras.fault("ter:BlockedThreadUpperLimit"), 400)

    async with cameras.standing(answer) as camera:
        with pytest.raises(soap.Fault, match="BlockedThreadUpperLimit"):
            await _ask(calling(camera))


async def test_a_time_an_hour_off_in_each_answer_does_not_spoil_the_logins(
    guarded: Guarded, calling: Calling, pushed_clock: PushedClock
) -> None:
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        await _ask(caller)
        caller.told_time(pushed_clock.now() + timedelta(hours=1))
        assert caller.offset_s == pytest.approx(0, abs=1.5)
        assert await _ask(caller) == "GK-100"
        caller.told_time(pushed_clock.now() + timedelta(hours=1, seconds=30))
    assert caller.offset_s == pytest.approx(30, abs=1.5)


def test_a_time_that_was_told_is_believed_where_none_was_read(calling: Calling) -> None:
    caller = calling(cameras.FakeCamera(port=1))
    caller.told_time(None)
    assert caller.offset_s is None
    caller.told_time(datetime.max.replace(tzinfo=UTC))
    assert caller.camera_time().tzinfo is UTC


async def test_a_step_that_was_read_is_not_counted_again_when_it_is_told(
    guarded: Guarded, calling: Calling, pushed_clock: PushedClock
) -> None:
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        await caller.read_clock()
        caller.told_time(pushed_clock.now())
        guarded.offset = timedelta(hours=1)
        await caller.read_clock()
        for _ in range(2):
            caller.told_time(pushed_clock.now() + timedelta(hours=1))
    assert caller.offset_s == pytest.approx(3600, abs=1.5)


async def test_a_clock_behind_a_digest_is_read_with_it(guarded: Guarded, calling: Calling) -> None:
    guarded.challenges, guarded.guards_clock = (_MD5,), True
    guarded.offset = timedelta(hours=1)
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        assert await caller.read_clock() is not None
    assert caller.offset_s == pytest.approx(3600, abs=1.5)


async def test_a_clock_behind_a_token_is_left_unread_and_costs_no_failure(
    guarded: Guarded, calling: Calling
) -> None:
    guarded.guards_clock = True
    async with cameras.standing(guarded) as camera:
        caller = calling(camera)
        assert await caller.read_clock() is None
        assert await _ask(caller) == "GK-100"
    assert caller.offset_s is None
