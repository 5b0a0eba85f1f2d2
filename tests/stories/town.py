"""A town for a story: a broker, a gateway with a school in it, a centre or two, and its devices."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text

from gateway import siteplan
from gateway.domain.operator import Role
from gateway.store import migrate, operators
from gateway.store.database import Urgency, open_database
from gateway.store.operators import Token
from simulators.operations_centre import server
from tests.harness import mosquitto, ports, process, waiting
from tests.simulators.centre import SECRET, Started
from tests.stories import devices
from tests.stories.devices import Devices

Body = dict[str, Any]
BUTTONS = 120
GATES = 300
_PATIENCE_S = 86_400
_HEADER = (
    "site_id,site_name_kk,site_name_ru,site_name_en,district,address,latitude,longitude,"
    "device_id,kind,zone,host,port,profile"
)
_MACHINE_KEY = "machine-secret"
_SITE = "school-1,№1 мектеп,Школа №1,School 1,auezov,Abay 1,43.2,76.9"


@dataclass(slots=True, kw_only=True)
class Town:
    """All that a story plays with."""

    dabyl: process.Dabyl
    brokers: list[mosquitto.Mosquitto]
    centre: Started
    duty: Started
    """A second receiver; configured only where a story asks for it."""
    devices: Devices
    api: httpx2.AsyncClient
    database: str
    stack: AsyncExitStack = field(repr=False)

    async def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - whatever JSON
        """Ask the API as the supervisor."""
        answer = await self.api.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Body, status: int = 200) -> Any:  # noqa: ANN401 - likewise
        """Do a step over the API as the supervisor."""
        answer = await self.api.post(f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def alarm(self, device: str, *, within_s: float = 10, **wanted: object) -> Body:
        """The newest alarm of a device in the API with these fields, waited for."""
        seen: list[Body] = []

        async def found() -> Body | None:
            items = (await self.get("/alarms", limit=500))["items"]
            seen[:] = [one for one in items if one["device"] == device]
            return next((one for one in seen if wanted.items() <= one.items()), None)

        what = f"an alarm of {device} {wanted}"
        try:
            return await waiting.until(found, within_s=within_s, what=what) or {}
        except waiting.NotInTimeError as error:
            names = ("kind", "state", *wanted)
            told = [{name: one.get(name) for name in names} for one in seen]
            raise AssertionError(f"{error}; of it there are {told}") from None

    async def rows(self, sql: str, **values: object) -> list[Any]:
        """What the database holds."""
        database = open_database(self.database)
        try:
            return await database.read(lambda c: list(c.execute(text(sql), values)))
        finally:
            await database.close()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.database.partition(":")[0]

    async def execute(self, sql: str) -> None:
        """Do something to the database, behind the gateway's back."""
        database = open_database(self.database)
        try:
            await database.write(lambda c: c.exec_driver_sql(sql).close(), Urgency.STEP)
        finally:
            await database.close()

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of the series of that name with those labels."""
        lines = (await self.api.get("/metrics")).text.splitlines()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.partition("{")[0].partition(" ")[0] == name
            and all(one in line for one in wanted)
        )

    async def answers(self) -> Body | None:
        """What /readyz says, with its status, once anybody answers."""
        try:
            return await self.ready()
        except httpx2.TransportError:
            return None

    async def ready(self) -> Body:
        """What /readyz says, with its status."""
        answer = await self.api.get("/readyz")
        return {"status": answer.status_code, **answer.json()}


async def notices(centre: Started, device: str | None = None, *, of: str = "") -> list[Body]:
    """The distinct notices that a centre has taken, in order, of a device and a type."""
    found: dict[str, Body] = {}
    after = 0
    while items := (await centre.get(f"/records?after={after}&limit=10000"))["items"]:
        after = items[-1]["number"]
        for item in items:
            if item["verdict"] in {"accepted", "repeated"}:
                event = json.loads(item["body"])
                found.setdefault(event["id"], event)
    return [
        one
        for one in found.values()
        if one["type"].startswith("dabyl.alarm." + of)
        and device in {None, one["data"]["device"]["id"]}
    ]


async def told(
    centre: Started, device: str, of: str = "raised", *, count: int = 1, within_s: float = 10
) -> list[Body]:
    """At least so many notices of a device and type, waited for."""

    async def enough() -> list[Body] | None:
        found = await notices(centre, device, of=of)
        return found if len(found) >= count else None

    what = f"{count} notices {of} of {device}"
    return await waiting.until(enough, within_s=within_s, what=what) or []


@asynccontextmanager
async def centre(folder: Path, name: str, **more: Any) -> AsyncIterator[Started]:  # noqa: ANN401
    """A simulated centre on free ports; its secret is in `<name>.secret`."""
    secret_file = _kept(folder / f"{name}.secret", f"whsec_{base64.b64encode(SECRET).decode()}\n")
    options = server.Options(
        listen=f"127.0.0.1:{ports.free()}", control="127.0.0.1:0", secret_file=secret_file, **more
    )
    async with (
        server.running(options) as running,
        httpx2.AsyncClient(base_url=running.control_url, timeout=20) as control,
    ):
        yield Started(alarms_url=running.alarms_url, control=control)


def receiver(folder: Path, name: str, url: str, more: str = "") -> str:
    """A `[[receiver]]` of dabyl.toml."""
    secret = folder / f"{name}.secret"
    return f'[[receiver]]\nname = "{name}"\nurl = "{url}"\nsecret_file = "{secret}"\n{more}\n'


@asynccontextmanager
async def opened(  # noqa: PLR0913 - what a story may want otherwise
    folder: Path,
    *,
    database: str = "sqlite",
    brokers: int = 1,
    receivers: Sequence[str] = ("centre",),
    authority: str = "authority = true",
    more: str = "",
    verb: Sequence[str] = ("run",),
    started: bool = True,
    broker_lines: Sequence[str] = (),
    protocol: int = 5,
) -> AsyncIterator[Town]:
    """A town, its gateway ready; everything is gone at the end.

    `database` is `sqlite` or an URL; `authority` holds further lines of the receiver `centre`.
    """
    async with AsyncExitStack() as stack:
        found = [
            mosquitto.Mosquitto(folder / f"broker-{n}", lines=broker_lines) for n in range(brokers)
        ]
        for one in found:
            await stack.enter_async_context(one)
        key_file = _kept(folder / "centre.token", _MACHINE_KEY)
        dabyl_folder = folder / "dabyl"
        port = ports.free()
        first = await stack.enter_async_context(
            centre(folder, "centre", dabyl=f"http://127.0.0.1:{port}", token_file=key_file)
        )
        second = await stack.enter_async_context(centre(folder, "duty"))
        urls = {"centre": (first.alarms_url, authority), "duty": (second.alarms_url, "")}
        tables = [receiver(folder, name, *urls[name]) for name in receivers]
        url = f"sqlite:///{dabyl_folder / 'dabyl.db'}" if database == "sqlite" else database
        dabyl = process.Dabyl(
            dabyl_folder,
            brokers=[one.url for one in found],
            protocol=protocol,
            database=url,
            more="\n".join([*tables, more]),
            verb=verb,
            port=port,
        )
        await _settle(url)
        headers = {"Authorization": "Bearer supervisor-secret"}
        town = Town(
            dabyl=dabyl,
            brokers=found,
            centre=first,
            duty=second,
            devices=await stack.enter_async_context(devices.at(found[0].port)),
            api=await stack.enter_async_context(
                httpx2.AsyncClient(base_url=dabyl.url, headers=headers, timeout=20)
            ),
            database=url,
            stack=stack,
        )
        stack.push_async_callback(dabyl.stop)
        if started:
            await dabyl.start()
        yield town


def _kept(file: Path, content: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


async def _settle(url: str) -> None:
    """A school with its devices, and who may ask; as the commands would write it, but sooner."""
    await asyncio.to_thread(migrate.prepare, url)
    database = open_database(url)
    rows = [f"{_SITE},button-{n},panic-button,hall,,," for n in range(1, BUTTONS + 1)]
    rows += [f"{_SITE},gate-{n},turnstile,entrance,,," for n in range(1, GATES + 1)]
    plan = siteplan.csvfile.read("\n".join([_HEADER, *rows]) + "\n", "school.csv")
    made = datetime.now(UTC)
    people = [
        (Token(name="supervisor", role=Role.SUPERVISOR, created_at=made), "supervisor-secret"),
        (Token(name="kui", role=Role.MACHINE, receiver="centre", created_at=made), _MACHINE_KEY),
    ]
    try:
        await siteplan.apply(database, plan, move=False)
        # They do not check in; a story about that has a school of its own.
        patience = f"UPDATE devices SET max_silence_s = {_PATIENCE_S}"  # noqa: S608 - our own number
        await database.write(lambda c: c.exec_driver_sql(patience).close(), Urgency.STEP)
        for one, key in people:
            await database.write(
                lambda c, one=one, key=key: operators.add_token(c, one, key),  # type: ignore[misc]
                Urgency.STEP,
            )
    finally:
        await database.close()
