"""Devices of class A in one hand: each repeats what it says until it hears its receipt."""

import asyncio
import contextlib
import json
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiomqtt

from tests.bench import mqtt
from tests.harness import waiting

Body = dict[str, Any]
_COMMANDS = "dabyl/v1/+/command"
_PAUSE_S = 0.05
_PUBLISH_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that a device said, with its receipt."""

    device: str
    id: str
    receipt: Body
    took_s: float
    times: int


class Devices:
    """Any number of devices over one connection, which comes back when it breaks."""

    def __init__(self, port: int, *, repeat_s: float = 2.0) -> None:
        self._port = port
        self._repeat_s = repeat_s
        self._client: aiomqtt.Client | None = None
        self._new: defaultdict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self.receipts: defaultdict[tuple[str, str], list[Body]] = defaultdict(list)
        self.refusals: defaultdict[str, list[Body]] = defaultdict(list)
        self.commands: defaultdict[str, list[Body]] = defaultdict(list)

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands."""
        return self._client is not None

    async def press(self, device: str, kind: str = "panic.pressed", **more: object) -> Said:
        """Say an alarm until it is stored."""
        return await self.say(device, {"kind": kind, **more})

    async def say(
        self, device: str, body: Body, leaf: str = "alarm", repeat_s: float | None = None
    ) -> Said:
        """Say it until it is stored; `age_ms` grows, everything else stays."""
        repeat_s = repeat_s or self._repeat_s
        started, event_id = time.monotonic(), str(body.get("id") or uuid.uuid4().hex)
        key, times = (device, event_id), 0
        before = len(self.receipts[key])
        while len(self.receipts[key]) == before:
            self._new[key].clear()
            age_ms = round((time.monotonic() - started) * 1000)
            times += await self.publish(device, leaf, {"id": event_id, **body, "age_ms": age_ms})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(repeat_s if self.is_connected else _PAUSE_S):
                    await self._new[key].wait()
        took_s = time.monotonic() - started
        receipt = self.receipts[key][-1]
        return Said(device=device, id=event_id, receipt=receipt, took_s=took_s, times=times)

    def forget(self, said: Said) -> None:
        """Nobody asks for its receipts any more."""
        self.receipts.pop((said.device, said.id), None)
        self._new.pop((said.device, said.id), None)

    async def publish(
        self, device: str, leaf: str, body: Body | bytes, *, retain: bool = False
    ) -> bool:
        """Say it once, at QoS 1; False where there is no connection."""
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        topic = f"dabyl/v1/{device}/{leaf}"
        if self._client is None:
            return False
        try:
            await self._client.publish(topic, payload, 1, retain, timeout=_PUBLISH_S)
        except aiomqtt.MqttError:
            return False
        return True

    async def hears(self, device: str, level: str, *, within_s: float = 10) -> Body:
        """The first `confirm` of that level which the device hears."""

        def found() -> list[Body]:
            said = self.commands[device]
            return [one for one in said if one["data"].get("level") == level]

        return (await waiting.until(found, within_s=within_s, what=f"{device} hears {level}"))[0]

    @asynccontextmanager
    async def deaf(self) -> AsyncIterator[None]:
        """Meanwhile no command reaches any of them, as if they were offline; none is kept."""
        assert self._client is not None
        await self._client.unsubscribe(_COMMANDS)
        yield
        await self._client.subscribe(_COMMANDS, 1)

    async def connected(self) -> None:
        """Returns when the connection stands."""
        await waiting.until(lambda: self.is_connected, what="the devices are connected")

    async def run(self) -> None:
        """Keep the connection, for ever."""
        while True:
            with contextlib.suppress(aiomqtt.MqttError, OSError):
                await self._live()
            self._client = None
            await asyncio.sleep(_PAUSE_S)

    async def _live(self) -> None:
        client = aiomqtt.Client("127.0.0.1", self._port, timeout=2)
        client.pending_calls_threshold = 10_000  # many devices speak at once here
        async with client:
            await client.subscribe([("dabyl/v1/+/receipt", 1), (_COMMANDS, 1)])
            self._client = client
            self._say_again()
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                self._hear(message.topic.value, json.loads(message.payload))

    def _say_again(self) -> None:
        """Connected anew: whoever waits for a receipt waits no longer."""
        for one in self._new.values():
            one.set()

    def _hear(self, topic: str, body: Body) -> None:
        _, _, device, leaf = topic.split("/")
        if leaf == "command":
            self.commands[device].append(body)
        elif "refused" in body:
            self.refusals[device].append(body)
        else:
            self.receipts[device, body["id"]].append(body)
            self._new[device, body["id"]].set()


class Crowded(Devices):
    """The same over packets that cost little: hundreds may wait for receipts at once.

    A publish does not wait for the broker: what got lost is said again.
    """

    def __init__(self, port: int, *, repeat_s: float = 2.0) -> None:
        super().__init__(port, repeat_s=repeat_s)
        self._packets: mqtt.Client | None = None

    @property
    def is_connected(self) -> bool:
        return self._packets is not None

    async def publish(
        self, device: str, leaf: str, body: Body | bytes, *, retain: bool = False
    ) -> bool:
        assert not retain, "not of a crowd"
        if self._packets is None:
            return False
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._packets.publish(f"dabyl/v1/{device}/{leaf}".encode(), payload)
        return True

    async def run(self) -> None:
        while True:
            with contextlib.suppress(OSError, TimeoutError):
                client = await mqtt.Client.connected(
                    self._port, f"crowd-{uuid.uuid4().hex}", self._hear_packet
                )
                try:
                    await client.subscribe(["dabyl/v1/+/receipt", "dabyl/v1/+/command"])
                    self._packets = client
                    self._say_again()
                    await client.lost.wait()
                finally:
                    self._packets = None
                    client.close()
            await asyncio.sleep(_PAUSE_S)

    def _hear_packet(self, topic: bytes, payload: bytes) -> None:
        self._hear(topic.decode(), json.loads(payload))


@contextlib.asynccontextmanager
async def at(port: int, *, repeat_s: float = 2.0, crowded: bool = False) -> AsyncIterator[Devices]:
    """Devices at that broker, connected; `crowded` where hundreds speak at once."""
    devices = (Crowded if crowded else Devices)(port, repeat_s=repeat_s)
    running = asyncio.create_task(devices.run())
    try:
        await devices.connected()
        yield devices
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
