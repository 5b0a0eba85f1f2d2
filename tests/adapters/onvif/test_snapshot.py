"""Stills: from the camera itself, small, soon, a picture, and no password for anybody else."""

import asyncio
import base64
import hashlib
import ssl
from pathlib import Path

import pytest
from aiohttp import web

from adapters.devices.onvif import snapshot, wire
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.devices.onvif.wire import Wire
from tests.adapters.onvif import cameras
from tests.adapters.onvif.cameras import PASSWORD, USERNAME, FakeCamera
from tests.harness.certificates import Authority
from tests.harness.clock import PushedClock

_JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 100
_PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 100
_DIGEST = 'Digest realm="cam", qop="auth", nonce="{}"'
_BASIC = 'Basic realm="cam"'


async def _jpeg(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=_JPEG, content_type="text/plain")


async def _fetch(wire: Wire, camera: FakeCamera, uri: str = "/snap.jpg", **more: str) -> bytes:
    return (await snapshot.fetch(wire, camera.settings(**more), uri)).body


async def _ended(wire: Wire, camera: FakeCamera, uri: str = "/snap.jpg") -> Reason:
    try:
        await _fetch(wire, camera, uri)
    except (CameraLost, CameraRefused) as error:
        return error.reason
    pytest.fail("a still came")


async def test_a_still_bears_its_kind_its_time_and_its_digest(
    wire: Wire, pushed_clock: PushedClock
) -> None:
    async with cameras.standing(_jpeg) as camera:
        still = await snapshot.fetch(wire, camera.settings(), "http://10.9.9.9:80:80/a/snap?ch=1")
    assert (still.body, still.content_type) == (_JPEG, "image/jpeg")
    assert still.sha256 == hashlib.sha256(_JPEG).hexdigest()
    assert still.fetched_at == pushed_clock.now()
    assert camera.heard[0].target == "/a/snap?ch=1"


async def test_a_png_is_a_still_as_well(wire: Wire) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=_PNG, content_type="image/jpeg")

    async with cameras.standing(answer) as camera:
        still = await snapshot.fetch(wire, camera.settings(), "snap.png")
    assert still.content_type == "image/png"


async def test_a_foreign_host_is_not_asked_and_a_login_in_the_address_not_used(wire: Wire) -> None:
    async with cameras.standing(_jpeg) as other, cameras.standing(_jpeg) as camera:
        uri = f"http://admin:12345@127.0.0.1:{other.port}/snap.jpg"
        assert await _fetch(wire, camera, uri) == _JPEG
    assert other.heard == []
    assert "Authorization" not in camera.heard[0].headers


def _guarded(challenge: str, expected: str) -> cameras.Answer:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Authorization", "").startswith(expected):
            return web.Response(body=_JPEG)
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    return answer


async def test_a_challenge_is_answered_by_digest_even_beside_basic(wire: Wire) -> None:
    both = f"{_BASIC}, {_DIGEST.format('n')}"
    async with cameras.standing(_guarded(both, "Digest ")) as camera:
        assert await _fetch(wire, camera) == _JPEG
    assert 'uri="/snap.jpg"' in camera.heard[1].headers["Authorization"]
    assert "Authorization" not in camera.heard[0].headers


async def test_the_password_never_goes_in_the_clear_over_http(wire: Wire) -> None:
    async with cameras.standing(_guarded(_BASIC, "Basic ")) as camera:
        assert await _ended(wire, camera) is Reason.CREDENTIALS
    assert not any("Authorization" in one.headers for one in camera.heard)


@pytest.mark.parametrize("is_pinned", [True, False])
async def test_the_password_goes_in_the_clear_only_where_the_certificate_is_known(
    wire: Wire, tmp_path: Path, *, is_pinned: bool
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*Authority(tmp_path, "maker").sign("camera"))
    async with cameras.standing(_guarded(_BASIC, "Basic "), tls=context) as camera:
        if not is_pinned:
            assert await _ended(wire, camera) is Reason.CREDENTIALS
            return
        pin = await _pin(camera)
        assert await _fetch(wire, camera, pin=pin) == _JPEG
    said = base64.b64decode(camera.heard[-1].headers["Authorization"].removeprefix("Basic "))
    assert said == f"{USERNAME}:{PASSWORD}".encode()


async def _pin(camera: FakeCamera) -> str:
    return await wire.certificate("127.0.0.1", camera.port)


async def test_refused_logins_stop_after_three_and_leave_the_events_theirs(wire: Wire) -> None:
    async with cameras.standing(_guarded(_DIGEST.format("n"), "never")) as camera:
        reasons = [await _ended(wire, camera) for _ in range(5)]
    assert reasons == [Reason.CREDENTIALS] * 3 + [Reason.LOCKED] * 2
    assert sum("Authorization" in one.headers for one in camera.heard) == 3
    assert wire.logins("camera").wait_s(wire.monotonic()) == 0


async def test_where_no_login_is_known_none_is_sent(wire: Wire) -> None:
    async with cameras.standing(_guarded(_DIGEST.format("n"), "never")) as camera:
        with pytest.raises(CameraRefused, match="none is known"):
            await snapshot.fetch(wire, camera.settings(password=None), "/snap.jpg")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"<html>no picture</html>", Reason.NO_PICTURE),
        (200, b"", Reason.NO_PICTURE),
        (404, _JPEG, Reason.NO_PICTURE),
        (403, b"", Reason.ROLE),
        (302, b"", Reason.FOREIGN),
        (200, b"\xff\xd8\xff" + b"x" * snapshot.LIMIT_BYTES, Reason.TOO_LARGE),
    ],
)
async def test_what_is_no_still_has_its_reason(
    wire: Wire, status: int, body: bytes, reason: Reason
) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
        return web.Response(status=status, body=body, headers=headers)

    async with cameras.standing(answer) as camera:
        assert await _ended(wire, camera) is reason


async def test_a_still_without_end_is_cut_off(wire: Wire) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        endless = web.StreamResponse()
        await endless.prepare(request)
        while True:
            await endless.write(b"\xff\xd8\xff" * 100_000)

    async with cameras.standing(answer) as camera:
        assert await _ended(wire, camera) is Reason.TOO_LARGE


async def test_a_still_that_does_not_come_is_waited_for_so_long_and_no_longer(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(snapshot, "WITHIN_S", 0.3)
    async with cameras.standing(answer) as camera:
        assert await _ended(wire, camera) is Reason.TIMED_OUT


async def test_a_camera_without_an_address_of_a_still_is_not_asked(wire: Wire) -> None:
    async with cameras.standing(_jpeg) as camera:
        assert await _ended(wire, camera, " ") is Reason.NO_PICTURE
    assert camera.heard == []
