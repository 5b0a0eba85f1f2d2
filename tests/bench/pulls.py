"""What one pull costs: by our own client, or by onvif-zeep-async, each in a process of its own.

`python -m tests.bench.pulls ours|zeep --port PORT --times N` pulls back to back from a canned
camera (canned.py), and says the CPU milliseconds of one: from the call to what the notifications
mean. Back to back is the friendliest case for both; the library's own loop parses nothing.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from onvif import ONVIFCamera

from adapters.devices.onvif import point
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.hearing import Hearing
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.standing import Standing
from adapters.devices.onvif.transport import Caller, Wire

HOST = "127.0.0.1"
WARM = 50
ROUNDS = 10
Pull = Callable[[], Awaitable[int]]
"""One pull; how many notifications it brought."""


async def ours(port: int, times: int) -> float:
    """By the code that the gateway runs."""
    settings = CameraSettings(device="camera-1", host=HOST, port=port, username="a")
    wire = Wire()
    caller = Caller(settings, wire, now=_now, monotonic=time.monotonic)
    held = await point.create(caller, f"{settings.base}/onvif/event_service", None)
    hearing = Hearing("camera-1", Standing({}, {}), Health(), _now, lambda _signal, _answer: None)

    async def pull() -> int:
        pulled = await held.pull(30.0, 40.0)
        hearing.take(pulled.messages, initial=False)
        return len(pulled.messages)

    try:
        return await _cost_ms(pull, times)
    finally:
        await wire.close()


async def zeep(port: int, times: int) -> float:
    """By the library."""
    camera = ONVIFCamera(HOST, port, "admin", "secret")
    await camera.update_xaddrs()
    manager = await camera.create_pullpoint_manager(timedelta(minutes=10), lambda: None)
    service = manager.get_service()
    asked = {"Timeout": timedelta(seconds=30), "MessageLimit": 100}

    async def pull() -> int:
        pulled = await service.PullMessages(asked)
        return sum(len(_items(one)) > 0 for one in pulled.NotificationMessage)

    try:
        return await _cost_ms(pull, times)
    finally:
        await camera.close()


def _items(one: object) -> list[tuple[str, str]]:
    """What a notification says, as who uses the library reads it."""
    data = one.Message._value_1.Data  # type: ignore[attr-defined]  # noqa: SLF001 - zeep's own way
    return [(item.Name, item.Value) for item in data.SimpleItem]


async def _cost_ms(pull: Pull, times: int) -> float:
    """The best of several rounds: what else runs on the machine only makes it dearer."""
    for _ in range(WARM):
        await pull()
    costs_s = []
    for _ in range(ROUNDS):
        before = time.process_time()
        for _ in range(times // ROUNDS):
            await pull()
        costs_s.append((time.process_time() - before) / (times // ROUNDS))
    return min(costs_s) * 1000


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """Read the arguments, and pull."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pulls", description=__doc__)
    parser.add_argument("client", choices=["ours", "zeep"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--times", type=int, default=1000)
    arguments = parser.parse_args()
    pulls = {"ours": ours, "zeep": zeep}[arguments.client]
    print(json.dumps({"cpu_ms": asyncio.run(pulls(arguments.port, arguments.times))}))


if __name__ == "__main__":
    main()
