"""Other people's clients, written without us, and what they make of the simulated cameras."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from onveef import wsdiscovery

from simulators.camera import Camera, Character, Fleet
from tests.harness import programs
from tests.simulators.cameras import USER, running

pytestmark = pytest.mark.servers  # programs of others, as servers are
_HERE = Path(__file__).parent / "clients"
_WITHIN_S = 60.0
_ADDRESS = "192.0.2.77"
_PASSWORD = "secret-1"  # npm's onvif takes no other letters than ASCII
PYTHON = {
    "onvif-zeep-async": "tests.simulators.clients.zeep_async",
    "onveef": "tests.simulators.clients.onveef_sync",
}
# Which makes each is able to speak with at all: zeep knows no Digest, neither knows references.
ABLE = [
    *((client, make) for client in PYTHON for make in ("plain", "hikvision", "dahua")),
    *(("npm onvif", make) for make in ("plain", "hikvision", "dahua", "axis", "pelco", "reolink")),
    ("onveef", "hanwha"),
    ("onvif-zeep-async", "avigilon"),
]


@pytest.mark.parametrize(("client", "make"), ABLE)
async def test_others_client_connects_lists_hears_a_press_renews_and_leaves(
    client: str, make: str
) -> None:
    async with running(make=make, password=_PASSWORD) as camera:
        told = await _drive(client, camera)
        assert told["connected"]["profiles"] == ["Profile_1", "Profile_2"]
        assert told["initial"]["heard"]
        pressed = [one for one in told["pressed"]["heard"] if one["operation"] == "Changed"]
        assert len(pressed) == 1
        assert "left" in told
        assert camera.record.requests["PullMessages"] >= 2
        assert not camera.subscriptions
        if client in PYTHON:
            assert told["connected"]["still"] > 1000
            assert camera.record.stills == 1


async def test_onveef_finds_cameras_by_their_own_address() -> None:
    fleet = Fleet()
    camera = fleet.add(Character(name="s001-camera-1"))
    async with fleet:
        port = await fleet.answer_probes("127.0.0.1", 0)
        found = await asyncio.to_thread(
            wsdiscovery.probe_device, "127.0.0.1", timeout_s=1.0, port=port
        )
        assert [one.address for one in found] == [camera.url]
        assert found[0].name == "s001-camera-1"


def test_wsdiscovery_finds_cameras_by_the_group() -> None:
    programs.find("ip")
    found = _alone(f"{sys.executable} -m tests.simulators.clients.discovered {_ADDRESS}")
    assert set(found["wanted"]) <= set(found["found"])
    scopes = found["found"][found["wanted"][0]]
    assert "onvif://www.onvif.org/type/video_encoder" in scopes


def _alone(command: str) -> Any:  # noqa: ANN401 - whatever JSON it prints
    """Run a command where there is no network but one cable from here to here."""
    unshare = [programs.find("unshare"), "--net"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
    network = (
        "ip link set lo up && ip link add one type veth peer name other"
        f" && ip addr add {_ADDRESS}/24 dev one && ip link set one up && ip link set other up"
    )
    done = subprocess.run(
        [*unshare, "sh", "-c", f"{network} && exec {command}"],
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )
    if "unshare" in done.stderr and os.environ.get("CI") != "true":
        pytest.skip(f"no namespace can be made here: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


async def _drive(client: str, camera: Camera) -> dict[str, Any]:
    """Let a client go its whole way, pressing when it has heard how everything stands."""
    program = [sys.executable, "-m", PYTHON[client]] if client in PYTHON else _node()
    driven = await asyncio.create_subprocess_exec(
        *program,
        *(camera.host, str(camera.port), USER, _PASSWORD),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert driven.stdout is not None
    assert driven.stderr is not None
    told = {}
    async with asyncio.timeout(_WITHIN_S):
        while line := await driven.stdout.readline():
            said = json.loads(line)
            told[said["what"]] = said
            if said["what"] == "initial":
                await _initial_told(camera)
                camera.press()
        errors = await driven.stderr.read()
        assert await driven.wait() == 0, errors.decode()
    return told


async def _initial_told(camera: Camera) -> None:
    """Take out what a camera still wants to tell of how everything stands, as some split it."""
    for one in camera.subscriptions:
        one.waiting.clear()
        one.woken.clear()


def _node() -> list[str]:
    if not (_HERE / "node_modules" / "onvif").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("npm's onvif is not installed: `make servers` does it")
        pytest.skip("npm's onvif is not installed: `make servers` does it")
    return [programs.find("node"), str(_HERE / "agsh.js")]
