"""What a camera without quirks does, by the standard."""

import asyncio
import hashlib
import io
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from simulators.camera import Camera, Happening, Input, Place, certificate
from tests.harness import talking, waiting
from tests.simulators.cameras import PASSWORD, USER, Client, client_of, running

INPUT = "tns1:Device/Trigger/DigitalInput"


@pytest.fixture
async def camera() -> AsyncIterator[Camera]:
    async with running() as one:
        yield one


@pytest.fixture
async def client(camera: Camera) -> AsyncIterator[Client]:
    async with client_of(camera) as one:
        yield one


async def test_press_answers_the_open_pull_at_once(camera: Camera, client: Client) -> None:
    await client.subscribe()
    await client.pull()
    began = time.monotonic()
    pulling = asyncio.ensure_future(client.pull("PT30S"))
    await waiting.until(lambda: camera.subscriptions[0].pulling == 1, what="the pull is held")
    camera.press()
    (one,) = await pulling
    assert (one.topic, one.operation) == (INPUT, "Changed")
    assert (one.source, one.data) == ({"InputToken": "1"}, {"LogicalState": "true"})
    assert time.monotonic() - began < 5


async def test_pull_is_held_for_its_whole_timeout_when_nothing_happens(client: Client) -> None:
    await client.subscribe()
    await client.pull()
    began = time.monotonic()
    assert await client.pull("PT1S") == []
    assert 0.95 < time.monotonic() - began < 5


async def test_new_pull_point_tells_how_everything_stands(camera: Camera, client: Client) -> None:
    camera.press("2")
    await client.subscribe()
    told = await client.pull()
    assert {one.operation for one in told} == {"Initialized"}
    inputs = {
        one.source["InputToken"]: one.data["LogicalState"] for one in told if one.topic == INPUT
    }
    assert inputs == {"1": "false", "2": "true"}


async def test_synchronization_point_tells_it_again(camera: Camera, client: Client) -> None:
    await client.subscribe()
    await client.pull()
    camera.press()
    await client.pull()
    await client.ask("<tev:SetSynchronizationPoint/>", at=client.at)
    told = {one.source.get("InputToken"): one for one in await client.pull()}
    assert told["1"].operation == "Initialized"
    assert told["1"].data == {"LogicalState": "true"}


async def test_closed_loop_says_true_at_rest_and_false_when_pressed() -> None:
    async with (
        running(inputs=(Input(token="9", normally_closed=True),)) as camera,
        client_of(camera) as client,
    ):
        await client.subscribe()
        (rest,) = [one for one in await client.pull() if one.topic == INPUT]
        camera.press("9")
        (pressed,) = await client.pull()
    assert rest.data == {"LogicalState": "true"}
    assert pressed.data == {"LogicalState": "false"}


async def test_springing_button_tells_press_and_release(camera: Camera, client: Client) -> None:
    await client.subscribe()
    await client.pull()
    camera.press(for_s=0.05)
    first = await client.pull()
    second = await client.pull()
    assert [one.data["LogicalState"] for one in first + second] == ["true", "false"]


async def test_second_pull_is_refused_when_one_is_held(camera: Camera, client: Client) -> None:
    await client.subscribe()
    await client.pull()
    held = asyncio.ensure_future(client.pull("PT3S"))
    await waiting.until(lambda: camera.subscriptions[0].pulling == 1, what="the pull is held")
    assert (await client.pull_raw()).subcode == "wsnt:UnableToGetMessagesFault"
    camera.press()
    assert await held


async def test_client_that_leaves_in_a_pull_leaves_nothing(camera: Camera, client: Client) -> None:
    await client.subscribe()
    await client.pull()
    held = asyncio.ensure_future(client.pull("PT30S"))
    await waiting.until(lambda: camera.subscriptions[0].pulling == 1, what="the pull is held")
    held.cancel()
    await waiting.until(lambda: camera.subscriptions[0].pulling == 0, what="the pull is let go")
    camera.press()
    assert [one.data for one in await client.pull()] == [{"LogicalState": "true"}]


async def test_slots_are_few_and_unsubscribe_frees_one(camera: Camera, client: Client) -> None:
    answers = [await client.subscribe() for _ in range(11)]
    assert [one.status for one in answers] == [200] * 10 + [500]
    assert answers[-1].subcode == "wsnt:SubscribeCreationFailedFault"
    await client.ask("<wsnt:Unsubscribe/>", at=client.at)
    assert (await client.subscribe()).status == 200
    assert len(camera.subscriptions) == 10


async def test_subscription_expires_and_renew_prolongs_it(camera: Camera, client: Client) -> None:
    await client.subscribe("PT1S")
    expired = client.at
    await client.subscribe("PT1S")
    words = "<wsnt:Renew><wsnt:TerminationTime>PT60S</wsnt:TerminationTime></wsnt:Renew>"
    assert (await client.ask(words, at=client.at)).status == 200
    await waiting.until(lambda: len(camera.subscriptions) == 1, what="one has expired")
    assert (await client.ask(words, at=expired)).subcode == "wsrf-rw:ResourceUnknownFault"
    assert (await client.ask(words, at=client.at)).status == 200


async def test_filter_lets_only_its_topics_through(camera: Camera, client: Client) -> None:
    said = await client.ask(
        "<tev:CreatePullPointSubscription><tev:Filter><wsnt:TopicExpression>"
        "tns1:Device//.|tns1:VideoSource/SignalLoss</wsnt:TopicExpression></tev:Filter>"
        "</tev:CreatePullPointSubscription>"
    )
    client.at = said.text("Address")
    await client.pull()
    camera.motion(True)
    camera.signal_loss(True)
    camera.press()
    assert [one.topic for one in await client.pull()] == ["tns1:VideoSource/SignalLoss", INPUT]


async def test_everything_that_can_happen_is_told() -> None:
    async with running(doors=("1",)) as camera, client_of(camera) as client:
        await client.subscribe()
        await client.pull()
        for do in (camera.tamper, camera.motion, camera.intrude, camera.storage_failure):
            do(True)
        camera.cross_line()
        camera.access(Happening.DENIED, reason="Expired")
        camera.access(Happening.DURESS)
        camera.door(Happening.DOOR_ALARM, True, reason="DoorForcedOpen")
        told = {one.topic: one.data for one in await client.pull()}
    assert len(told) == 8
    assert told["tns1:AccessControl/Denied/Credential"]["Reason"] == "Expired"
    assert told["tns1:Door/State/DoorAlarm"] == {"State": "DoorForcedOpen"}


async def test_camera_forgets_subscriptions_and_keeps_its_states_when_it_starts_again(
    camera: Camera, client: Client
) -> None:
    camera.press()
    await client.subscribe()
    await camera.reboot(down_s=0.0, clock_offset_s=-86_400)
    client.offset_s = -86_400
    assert (await client.pull_raw()).subcode == "wsrf-rw:ResourceUnknownFault"
    await client.subscribe()
    assert {"LogicalState": "true"} in [one.data for one in await client.pull()]


async def test_camera_that_was_stopped_starts_at_the_same_address(client: Client) -> None:
    camera, url = client.camera, client.camera.url
    await camera.stop()
    with pytest.raises(httpx2.ConnectError):
        await client.subscribe()
    await camera.start()
    assert camera.url == url
    assert (await client.subscribe()).status == 200


async def test_seek_tells_again_what_was_said(camera: Camera, client: Client) -> None:
    since = camera.machine.now().isoformat()
    camera.press()
    camera.cross_line()
    await client.subscribe()
    words = f"<tev:Seek><tev:UtcTime>{since}</tev:UtcTime></tev:Seek>"
    assert (await client.ask(words, at=client.at)).status == 200
    assert [one.topic for one in await client.pull()] == [
        "tns1:EventBuffer/Begin", INPUT, "tns1:RuleEngine/LineDetector/Crossed",
    ]  # fmt: skip


@pytest.mark.parametrize("login", ["wsse", "digest"])
async def test_camera_lets_in_who_knows_the_password(camera: Camera, login: str) -> None:
    async with client_of(camera, login=login) as client:
        said = await client.ask("<tds:GetDeviceInformation/>")
    assert said.text("SerialNumber") == "S001-CAMERA-1"
    assert {one.scheme for one in camera.record.logins if one.why_not is None} == {login}


async def test_camera_asks_for_a_login_when_there_is_none(client: Client) -> None:
    said = await client.ask("<tds:GetDeviceInformation/>", login="none")
    assert said.status == 401
    assert said.headers["WWW-Authenticate"].startswith("Digest ")
    assert (await client.ask("<tds:GetSystemDateAndTime/>", login="none")).status == 200


async def test_camera_notes_every_wrong_login(camera: Camera, client: Client) -> None:
    client.password = "guessed"
    assert (await client.ask("<tds:GetScopes/>")).subcode == "ter:NotAuthorized"
    client.login = "digest"
    assert (await client.ask("<tds:GetScopes/>")).status == 401
    assert [one.why_not for one in camera.record.logins] == ["wrong password"] * 2
    assert camera.record.logins_refused == 2


async def test_still_is_a_picture_that_changes(camera: Camera, client: Client) -> None:
    first, second = await client.still(), await client.still()
    picture = Image.open(io.BytesIO(first.content))
    assert (first.headers["Content-Type"], picture.size) == ("image/jpeg", (640, 360))
    assert bytes(picture.info["comment"]).startswith(b"dabyl s001-camera-1 2")
    assert first.content != second.content
    assert camera.record.stills == 2


async def test_camera_speaks_https_and_can_change_its_certificate() -> None:
    async with running(place=Place(tls=True)) as camera:
        shown = [await _shown(camera)]
        assert shown == [camera.fingerprint]
        await camera.change_certificate()
        shown.append(await _shown(camera))
        assert shown[1] == camera.fingerprint != shown[0]


async def test_camera_shows_the_certificate_that_it_is_given(tmp_path: Path) -> None:
    pem = certificate.own("another", "127.0.0.1")
    (tmp_path / "camera.pem").write_bytes(pem)
    async with running(place=Place(pem_file=tmp_path / "camera.pem")) as camera:
        assert await _shown(camera) == camera.fingerprint == certificate.fingerprint(pem)


async def test_event_is_pushed_to_its_consumer(camera: Camera, client: Client) -> None:
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        got.put_nowait(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()

    async with talking.listening(take) as port:
        said = await client.ask(
            f"<wsnt:Subscribe><wsnt:ConsumerReference><a:Address>http://127.0.0.1:{port}/x"
            "</a:Address></wsnt:ConsumerReference></wsnt:Subscribe>"
        )
        assert said.status == 200
        assert b"Initialized" in await asyncio.wait_for(got.get(), 5)
        camera.press()
        assert b"LogicalState" in await asyncio.wait_for(got.get(), 5)
        await client.ask("<wsnt:Unsubscribe/>", at=said.text("Address"))
    await waiting.until(lambda: camera.record.pushed["200"] == 2, what="both were pushed")
    assert not camera.subscriptions


async def test_camera_answers_what_is_no_soap_with_a_fault(client: Client) -> None:
    answer = await client.http.post(client.camera.url, content=b"<html>")
    assert answer.status_code == 400
    assert b"ter:WellFormed" in answer.content
    assert (await client.ask("<tds:SystemReboot/>")).subcode == "ter:ActionNotSupported"


async def test_still_wants_digest_and_notes_a_password_said_in_plain(
    camera: Camera, client: Client
) -> None:
    assert (await client.still(httpx2.BasicAuth(USER, PASSWORD))).status_code == 401
    assert camera.record.plain_passwords == 1


async def _shown(camera: Camera) -> str:
    """The fingerprint of the certificate that a camera shows to who asks it something."""
    async with client_of(camera) as client:
        assert (await client.ask("<tds:GetScopes/>")).status == 200
    pem = await asyncio.to_thread(ssl.get_server_certificate, (camera.host, camera.port))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
