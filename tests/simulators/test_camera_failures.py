"""How cameras fail on the wire and with their pictures; and that each quirk has been tried."""

import io
import re
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from simulators.camera import Quirk
from tests.simulators.cameras import Client, client_of, running

SCOPES = "<tds:GetScopes/>"


async def test_nobody_listens_until_it_is_mended() -> None:
    async with running() as camera:
        await camera.break_(Quirk.REFUSE)
        async with client_of(camera) as client:
            with pytest.raises(httpx2.ConnectError):
                await client.ask(SCOPES)
            port = camera.port
            await camera.mend()
            assert (await client.ask(SCOPES)).status == 200
            assert camera.port == port


async def test_camera_hangs_up_in_one_call_alone() -> None:
    async with running() as camera, client_of(camera) as client:
        await camera.break_(Quirk.RESET, call="GetScopes", times=1)
        assert (await client.ask("<trt:GetProfiles/>")).status == 200
        with pytest.raises(httpx2.ReadError):
            await client.ask(SCOPES)
        assert (await client.ask(SCOPES)).status == 200


@pytest.mark.parametrize("quirk", [Quirk.HANG, Quirk.DRIP])
async def test_camera_lets_its_client_wait(quirk: Quirk) -> None:
    async with running(quirk) as camera, client_of(camera) as client:
        client.http.timeout = httpx2.Timeout(0.2)
        with pytest.raises(httpx2.ReadTimeout):
            await client.ask(SCOPES)


async def test_answer_breaks_off_in_the_middle() -> None:
    async with running(Quirk.HALF) as camera, client_of(camera) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.ask(SCOPES)


async def test_answer_is_a_status_or_a_web_page() -> None:
    async with running(Quirk.STATUS) as camera, client_of(camera) as client:
        assert (await client.ask(SCOPES)).status == 503
        await camera.break_(Quirk.HTML_200)
        await camera.mend(Quirk.STATUS)
        said = await client.ask(SCOPES)
        assert (said.status, said.body[:6]) == (200, b"<html>")


async def poured(client: Client, url: str, at_most: int) -> tuple[int, str | None]:
    """How much of an answer came, up to a limit, and how long it was said to be."""
    got, words = 0, client.http.build_request("POST", url, content=await envelope())
    answer = await client.http.send(words, stream=True)
    async for piece in answer.aiter_raw():
        got += len(piece)
        if got >= at_most:
            break
    await answer.aclose()
    return got, answer.headers.get("Content-Length")


async def envelope() -> bytes:
    """A request that needs no login."""
    return (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        b'<GetHostname xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
    )


async def test_answer_is_huge_or_has_no_end() -> None:
    async with running(Quirk.HUGE_REPLY) as camera, client_of(camera) as client:
        got, said = await poured(client, camera.url, 2**40)
        assert said is not None
        assert got == int(said) > 64 * 2**20
        await camera.mend(Quirk.HUGE_REPLY)
        await camera.break_(Quirk.ENDLESS_CHUNKS)
        assert await poured(client, camera.url, 5_000_000) >= (5_000_000, "")


async def test_answer_has_a_document_type_a_bomb_or_a_tower() -> None:
    async with running(Quirk.DOCTYPE) as camera, client_of(camera) as client:
        assert b"<!DOCTYPE s:Envelope [<!ENTITY who SYSTEM" in (await client.ask(SCOPES)).body
        await camera.mend(Quirk.DOCTYPE)
        await camera.break_(Quirk.ENTITY_BOMB)
        assert b"<boom>&a9;</boom>" in (await client.ask(SCOPES)).body
        await camera.mend(Quirk.ENTITY_BOMB)
        await camera.break_(Quirk.DEEP)
        assert (await client.ask(SCOPES)).body.count(b"<a>") == 10_000


async def test_picture_is_frozen_black_or_covered() -> None:
    async with running() as camera, client_of(camera) as client:
        await client.still()
        await camera.break_(Quirk.FROZEN)
        first, second = await client.still(), await client.still()
        assert first.content == second.content
        await camera.mend()
        camera.tamper(True)
        assert await brightest(client) > 200  # what is written over it
        camera.signal_loss(True)
        assert await brightest(client) < 10
        camera.signal_loss(False)
        await camera.break_(Quirk.BLACK)
        assert await brightest(client) < 10


async def brightest(client: Client) -> int:
    """The brightest point of the next picture."""
    picture = Image.open(io.BytesIO((await client.still()).content)).convert("L")
    return int(picture.getextrema()[1])  # type: ignore[arg-type]


async def test_picture_is_none() -> None:
    async with running(Quirk.STILL_NO_PICTURE) as camera, client_of(camera) as client:
        assert (await client.still()).headers["Content-Type"].startswith("text/html")
        await camera.break_(Quirk.STILL_REDIRECT, "http://127.0.0.1:1/secret")
        answer = await client.still()
        assert (answer.status_code, answer.headers["Location"]) == (
            302, "http://127.0.0.1:1/secret",
        )  # fmt: skip


async def test_picture_wants_another_login_or_none() -> None:
    async with running(Quirk.STILL_OPEN) as camera, client_of(camera) as client:
        assert (await client.still(httpx2.Auth())).status_code == 200
        await camera.mend()
        await camera.break_(Quirk.STILL_BASIC)
        assert (await client.still()).status_code == 401
        basic = httpx2.BasicAuth(client.user, client.password)
        assert (await client.still(basic)).status_code == 200


async def test_picture_is_of_300_megabytes() -> None:
    async with running(Quirk.STILL_HUGE, Quirk.STILL_OPEN) as camera, client_of(camera) as client:
        uri = (await client.ask("<trt:GetSnapshotUri/>")).text("Uri")
        async with client.http.stream("GET", uri) as answer:
            assert answer.headers["Content-Length"] == "300000000"
            assert (await anext(answer.aiter_raw()))[:2] == b"\xff\xd8"


def test_each_quirk_is_tried_by_a_test() -> None:
    tests = Path(__file__).parent.glob("test_camera*.py")
    tried = set(re.findall(r"Quirk\.([A-Z0-9_]+)", "".join(one.read_text() for one in tests)))
    assert {one.name for one in Quirk} <= tried
