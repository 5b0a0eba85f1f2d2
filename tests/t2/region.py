"""A region on this machine's loopback: two gateways, two brokers, one PostgreSQL, a centre."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text

from gateway import siteplan
from gateway.store import migrate
from gateway.store.database import open_database
from simulators import mqtt
from simulators.cast import Way
from tests.harness import mosquitto, ports, process, waiting
from tests.simulators.centre import Started
from tests.stories import town as towns
from tests.t2 import audit, crowd
from tests.t2.audit import Figures, Row
from tests.t2.crowd import Crowd
from tests.t2.ledger import Ledger

Body = dict[str, Any]
BUTTONS, GATES = 60, 20
_SETTINGS = """
[installation]
id = "test-region"
[gateway]
name = "{name}"
shared = true
[database]
url = "{database}"
copies = {copies}
[http]
listen = "127.0.0.1:{port}"
[keys]
seal_file = "{keys}/seal.key"
card_file = "{keys}/card.key"
"""


@dataclass(slots=True, kw_only=True)
class Region:
    """All that a story plays with."""

    gateways: list[process.Dabyl]
    brokers: list[mosquitto.Mosquitto]
    centre: Started
    database: str
    ledger: Ledger
    crowd: Crowd
    apis: list[httpx2.AsyncClient]
    new_gateway: Callable[[str, str], process.Dabyl] = field(repr=False)
    """One more, of that name and with the keys of that folder; not started."""
    stack: AsyncExitStack = field(repr=False)
    working: "asyncio.Task[None] | None" = field(default=None, repr=False)

    def start_work(self, presses_per_s: float = 10, passages_per_s: float = 60) -> None:
        """People press and pass from now on."""
        self.working = asyncio.create_task(self.crowd.work(presses_per_s, passages_per_s))

    async def stop_work(self, within_s: float = 40) -> None:
        """Nobody presses any more; returns when everything has its receipt."""
        if self.working is not None:
            self.working.cancel()
        await waiting.until(
            lambda: self.ledger.waiting == 0, within_s=within_s, what="all is receipted"
        )

    async def presses(self, more: int, within_s: float = 20) -> None:
        """Returns when so many more presses are receipted."""
        wanted = len(self.ledger.promised) + more
        await waiting.until(
            lambda: len(self.ledger.promised) >= wanted,
            within_s=within_s,
            what=f"{more} more presses are receipted",
        )

    async def count(self, within_s: float = 30) -> Figures:
        """The figures, once the centre was told everything or the time is over."""

        async def told() -> Figures | None:
            found = await self.figures()
            return None if found.lost else found

        try:
            found = await waiting.until(told, within_s=within_s, what="the centre is told")
        except waiting.NotInTimeError:
            found = None
        return found or await self.figures()

    async def figures(self) -> Figures:
        """The figures as they are now."""
        journal: list[Row] = [tuple(row) for row in await self.rows(audit.JOURNAL)]
        return audit.figures(self.ledger, await records(self.centre), journal)

    async def rows(self, sql: str) -> list[Any]:
        """What the database holds."""
        database = open_database(self.database)
        try:
            return await database.read(lambda c: list(c.execute(text(sql))))
        finally:
            await database.close()

    async def ready(self, number: int) -> Body:
        """What /readyz of that gateway says."""
        answer = await self.apis[number].get("/readyz")
        return {"status": answer.status_code, **answer.json()}

    async def metric(self, number: int, name: str) -> float:
        """The sum of that gateway's series of that name."""
        lines = (await self.apis[number].get("/metrics")).text.splitlines()
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.partition("{")[0].partition(" ")[0] == name
        )

    async def alarm(self, kind: str, *, state: str | None = None, within_s: float = 30) -> Any:  # noqa: ANN401
        """An alarm of that kind, waited for, as its row."""
        sql = f"SELECT * FROM alarms WHERE kind = '{kind}' ORDER BY raised_at DESC"  # noqa: S608

        async def found() -> Any:  # noqa: ANN401
            rows = [row for row in await self.rows(sql) if state in {None, row.state}]
            return rows[0] if rows else None

        return await waiting.until(found, within_s=within_s, what=f"an alarm {kind} {state or ''}")


async def records(centre: Started) -> list[Body]:
    """Everything that the centre got."""
    found: list[Body] = []
    after = 0
    while items := (await centre.get(f"/records?after={after}&limit=10000"))["items"]:
        after = items[-1]["number"]
        found += items
    return found


@asynccontextmanager
async def opened(
    folder: Path, database: str, *, copies: int = 1, gateways: Sequence[str] = ("g1", "g2")
) -> AsyncIterator[Region]:
    """A region whose gateways are ready and whose devices are connected."""
    async with AsyncExitStack() as stack:
        brokers = [mosquitto.Mosquitto(folder / f"broker-{name}") for name in "ab"]
        for broker in brokers:
            await stack.enter_async_context(broker)
        centre = await stack.enter_async_context(towns.centre(folder, "centre"))
        await _register(database)
        new = partial(_gateway, folder, brokers, centre, database, copies)
        found, apis = [], []
        for name in gateways:
            gateway = new(name, "keys")
            stack.push_async_callback(gateway.stop)
            await gateway.start()
            found.append(gateway)
            client = httpx2.AsyncClient(base_url=gateway.url, timeout=20)
            apis.append(await stack.enter_async_context(client))
        ledger = Ledger()
        way = Way(brokers=tuple(mqtt.parse(one.url) for one in brokers), shared=True)
        living = crowd.living(way, BUTTONS, GATES, ledger.hear)
        yield Region(
            gateways=found,
            brokers=brokers,
            centre=centre,
            database=database,
            ledger=ledger,
            crowd=await stack.enter_async_context(living),
            apis=apis,
            new_gateway=new,
            stack=stack,
        )


def _gateway(  # noqa: PLR0913, PLR0917 - what its settings are made of
    folder: Path,
    brokers: Sequence[mosquitto.Mosquitto],
    centre: Started,
    database: str,
    copies: int,
    name: str,
    keys: str,
) -> process.Dabyl:
    home, port = folder / name, ports.free()
    gateway = process.Dabyl(home, brokers=[], port=port)
    (folder / keys).mkdir(exist_ok=True)
    settings = _SETTINGS.format(
        name=name, database=database, copies=copies, port=port, keys=folder / keys
    )
    tables = [
        f'[[broker]]\nname = "{n}"\nurl = "{b.url}"' for n, b in zip("ab", brokers, strict=True)
    ]
    receiver = towns.receiver(folder, "centre", centre.alarms_url, "authority = true")
    gateway.settings.write_text("\n".join([settings, *tables, receiver]))
    return gateway


async def _register(url: str) -> None:
    await asyncio.to_thread(migrate.prepare, url)
    database = open_database(url)
    rows = [f"{towns._SITE},button-{n},panic-button,hall,,," for n in range(1, BUTTONS + 1)]  # noqa: SLF001
    rows += [f"{towns._SITE},gate-{n},turnstile,entrance,,," for n in range(1, GATES + 1)]  # noqa: SLF001
    plan = siteplan.csvfile.read("\n".join([towns._HEADER, *rows]) + "\n", "school.csv")  # noqa: SLF001
    try:
        await siteplan.apply(database, plan, move=False)
    finally:
        await database.close()
