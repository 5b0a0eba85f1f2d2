"""Cameras by the hundred in one process, and cameras that are driven from outside."""

import asyncio
import sys
import time

import httpx2

from simulators.camera import Account, Character, Fleet, Quirk
from simulators.camera.edge import Options, running
from tests.harness import waiting
from tests.simulators.cameras import PASSWORD, USER, Client

THOUSAND = 1000


async def test_each_of_a_thousand_cameras_tells_its_own_press_to_who_pulls_from_it() -> None:
    fleet = Fleet()
    accounts = {USER: Account(PASSWORD)}
    cameras = [fleet.add(Character(name=f"c{n}", accounts=accounts)) for n in range(THOUSAND)]
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with (
        fleet,
        httpx2.AsyncClient(timeout=60, limits=limits, trust_env=False) as http,
        asyncio.timeout(90),
    ):
        clients = [Client(camera, http) for camera in cameras[::20]]
        for client in clients:
            await client.subscribe()
            await client.pull()
        pulls = [asyncio.ensure_future(client.pull("PT50S")) for client in clients]
        await waiting.until(
            lambda: all(one.camera.subscriptions[0].pulling for one in clients),
            within_s=30,
            what="every pull is held",
        )
        for camera in cameras:
            camera.press()
        heard = await asyncio.gather(*pulls)
    assert {one.data["LogicalState"] for pull in heard for one in pull} == {"true"}
    assert all(len(pull) == 1 for pull in heard)


async def test_cameras_are_driven_and_looked_at_over_the_control() -> None:
    options = Options(
        names=("camera-1", "camera-2"),
        accounts={USER: Account(PASSWORD)},
        quirks=((Quirk.SHORT_HOLD, 1),),
        control="127.0.0.1:0",
    )
    async with running(options) as now, httpx2.AsyncClient(trust_env=False) as http:
        at = f"{now.control_url}/cameras"
        camera = now.fleet.cameras["camera-2"]
        assert (await http.get(at)).json()["camera-2"] == camera.url
        client = Client(camera, http)
        await client.subscribe()
        await client.pull()
        one = f"{at}/camera-2"
        assert (await http.post(f"{one}/do", json={"deed": "press"})).status_code == 200
        said = {"topic": "tns1:X", "data": {"a": "b"}}
        assert (await http.post(f"{one}/say", json=said)).status_code == 204
        assert [len(it.data) for it in await client.pull()] == [1, 1]
        broken = {"quirk": "reset", "call": "PullMessages", "times": 1}
        await http.post(f"{one}/break", json=broken)
        await http.put(f"{one}/clock", json={"offset_s": -3600})
        seen = (await http.get(one)).json()
        assert seen["quirks"] == {"short_hold": 1, "reset": None}
        assert seen["requests"]["PullMessages"] == 2
        assert seen["subscriptions"][0]["pulls"] == 2
        assert (await http.post(f"{one}/mend")).json()["quirks"] == {}
        await http.delete(f"{one}/record")
        assert (await http.get(one)).json()["requests"] == {}


async def test_many_cameras_are_driven_at_once() -> None:
    options = Options(
        names=tuple(f"camera-{n}" for n in range(20)),
        accounts={USER: Account(PASSWORD)},
        control="127.0.0.1:0",
    )
    async with running(options) as now, httpx2.AsyncClient(trust_env=False) as http:
        clients = [Client(camera, http) for camera in now.fleet.cameras.values()]
        for client in clients:
            await client.subscribe()
        at = f"{now.control_url}/cameras"
        pressed = {"deed": "press", "spread_s": 0.2}
        began = time.monotonic()
        told = (await http.post(f"{at}/camera-1*/do", json=pressed)).json()
        assert time.monotonic() - began >= 0.2
        assert (told["cameras"], told["told"], told["subscriptions"]) == (11, 11, 11)
        await http.post(f"{at}/*/do", json={"deed": "reboot"})
        whole = (await http.get(f"{now.control_url}/summary")).json()
        assert (whole["cameras"], whole["told"], whole["subscriptions"]) == (20, 11, 0)
        assert whole["requests"] == {"CreatePullPointSubscription": 20}


async def test_control_refuses_what_it_does_not_know() -> None:
    options = Options(names=("camera-1",), control="127.0.0.1:0")
    async with running(options) as now, httpx2.AsyncClient(trust_env=False) as http:
        one = f"{now.control_url}/cameras/camera-1"
        answers = [
            await http.post(f"{one}/do", json={"deed": "dance"}),
            await http.post(f"{one}/do", json={"deed": "break", "quirk": "melts"}),
            await http.post(f"{one}/break", json={"quirk": "reset", "colour": 1}),
            await http.get(f"{one}-or-none"),
        ]
        assert [one.status_code for one in answers] == [422, 422, 422, 404]
        assert len((await http.get(f"{now.control_url}/quirks")).json()) == len(Quirk)


async def test_cameras_run_as_a_program() -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulators.camera", "--cameras", "2", "--port", "0"),
        *("--make", "axis", "--quirk", "slots_full", "--control", "127.0.0.1:0"),
        *("--seconds", "20"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout is not None
    async with asyncio.timeout(20), httpx2.AsyncClient(trust_env=False) as http:
        lines = [(await program.stdout.readline()).decode() for _ in range(3)]
        control = lines[2].removeprefix("control: ").strip()
        seen = (await http.get(f"{control}/camera-2")).json()
    program.terminate()
    await program.wait()
    assert lines[0].startswith("camera-1: http://127.0.0.1:")
    assert (seen["make"], "slots_full" in seen["quirks"]) == ("P3265-LV", True)
