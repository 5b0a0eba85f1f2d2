"""Cameras over TLS: known by the certificate that was learnt, or not spoken with."""

import ssl
from asyncio import sslproto
from pathlib import Path

import pytest
from aiohttp import web

from adapters.devices.onvif import calls, wire
from adapters.devices.onvif.calls import Action
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.devices.onvif.transport import Caller
from tests.adapters.onvif import cameras
from tests.adapters.onvif.conftest import Calling
from tests.adapters.onvif.samples import sample
from tests.harness.certificates import Authority


async def _empty(_: web.BaseRequest) -> web.StreamResponse:
    return cameras.soap(sample("pull_nothing.xml"))


def _tls(folder: Path, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*Authority(folder, name).sign("camera"))
    return context


async def _pull(caller: Caller) -> calls.Pulled:
    url = caller.settings.base + "/onvif/subscription"
    return calls.pulled(await caller.call(url, calls.pull(30), action=Action.PULL))


async def test_a_camera_is_known_by_the_certificate_that_was_learnt(
    calling: Calling, tmp_path: Path
) -> None:
    async with cameras.standing(_empty, tls=_tls(tmp_path, "maker")) as camera:
        pin = await wire.certificate("127.0.0.1", camera.port)
        assert (await _pull(calling(camera, pin=pin))).messages == []
        shown = ":".join(pin[at : at + 2] for at in range(0, 64, 2)).upper()
        assert (await _pull(calling(camera, pin=shown))).messages == []


async def test_a_changed_certificate_stops_before_anything_is_said(
    calling: Calling, tmp_path: Path
) -> None:
    async with cameras.standing(_empty, tls=_tls(tmp_path, "maker")) as camera:
        pin = await wire.certificate("127.0.0.1", camera.port)
    async with cameras.standing(_empty, tls=_tls(tmp_path, "other")) as camera:
        with pytest.raises(CameraRefused, match="another certificate") as caught:
            await _pull(calling(camera, pin=pin))
    assert caught.value.reason is Reason.CHANGED
    assert camera.heard == []


@pytest.mark.parametrize("pin", ["", "abc", "zz" * 32, "00" * 20])
async def test_a_pin_that_is_none_lets_nobody_in(
    calling: Calling, tmp_path: Path, pin: str
) -> None:
    async with cameras.standing(_empty, tls=_tls(tmp_path, "maker")) as camera:
        with pytest.raises(CameraRefused, match="learn it again"):
            await _pull(calling(camera, pin=pin))
    assert camera.heard == []


async def test_before_a_certificate_is_learnt_any_is_let_in(
    calling: Calling, tmp_path: Path
) -> None:
    async with cameras.standing(_empty, tls=_tls(tmp_path, "maker")) as camera:
        assert (await _pull(calling(camera))).messages == []


async def test_a_camera_that_speaks_no_tls_says_so(calling: Calling) -> None:
    async with cameras.standing(_empty) as camera:
        camera.tls = True
        with pytest.raises(CameraLost) as caught:
            await _pull(calling(camera))
    assert caught.value.reason is Reason.TLS


async def test_a_tls_connection_costs_32_kib_of_buffer(wire: wire.Wire) -> None:
    assert wire.logins("camera") is wire.logins("camera")
    assert sslproto.SSLProtocol.max_size == 32 * 1024
