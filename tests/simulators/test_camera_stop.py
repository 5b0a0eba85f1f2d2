"""A camera that is stopped leaves nobody's connection open, however far that had come."""

import asyncio
import socket

import pytest

from simulators.camera import Place, Quirk
from tests.harness import unclosed, waiting
from tests.simulators.cameras import client_of, running

_HALF_A_HEAD = b"POST /onvif/device_service HTTP/1.1\r\n"


async def _leave(turns: int, said: bytes, *, tls: bool) -> None:
    """Somebody connects and hangs; so many turns of the loop later the camera is stopped."""
    async with running(place=Place(tls=tls)) as camera:
        with socket.create_connection((camera.host, camera.port)) as line:
            line.sendall(said)
            for _ in range(turns):
                await asyncio.sleep(0)
            await camera.stop()


async def _leave_hanging() -> None:
    async with running(Quirk.HANG) as camera, client_of(camera) as client:
        asked = asyncio.ensure_future(client.ask("<tds:GetScopes/>"))
        await waiting.until(lambda: camera.record.requests, what="it hangs")
        await camera.stop()
        await asyncio.wait({asked})
        assert asked.exception() is not None


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("said", [b"", _HALF_A_HEAD], ids=["nothing", "half a head"])
@pytest.mark.parametrize("turns", range(7))
def test_camera_closes_a_connection_as_young_as_it_is_when_it_stops(
    turns: int, said: bytes, *, tls: bool
) -> None:
    assert unclosed.after(_leave(turns, said, tls=tls)) == []


def test_camera_closes_a_connection_that_it_lets_hang_when_it_stops() -> None:
    assert unclosed.after(_leave_hanging()) == []
