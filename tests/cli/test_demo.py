"""`dabyl demo` and `dabyl run`, as processes of their own."""

import re
import signal
from pathlib import Path

import httpx2
import pytest

from tests.cli.processes import Command
from tests.cli.shell import SETTINGS
from tests.harness import ports, programs
from tests.harness.mosquitto import Mosquitto
from tests.harness.servers import accepts

pytestmark = pytest.mark.servers


async def test_a_demo_shows_a_press_at_the_centre_and_ends_without_a_trace(
    tmp_path: Path,
) -> None:
    programs.find("mosquitto")
    demo = Command(tmp_path, "demo", "--port", "0", "--data", "kept")
    try:
        said = await demo.says(r"panic\.pressed.*\n.*pressed → heard .* stored.* · centre .* ms")
        assert re.search(r"live page +http://127.0.0.1:\d+/signin\?once=\S{40}", said)
    finally:
        code = demo.end(signal.SIGINT)
    broker = re.search(r"listener (\d+)", (tmp_path / "kept/broker/mosquitto.conf").read_text())
    assert code == 0
    assert broker is not None
    assert not await accepts(int(broker[1]))


async def test_a_demo_shows_an_alarm_of_a_camera_with_its_still(tmp_path: Path) -> None:
    programs.find("mosquitto")
    demo = Command(tmp_path, "demo", "--port", "0", "--data", "kept")
    try:
        await demo.says(r"panic\.pressed  .*s001-camera-1", within_s=40)
        said = await demo.says(r"(?s)s001-camera-1\n.*still of s001-camera-1 at once")
        page = re.findall(r"http://127.0.0.1:\d+", said)[0]
        token = (tmp_path / "kept/centre.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=page, headers=headers) as centre:
            alarms = (await centre.get("/api/v1/alarms")).json()["items"]
            (mine,) = (one["id"] for one in alarms if one["device"] == "s001-camera-1")
            alarm = (await centre.get(f"/api/v1/alarms/{mine}")).json()
            still = next(one for one in alarm["evidence"] if one["sha256"])
            picture = await centre.get(f"/api/v1/evidence/{still['sha256']}")
        assert picture.content.startswith(b"\xff\xd8\xff")
    finally:
        assert demo.end(signal.SIGINT) == 0


async def test_a_demo_on_a_port_that_is_taken_says_which_and_what_to_do(
    tmp_path: Path, broker: Mosquitto
) -> None:
    demo = Command(tmp_path, "demo", "--port", str(broker.port))
    assert await demo.ended() == 1
    assert "say another" in demo.log()
    assert demo.log().count("\n") == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_gateway_that_is_told_to_end_ends_with_nought(
    tmp_path: Path, broker: Mosquitto, how: signal.Signals
) -> None:
    port = ports.free()
    (tmp_path / "dabyl.toml").write_text(
        SETTINGS.partition("[[receiver]]")[0]
        + f'[http]\nlisten = "127.0.0.1:{port}"\n[[broker]]\nurl = "{broker.url}"\n'
    )
    gateway = Command(tmp_path, "run")
    try:
        await gateway.says("gateway started")
    finally:
        code = gateway.end(how)
    assert code == 0
    assert "Traceback" not in gateway.log()


async def test_a_device_that_is_asked_to_test_itself_is_heard(tmp_path: Path) -> None:
    programs.find("mosquitto")
    demo = Command(tmp_path, "demo", "--port", "0", "--data", "kept")
    try:
        await demo.says("connections up")
        tried = Command(tmp_path, "--config", "kept/dabyl.toml", "device", "test", "s002-button-1")
        code = await tried.ended()
    finally:
        demo.end(signal.SIGTERM)
    assert code == 0, tried.log()
    assert "it replied: done" in tried.log()
    assert "panic.pressed, marked TEST" in tried.log()
