"""One seed: a world with its faults, and what must be true at its end."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection

from adapters.signal import Lane
from gateway import operate
from gateway.domain.alarm import Disposition
from gateway.domain.errors import Refusal
from gateway.domain.operator import Operator, Role
from gateway.store import alarms, chain, sites
from gateway.store.alarms import Filter
from gateway.store.database import StoreError
from gateway.store.journal import Head
from gateway.store.walk import Walk
from simulators.character import DeviceClass
from tests.domain.making import REGISTRY, device
from tests.domain.making import Sort as Sorts
from tests.simulation.broker import Broker
from tests.simulation.centre import Centre
from tests.simulation.crowd import PRESSES, Crowd
from tests.simulation.gateway import Guarded
from tests.simulation.loop import PretendedClock, PretendedLoop
from tests.simulation.store import Disk, rows

ACTS_S = 30.0
"""So long things happen and go wrong …"""
CALM_WITHIN_S = 150.0
"""… and so long after the last fault everything must have come through."""
_PEOPLE = [Operator(name=name, role=Role.DISPATCHER) for name in ("aigerim", "bolat")]


@dataclass(slots=True)
class Outcome:
    """What a seed showed."""

    seed: int
    presses: int = 0
    receipted: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """The promises that were not kept, each as a sentence."""
    calm_after_s: float = 0.0


def run(seed: int) -> Outcome:
    """Let that world happen; the same seed is the same world."""
    loop = PretendedLoop()
    try:
        return loop.run_until_complete(_World(seed, loop).happen())
    finally:
        loop.close()


class _World:
    def __init__(self, seed: int, loop: PretendedLoop) -> None:
        self._dice = random.Random(seed)
        self._out = Outcome(seed)
        self._clock = PretendedClock(loop)
        self._disk = Disk(self._dice)
        count = self._dice.choice((1, 2, 2))
        self._brokers = [Broker(f"b{n}", self._dice) for n in range(1, count + 1)]
        self._centre = Centre(self._dice)
        names = ["g1", "g2"][: self._dice.choice((1, 1, 2))]
        self._gateways = [
            Guarded(name, self._clock, self._disk, self._brokers, self._centre) for name in names
        ]
        for one in self._gateways:
            one.has_peers = len(names) > 1

    async def happen(self) -> Outcome:
        """Everything, from the first moment to the verdict."""
        self._settle_in()
        self._crowd = Crowd(self._clock, self._brokers, self._dice, self._is_stored)
        for name in self._buttons:
            kind = self._dice.choice((DeviceClass.A, DeviceClass.A, DeviceClass.B))
            self._crowd.add(name, kind)
        guards = [asyncio.create_task(one.run()) for one in self._gateways]
        try:
            acting = [self._press(), self._go_wrong(), self._respond()]
            watching = asyncio.gather(*acting)
            await asyncio.wait({watching, *guards}, return_when=asyncio.FIRST_COMPLETED)
            self._mend()
            await self._calm(guards)
        finally:
            for guard in guards:
                guard.cancel()
            await asyncio.gather(*guards, return_exceptions=True)
        self._judge()
        self._disk.close()
        return self._out

    def _settle_in(self) -> None:
        self._buttons = [f"button-{n}" for n in range(1, self._dice.randint(2, 5))]
        found = [device(name, Sorts.PANIC_BUTTON) for name in self._buttons[1:]]  # one is unknown
        with self._disk.engine.begin() as connection:
            sites.put(connection, [*REGISTRY.sites.values()], [*REGISTRY.zones.values()], found)

    async def _press(self) -> None:
        until = self._clock.monotonic() + ACTS_S
        while self._clock.monotonic() < until:
            await asyncio.sleep(self._dice.expovariate(1 / 1.5))
            for _ in range(self._dice.choice((1, 1, 1, 3))):
                self._crowd.do(self._dice.choice(self._buttons), self._dice.choice(PRESSES))

    async def _go_wrong(self) -> None:
        until = self._clock.monotonic() + ACTS_S
        while self._clock.monotonic() < until:
            await asyncio.sleep(self._dice.expovariate(1 / 4.0))
            fault = self._dice.choice(_FAULTS)
            self._out.faults[fault.__name__.strip("_")] += 1
            await fault(self)

    async def _respond(self) -> None:
        """People take, see, and close alarms meanwhile."""
        until = self._clock.monotonic() + ACTS_S
        while self._clock.monotonic() < until:
            await asyncio.sleep(self._dice.expovariate(1 / 5.0))
            running = [one.running for one in self._gateways if one.running is not None]
            found = self._disk.look(lambda c: alarms.listed(c, Filter(is_open=True), 20, None))
            if not running or not found:
                continue
            desk, alarm = self._dice.choice(running).desk, self._dice.choice(found)
            person = self._dice.choice(_PEOPLE)
            try:
                async with asyncio.timeout(2):
                    if self._dice.random() < 0.6:
                        await operate.claim(desk, person, alarm.id)
                    else:
                        await operate.close(
                            desk, person, alarm.id, alarm.version, Disposition.FALSE
                        )
            except (Refusal, StoreError, TimeoutError):
                pass  # another was first, or it is away: people try again

    def _mend(self) -> None:
        """All faults end; what was promised must now come true."""
        self._disk.moods.down, self._disk.moods.doubtful, self._disk.moods.slow_s = False, 0, 0.002
        temper = self._centre.temper
        temper.away, temper.failing, temper.forgetful, temper.refusing = False, 0, 0, 0
        for broker in self._brokers:
            broker.lossy = 0
            broker.up()
        for gateway in self._gateways:
            gateway.may_die = False

    async def _calm(self, guards: list["asyncio.Task[None]"]) -> None:
        begun = self._clock.monotonic()
        while self._clock.monotonic() - begun < CALM_WITHIN_S:
            for guard in guards:
                if guard.done():
                    guard.result()
            if not self._crowd.waiting() and not self._disk.look(_owed):
                break
            await asyncio.sleep(0.5)
        self._out.calm_after_s = self._clock.monotonic() - begun

    def _is_stored(self, device_id: str, event_id: str) -> bool:
        return self._disk.look(lambda c: _journalled(c, device_id, event_id))

    def _judge(self) -> None:
        crowd, centre, broken = self._crowd, self._centre, self._out.broken
        self._out.presses, self._out.receipted = len(crowd.pressed), len(crowd.receipted)
        self._out.kills = Counter(point for one in self._gateways for point in one.kills)
        cries = {press for press in crowd.pressed if self._raises(press)}
        broken += [f"receipted but not stored: {press}" for press in crowd.broken]
        broken += [f"no receipt in the end: {press}" for press in crowd.waiting()]
        broken += [f"refused: {reason}" for reason in crowd.refused]
        broken += [
            f"receipted, the centre never heard: {one}"
            for one in cries & crowd.receipted.keys() - centre.named.keys()
        ]
        broken += [
            f"two keys for {one}: {keys}"
            for one, keys in centre.named.items()
            if len(keys - centre.unstored) > 1
        ]
        broken += [f"out of order: {key}" for key in centre.disorder]
        broken += [f"another body under one key: {key}" for key in centre.altered]
        broken += [f"still owed: {row}" for row in self._disk.look(_owed)]
        broken += [f"the chain is broken: {fault}" for fault in self._disk.look(_faults)]

    def _raises(self, press: tuple[str, str]) -> bool:
        """Whether it is the kind of event that the centre is told of."""
        found = self._disk.look(
            lambda c: rows(
                c,
                "SELECT kind FROM journal_alarm WHERE device = '%s' AND event_id = '%s'" % press,  # noqa: S608, UP031 - our own ids
            )
        )
        return any(str(kind).startswith(("panic.", "tamper.opened")) for (kind,) in found)

    async def _killed(self) -> None:
        self._dice.choice(self._gateways).kill()

    async def _store_away(self) -> None:
        self._disk.moods.down = True
        await asyncio.sleep(self._dice.uniform(0.1, 6))
        self._disk.moods.down = False

    async def _store_in_doubt(self) -> None:
        self._disk.moods.doubtful = 0.5
        await asyncio.sleep(self._dice.uniform(0.5, 6))
        self._disk.moods.doubtful = 0.0

    async def _store_slow(self) -> None:
        self._disk.moods.slow_s = self._dice.choice((0.05, 0.4))
        await asyncio.sleep(self._dice.uniform(0.5, 5))
        self._disk.moods.slow_s = 0.002

    async def _broker_lost(self) -> None:
        broker = self._dice.choice(self._brokers)
        broker.down(forgetting=self._dice.choice((0, 0, 3)))
        await asyncio.sleep(self._dice.uniform(0.1, 8))
        broker.up()

    async def _line_cut(self) -> None:
        self._dice.choice(self._gateways).cut(self._dice.choice(self._brokers))

    async def _lossy(self) -> None:
        broker = self._dice.choice(self._brokers)
        broker.lossy = self._dice.choice((0.2, 0.6))
        await asyncio.sleep(self._dice.uniform(1, 10))
        broker.lossy = 0.0

    async def _centre_away(self) -> None:
        self._centre.temper.away = True
        await asyncio.sleep(self._dice.uniform(0.5, 8))
        self._centre.temper.away = False

    async def _centre_ill(self) -> None:
        temper = self._centre.temper
        temper.failing, temper.forgetful = self._dice.choice(((0.5, 0), (0, 0.5), (0.3, 0.3)))
        await asyncio.sleep(self._dice.uniform(0.5, 8))
        temper.failing = temper.forgetful = 0.0


_FAULTS = (
    _World._killed,  # noqa: SLF001 - the world's own
    _World._store_away,  # noqa: SLF001
    _World._store_in_doubt,  # noqa: SLF001
    _World._store_slow,  # noqa: SLF001
    _World._broker_lost,  # noqa: SLF001
    _World._line_cut,  # noqa: SLF001
    _World._lossy,  # noqa: SLF001
    _World._centre_away,  # noqa: SLF001
    _World._centre_ill,  # noqa: SLF001
)


def _owed(connection: Connection) -> list[tuple[object, ...]]:
    waiting = rows(connection, "SELECT key, claimed_by FROM deliveries WHERE state = 'waiting'")
    return waiting + rows(connection, "SELECT id FROM alarms WHERE repeats_due_at IS NOT NULL")


def _journalled(connection: Connection, device_id: str, event_id: str) -> bool:
    return any(
        rows(
            connection,
            f"SELECT 1 FROM journal_{lane} WHERE device = '{device_id}' AND event_id = '{event_id}'",  # noqa: S608 - our own ids
        )
        for lane in ("alarm", "event")
    )


def _faults(connection: Connection) -> list[str]:
    found = []
    for lane in Lane:
        for gateway in chain.gateways(connection, lane):
            walk = Walk(gateway, lane, Head())
            rows = chain.page(connection, gateway, lane, 0, 1_000_000)
            if walk.take(rows) != len(rows):
                found.append(walk.fault(rows[walk.rows :]).says)
    return found
