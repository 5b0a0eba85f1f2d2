"""A whole T2 installation in namespaces: databases, brokers, gateways, a centre and devices."""

import asyncio
import base64
import contextlib
import json
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from gateway.store import sealed
from tests.harness import programs, waiting
from tests.simulators.centre import SECRET
from tests.t2 import audit
from tests.t2.audit import Figures, Row
from tests.t2.ledger import Ledger
from tests.t2.machines import PASSWORD, Authorities, Broker, Gateway, Machine, Postgres
from tests.t2.namespaces import Network, network

BUTTONS, GATES = 150, 40
"""At 10 presses a second no button presses more than 5 times a minute: each is told singly."""
PLACES = {
    "g1": 11,
    "g2": 12,
    "broker-a": 21,
    "broker-b": 22,
    "pg1": 31,
    "pg2": 32,
    "pg3": 33,
    "centre": 41,
    "devices": 51,
}
_CONTROL_PORT = 9091
_SITE = "school-1,№1 мектеп,Школа №1,School 1,auezov,Abay 1,43.2,76.9"
_HEADER = (
    "site_id,site_name_kk,site_name_ru,site_name_en,district,address,latitude,longitude,"
    "device_id,kind,zone,host,port,profile"
)


@dataclass(slots=True, kw_only=True)
class Installation:
    """All machines, what devices tell, and how to ask."""

    network: Network
    folder: Path
    brokers: dict[str, Broker]
    databases: dict[str, Postgres]
    gateways: dict[str, Gateway]
    centre: Machine
    devices: Machine
    ledger: Ledger
    trust: ssl.SSLContext
    primary: str = "pg1"
    crowd: asyncio.subprocess.Process | None = None
    listening: "asyncio.Task[None] | None" = field(default=None, repr=False)

    async def say(self, word: str) -> None:
        """To the crowd: `go`, `stop`."""
        assert self.crowd is not None
        assert self.crowd.stdin is not None
        self.crowd.stdin.write(f"{word}\n".encode())
        await self.crowd.stdin.drain()

    async def ready(self, name: str) -> dict[str, Any]:
        """What /readyz of that gateway says."""
        url = f"https://{self.gateways[name].address}:8443/readyz"
        async with httpx2.AsyncClient(verify=self.trust, timeout=3) as client:
            answer = await client.get(url)
        return {"status": answer.status_code, **answer.json()}

    async def is_ready(self, name: str) -> bool:
        """Whether it stores and hears."""
        try:
            return bool((await self.ready(name))["status"] == 200)
        except httpx2.TransportError:
            return False

    async def rows(self, sql: str) -> list[Any]:
        """What the primary holds."""
        connection = await asyncpg.connect(
            host=self.databases[self.primary].address,
            user="dabyl",
            password=PASSWORD,
            database="dabyl",
            ssl="require",
            timeout=10,
        )
        try:
            found: list[Any] = await connection.fetch(sql)
            return found
        finally:
            await connection.close()

    async def records(self) -> list[dict[str, Any]]:
        """Everything that the centre got."""
        found: list[dict[str, Any]] = []
        after = 0
        base = f"http://{self.centre.address}:{_CONTROL_PORT}"
        async with httpx2.AsyncClient(base_url=base, timeout=60) as control:
            while True:
                items = (await control.get(f"/records?after={after}&limit=5000")).json()["items"]
                if not items:
                    return found
                after = items[-1]["number"]
                found += items

    async def figures(self) -> Figures:
        """The figures as they are now."""
        journal: list[Row] = [tuple(row) for row in await self.rows(audit.JOURNAL)]
        return audit.figures(self.ledger, await self.records(), journal)

    def keep_logs(self, folder: Path) -> None:
        """What each machine said, one file for each."""
        folder.mkdir(parents=True, exist_ok=True)
        for log in self.folder.glob("*/log"):
            shutil.copyfile(log, folder / f"{log.parent.name}.log")

    async def listen(self) -> None:
        """Take in what devices tell, line by line."""
        assert self.crowd is not None
        assert self.crowd.stdout is not None
        async for line in self.crowd.stdout:
            said = json.loads(line)
            if "at" in said:
                said["at"] = datetime.fromisoformat(said["at"]).timestamp()
                self.ledger.note(said["what"], said["device"] or "", said)


@asynccontextmanager
async def brought_up(logs: Path | None = None) -> AsyncIterator[Installation]:
    """Everything runs, and the devices are connected; all is gone at the end.

    What each machine said is kept in that folder, if one is given.
    """
    with network() as net, tempfile.TemporaryDirectory(prefix="dabyl-t2-") as name:
        made = await asyncio.to_thread(_made, net, Path(name))
        try:
            await asyncio.to_thread(_started, made)
            for gateway in made.gateways:
                await waiting.until(
                    lambda gateway=gateway: made.is_ready(gateway),  # type: ignore[misc]
                    within_s=60,
                    what=f"{gateway} is ready",
                )
            await _people(made)
            yield made
        finally:
            await _ended(made)
            if logs is not None:
                made.keep_logs(logs)


def _made(net: Network, folder: Path) -> Installation:
    folder.chmod(0o755)  # PostgreSQL has its own user
    authorities = Authorities(folder / "authorities")
    keys = folder / "keys"
    for key in ("seal.key", "card.key"):
        sealed.key_from(keys / key)
    secret = folder / "centre.secret"
    secret.write_text(f"whsec_{base64.b64encode(SECRET).decode()}\n")
    places = {name: (net, folder, name, last) for name, last in PLACES.items()}
    made = Installation(
        network=net,
        folder=folder,
        brokers={n: Broker(*places[n]) for n in ("broker-a", "broker-b")},
        databases={n: Postgres(*places[n]) for n in ("pg1", "pg2", "pg3")},
        gateways={n: Gateway(*places[n]) for n in ("g1", "g2")},
        centre=Machine(*places["centre"]),
        devices=Machine(*places["devices"]),
        ledger=Ledger(),
        trust=ssl.create_default_context(cafile=str(folder / "authorities" / "site-ca.crt")),
    )
    passwords = _passwords(folder)
    for broker in made.brokers.values():
        broker.prepare(authorities, passwords)
    for database in made.databases.values():
        database.prepare(authorities)
    for gateway in made.gateways.values():
        gateway.prepare(authorities, keys, secret)
    authorities.give(made.centre.etc, "centre", made.centre.address)
    made.centre.serves(
        *(sys.executable, "-m", "simulators.operations_centre"),
        *("--listen", f"{made.centre.address}:9443", "--control", f"0.0.0.0:{_CONTROL_PORT}"),
        *("--secret-file", str(secret), "--cert-file", str(made.centre.etc / "centre.crt")),
        *("--key-file", str(made.centre.etc / "centre.key")),
    )
    return made


def _started(made: Installation) -> None:
    first, *others = made.databases.values()
    first.begin()
    for other in others:
        other.follow(first)
    for broker in made.brokers.values():
        broker.start()
    assert made.centre.server is not None
    made.centre.server.start()
    gateway = next(iter(made.gateways.values()))
    rows = [f"{_SITE},button-{n},panic-button,hall,,," for n in range(1, BUTTONS + 1)]
    rows += [f"{_SITE},gate-{n},turnstile,entrance,,," for n in range(1, GATES + 1)]
    (gateway.var / "school.csv").write_text("\n".join([_HEADER, *rows]) + "\n")
    gateway.dabyl("site", "import", str(gateway.var / "school.csv"), "--apply")
    for one in made.gateways.values():
        one.start()


async def _people(made: Installation) -> None:
    urls = [f"mqtts://{one.address}:8883" for one in made.brokers.values()]
    noise = await asyncio.to_thread((made.devices.home / "log").open, "ab")
    made.crowd = await asyncio.create_subprocess_exec(
        *made.network.within("devices"),
        *(sys.executable, "-m", "tests.t2.crowd", "--buttons", str(BUTTONS), "--gates", str(GATES)),
        *(word for url in urls for word in ("--broker", url)),
        *("--ca-file", str(made.folder / "authorities" / "site-ca.crt")),
        *("--password-file", str(made.folder / "crowd.passwords")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=noise,
        limit=2**20,
    )
    noise.close()
    assert made.crowd.stdout is not None
    async with asyncio.timeout(60):
        async for line in made.crowd.stdout:
            if json.loads(line)["what"] == "ready":
                break
    made.listening = asyncio.create_task(made.listen())


async def _ended(made: Installation) -> None:
    if made.crowd is not None and made.crowd.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            made.crowd.kill()
        await made.crowd.wait()
    if made.listening is not None:
        made.listening.cancel()
        await asyncio.wait([made.listening])
    machines = [
        *made.gateways.values(),
        made.centre,
        *made.brokers.values(),
        *made.databases.values(),
    ]
    for machine in machines:
        if machine.server is not None:
            await asyncio.to_thread(machine.kill)


def _passwords(folder: Path) -> tuple[Path, Path]:
    """Of devices and gateways; a crowd's list beside."""
    devices = [f"button-{n}" for n in range(1, BUTTONS + 1)]
    devices += [f"gate-{n}" for n in range(1, GATES + 1)]
    gateways = [f"gateway-{name}-{lane}" for name in ("g1", "g2") for lane in ("alarm", "event")]
    (folder / "crowd.passwords").write_text("".join(f"{one}:{PASSWORD}\n" for one in devices))
    files = []
    for name, users in (("devices", devices), ("gateways", gateways)):
        file = folder / f"{name}.passwords"
        file.write_text("".join(f"{user}:{PASSWORD}\n" for user in users))
        file.chmod(0o600)
        _hash(file)
        files.append(file)
    return files[0], files[1]


def _hash(file: Path) -> None:
    """All of a file's passwords at once."""
    subprocess.run([programs.find("mosquitto_passwd"), "-U", str(file)], check=True)
