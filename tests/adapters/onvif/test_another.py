"""Another camera at the address of one that was approved: what it sees of the login."""

import pytest
from aiohttp import web

from adapters.devices.onvif.fault import CameraRefused, Reason
from tests.adapters.onvif import cameras, living
from tests.adapters.onvif.living import Link
from tests.harness.changed import replace


@pytest.mark.parametrize("is_open", [True, False])
async def test_another_camera_that_tells_who_it_is_freely_sees_no_login_and_else_one_digest(
    *, is_open: bool
) -> None:
    information = cameras.envelope(
        "<tds:GetDeviceInformationResponse><tds:SerialNumber>OTHER</tds:SerialNumber>"
        "</tds:GetDeviceInformationResponse>"
    )

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if b"GetSystemDateAndTime" in await request.read():
            return cameras.soap(cameras.envelope("<tds:GetSystemDateAndTimeResponse/>"))
        if is_open or "Authorization" in request.headers:
            return cameras.soap(information)
        asks = 'Digest realm="r", nonce="n", qop="auth"'
        return web.Response(status=401, headers={"WWW-Authenticate": asks})

    async with cameras.standing(answer) as camera, living.means() as means:
        error = await Link(replace(camera.settings(), serial="S1"), means).ends()
    assert isinstance(error, CameraRefused)
    assert error.reason is Reason.CHANGED
    shown = [one for one in camera.heard if "Authorization" in one.headers]
    assert len(shown) == (0 if is_open else 1)
    assert not [one for one in camera.heard if b"Security" in one.body]
    assert not [one for one in camera.heard if cameras.PASSWORD in repr(one)]
