"""The rig: a broker, a centre, a database with a region in it, and the real gateway beside them."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.store import sites
from gateway.store.database import Urgency, open_database
from tests.bench import devices
from tests.bench.centre import Centre
from tests.bench.mqtt import Client
from tests.harness.mosquitto import Mosquitto
from tests.harness.process import Dabyl

BROKER = ("autosave_interval 5", "max_inflight_messages 2048", "set_tcp_nodelay true")
"""As deploy/mosquitto has it, but for TLS, passwords and rights."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RECEIVER = """
[[receiver]]
name = "centre"
kind = "webhook"
url = "http://127.0.0.1:{port}/alarms"
authority = true
secret_file = "centre.secret"
"""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True, kw_only=True)
class Rig:
    """Everything that runs."""

    broker: Mosquitto
    centre: Centre
    gateway: Dabyl
    database: str
    pressing: Client
    pressed: dict[tuple[str, str], float] = field(default_factory=dict)
    """When each press went out, by device and event id."""
    receipts: dict[str, float] = field(default_factory=dict)
    """When each press's receipt came, by event id."""
    idle_p99_ms: float = 0.0
    """Once the idle presses were measured."""

    def press(self, number: int) -> tuple[str, str]:
        """Press that button once; the press's key."""
        event_id, body = devices.press(number)
        device = devices.button(number)
        self.pressed[device, event_id] = devices.now()
        self.pressing.publish(f"dabyl/v1/{device}/alarm".encode(), body)
        return device, event_id

    def hear(self, topic: bytes, payload: bytes) -> None:
        """A receipt; or a command, which is answered as a device does."""
        said: Mapping[str, Any] = json.loads(payload)
        if topic.endswith(b"/receipt"):
            self.receipts.setdefault(str(said.get("id")), devices.now())
        else:
            answer = json.dumps({"id": said["id"], "ok": True}).encode()
            self.pressing.publish(topic.removesuffix(b"/command") + b"/reply", answer)

    async def again(self) -> None:
        """Connect the buttons, for the first time or after the broker was away."""
        self.pressing = await Client.connected(self.broker.port, "bench-buttons", self.hear)
        ids = [devices.button(number) for number in range(devices.BUTTONS)]
        topics = [f"dabyl/v1/{one}/{what}" for one in ids for what in ("receipt", "command")]
        await self.pressing.subscribe(topics)

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of the gateway's series of that name with those labels."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.gateway.port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: dabyl\r\nConnection: close\r\n\r\n")
        lines = (await reader.read()).decode().splitlines()
        writer.close()
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.partition("{")[0].partition(" ")[0] == name
            and all(f'{key}="{value}"' in line for key, value in labels.items())
        )

    async def load(self, *arguments: str) -> "Loading":
        """A load process that waits for its `go`."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.load", "--port", str(self.broker.port)),
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), 20)
        return Loading(process)

    def cpu_s(self, pid: int | None = None) -> float:
        """CPU seconds that a process (the gateway) has used."""
        words = Path(f"/proc/{pid or self.gateway.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / _TICKS

    def peak_mib(self) -> float:
        """The gateway's largest resident size so far, MiB."""
        status = Path(f"/proc/{self.gateway.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


@dataclass(frozen=True, slots=True)
class Loading:
    """A load process."""

    process: asyncio.subprocess.Process

    async def go(self, within_s: float = 300) -> dict[str, Any]:
        """Let it run; what it says at its end."""
        said, _ = await asyncio.wait_for(self.process.communicate(b"go\n"), within_s)
        result: dict[str, Any] = json.loads(said)
        return result


@contextlib.asynccontextmanager
async def standing(
    folder: Path, database: str, before: Callable[[str], Awaitable[None]] | None = None
) -> AsyncIterator[Rig]:
    """A rig whose gateway is ready, with a thousand sites registered.

    `before` is done to the database before the gateway starts.
    """
    home = folder / "gateway"
    home.mkdir(parents=True)
    (home / "centre.secret").write_text(SECRET)
    async with Mosquitto(folder / "broker", lines=BROKER) as broker, Centre() as centre:
        more = RECEIVER.format(port=centre.port)
        gateway = Dabyl(home, brokers=[broker.url], database=database, more=more)
        code, said = await gateway.run("migrate")
        assert code == 0, said
        await register(database)
        if before is not None:
            await before(database)
        await gateway.start()
        try:
            rig = Rig(
                broker=broker, centre=centre, gateway=gateway, database=database, pressing=Client()
            )
            await rig.again()
            yield rig
            rig.pressing.close()
        finally:
            await gateway.stop()


async def register(url: str) -> None:
    """Write the region into that database."""
    found = devices.region()
    database = open_database(url)
    try:
        await database.write(
            lambda c: sites.put(c, found.sites, found.zones, found.devices), Urgency.BULK
        )
    finally:
        await database.close()
