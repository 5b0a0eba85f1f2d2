"""A gateway of the pretended world: its real parts on pretended edges, life after life."""

import asyncio
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from adapters.devices.mqtt.settings import SessionSettings
from gateway.app import core, parts
from gateway.app.edges import Edges
from gateway.app.parts import Gateway
from gateway.forward.line import IN_HAND
from gateway.settings import Settings
from gateway.store.database import StoreDown
from gateway.store.tenure import Tenure
from tests.simulation import life as lives
from tests.simulation.broker import Broker, Link
from tests.simulation.centre import Centre
from tests.simulation.centre import Line as CentreLine
from tests.simulation.life import Life, Point
from tests.simulation.loop import PretendedClock
from tests.simulation.store import Disk, Store

_KEYS = Path(tempfile.mkdtemp(prefix="dabyl-simulation-"))


def settings(name: str, brokers: list[Broker]) -> Settings:
    """As dabyl.toml would have it; the addresses are never called."""
    return Settings.model_validate(
        {
            "installation": {"id": "pretended"},
            "gateway": {"name": name},
            "database": {"url": "sqlite:///never-opened.db", "state_file": _KEYS / "store.state"},
            "keys": {"seal_file": _KEYS / "seal.key", "card_file": _KEYS / "card.key"},
            "broker": [
                {"name": broker.name, "url": f"mqtt://127.0.0.1:{1000 + number}"}
                for number, broker in enumerate(brokers)
            ],
            "receiver": [
                {
                    "name": "centre",
                    "url": "http://127.0.0.1:1/alarms",
                    "secret_file": _KEYS / "centre.secret",
                    "authority": True,
                }
            ],
        }
    )


class Guarded:
    """A gateway under a guard that starts it again."""

    def __init__(
        self,
        name: str,
        clock: PretendedClock,
        disk: Disk,
        brokers: list[Broker],
        centre: Centre,
    ) -> None:
        self.name = name
        self.kills: list[Point] = []
        self.may_die = True
        self.has_peers = False
        self.room = IN_HAND
        """So many deliveries its line has room for."""
        self.running: Gateway | None = None
        self._clock, self._disk, self._brokers, self._centre = clock, disk, brokers, centre
        self._life: Life | None = None
        self._lives = 0
        self._dice = random.Random(disk.dice.random())

    def kill(self) -> None:
        """Kill -9, now."""
        if self._life is not None:
            self._life.end(Point.ANY_TIME)

    @property
    def living(self) -> Gateway | None:
        """The gateway, unless it is dead just now."""
        is_over = self._life is None or self._life.is_over
        return None if is_over else self.running

    def spare(self) -> None:
        """From now on it lives."""
        self.may_die = False
        if self._life is not None:
            self._life.deadly = {}

    def cut(self, broker: Broker) -> None:
        """Its lines to that broker break."""
        for lane in ("alarm", "event"):
            broker.cut(f"gateway-{self.name}-{lane}")

    async def run(self) -> None:
        """Live, die, and live again, until cancelled."""
        while True:
            self._lives += 1
            deadly = lives.fate(self._dice) if self.may_die else {}
            self._life = Life(self.name, self._lives, deadly)
            living = asyncio.create_task(self._live(self._life))
            dying = asyncio.create_task(self._life.ended.wait())
            try:
                await asyncio.wait({living, dying}, return_when=asyncio.FIRST_COMPLETED)
                if living.done() and not self._life.is_over:
                    living.result()  # a life that ends by itself is a defect
                    raise AssertionError(f"{self.name} ended by itself")
            finally:
                self.running = None
                self._life.end(Point.ANY_TIME)
                dying.cancel()
                living.cancel()
                await asyncio.gather(living, return_exceptions=True)
            self.kills.append(self._life.ended_at or Point.ANY_TIME)
            await asyncio.sleep(self._dice.uniform(0.3, 3.0))

    async def _live(self, life: Life) -> None:
        disk, centre = self._disk, self._centre
        by_name = {broker.name: broker for broker in self._brokers}

        def session(
            found: SessionSettings,
            _now: object,
            state: Callable[[], str],
            _unsent: object,
            receipted: Callable[[str, str], None],
        ) -> Link:
            return Link(by_name[found.link], found, state, receipted, life).on(self._clock)

        edges = Edges(
            database=lambda _: Store(disk, life),
            forwarder=lambda _: CentreLine(centre, life),
            session=session,
            dice=lambda: random.Random(self._dice.random()),
            has_cameras=False,
            is_shared=lambda _: self.has_peers,
        )
        built = await self._started(edges)
        while built is None:
            await asyncio.sleep(1.0)
            built = await self._started(edges)
        self.running = built
        async with asyncio.TaskGroup() as group:
            for name, work in core.work(built).items():
                group.create_task(work, name=f"{self.name} {name}")

    async def _started(self, edges: Edges) -> Gateway | None:
        """None: its store is away, and systemd starts it again."""
        held = Tenure(name=self.name, clock=self._clock)
        config = settings(self.name, self._brokers)
        try:
            built = await parts.build(config, self._clock, held, edges)
            await built.company.enter()
            for line in built.forward.lines.values():
                line.room = self.room
        except StoreDown:
            return None
        return built
