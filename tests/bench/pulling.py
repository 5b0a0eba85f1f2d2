"""Pulls from cameras as a process of its own, by our client or by zeep's: the CPU of each.

The cameras answer at once, so that nothing is measured but the client. Says one JSON line:
milliseconds of CPU per pull, by how many notifications an answer brings.
"""

import argparse
import asyncio
import gc
import importlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.devices.onvif import calls
from adapters.devices.onvif.calls import Action
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.hearing import Hearing
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.standing import Standing
from adapters.devices.onvif.transport import Caller, Wire

MESSAGES = (0, 1, 10)
WARM = 50
USERNAME, PASSWORD = "dabyl", "s3cret"

Pull = Callable[[int], Awaitable[int]]
"""Pulls once from the camera that brings so many notifications; says how many came."""


Made = tuple[Pull, Callable[[], Awaitable[None]]]
"""How to pull from one camera, and how to hang up."""


async def lean(port: int) -> Made:
    """Our own client, up to what the notifications mean."""
    wire = Wire()
    settings = CameraSettings(
        device="camera",
        host="127.0.0.1",
        port=port,
        username=USERNAME,
        password=lambda: PASSWORD,
    )
    caller = Caller(settings, wire, now=_now, monotonic=time.monotonic)
    standing, health = Standing({}, {}), Health()
    hearing = Hearing(settings.device, standing, health, _now, lambda _signal, _answer: None)

    async def pull(messages: int) -> int:
        url = f"{settings.base}/{messages}"
        answer = await caller.call(url, calls.pull(30), action=Action.PULL, within_s=40)
        pulled = calls.pulled(answer)
        hearing.take(pulled.messages, initial=False)
        return len(pulled.messages)

    return pull, wire.close


async def zeep(port: int) -> Made:
    """onvif-zeep-async, as Home Assistant uses it."""
    onvif: Any = importlib.import_module("onvif.client")  # late: it costs a second and 30 MiB
    wsdl = Path(onvif.__file__).parent / "wsdl" / "events.wsdl"
    binding = "{http://www.onvif.org/ver10/events/wsdl}PullPointSubscriptionBinding"
    made = {}
    for messages in MESSAGES:
        url = f"http://127.0.0.1:{port}/{messages}"
        made[messages] = onvif.ONVIFService(
            url, USERNAME, PASSWORD, str(wsdl), no_cache=True, binding_name=binding
        )
        await made[messages].setup()

    async def pull(messages: int) -> int:
        asked = {"MessageLimit": 100, "Timeout": timedelta(seconds=30)}
        answer = await made[messages].PullMessages(asked)
        return len([_said(one) for one in answer.NotificationMessage])

    async def close() -> None:
        for service in made.values():
            await service.close()

    return pull, close


def _now() -> datetime:
    return datetime.now(UTC)


def _said(message: Any) -> tuple[str, dict[str, str]]:  # noqa: ANN401 - zeep's own objects
    said = message.Message._value_1  # noqa: SLF001 - how its users reach the message
    items = [*(said.Source.SimpleItem if said.Source else ()), *said.Data.SimpleItem]
    return message.Topic._value_1, {one.Name: one.Value for one in items}  # noqa: SLF001 - likewise


async def measure(client: str, port: int, times: int, cameras: int) -> dict[str, float]:
    """CPU milliseconds per pull, of so many from each of `cameras` that are pulled at once."""
    made = [await {"lean": lean, "zeep": zeep}[client](port) for _ in range(cameras)]
    await _each(made, MESSAGES, WARM // cameras + 1)
    gc.freeze()
    took = {}
    for messages in MESSAGES:
        begun = time.process_time()
        await _each(made, (messages,), times)
        took[str(messages)] = (time.process_time() - begun) * 1000 / (times * cameras)
    for _, close in made:
        await close()
    return took


async def _each(made: Sequence[Made], brought: Sequence[int], times: int) -> None:
    async def one(pull: Pull) -> None:
        for messages in brought:
            for _ in range(times):
                assert await pull(messages) == messages

    await asyncio.gather(*(one(pull) for pull, _ in made))


def main() -> None:
    """Read the arguments, measure, say it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pulling", description=__doc__)
    parser.add_argument("client", choices=["lean", "zeep"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--times", type=int, default=1000, help="from each camera")
    parser.add_argument("--cameras", type=int, default=1, help="at once")
    said = parser.parse_args()
    print(json.dumps(asyncio.run(measure(said.client, said.port, said.times, said.cameras))))


if __name__ == "__main__":
    main()
