"""The faults: what goes wrong in a pretended world, each for a time."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.simulation.ground import Ground


async def killed(ground: Ground) -> None:
    """A gateway, as kill -9 ends it."""
    ground.dice.choice(ground.gateways).kill()


async def store_away(ground: Ground) -> None:
    """It answers nothing."""
    ground.disk.moods.down = True
    await asyncio.sleep(ground.dice.uniform(0.1, 6))
    ground.disk.moods.down = False


async def store_in_doubt(ground: Ground) -> None:
    """It does not say whether it has committed."""
    ground.disk.moods.doubtful = 0.5
    await asyncio.sleep(ground.dice.uniform(0.5, 6))
    ground.disk.moods.doubtful = 0.0


async def store_slow(ground: Ground) -> None:
    """Each commit takes long."""
    ground.disk.moods.slow_s = ground.dice.choice((0.05, 0.4))
    await asyncio.sleep(ground.dice.uniform(0.5, 5))
    ground.disk.moods.slow_s = 0.002


async def broker_lost(ground: Ground) -> None:
    """It dies, and may forget the last it had not yet saved."""
    broker = ground.dice.choice(ground.brokers)
    broker.down(forgetting=ground.dice.choice((0, 0, 3)))
    await asyncio.sleep(ground.dice.uniform(0.1, 8))
    broker.up()


async def line_cut(ground: Ground) -> None:
    """A gateway's lines to one broker break."""
    ground.dice.choice(ground.gateways).cut(ground.dice.choice(ground.brokers))


async def lossy(ground: Ground) -> None:
    """Devices' lines lose much of what goes over them."""
    broker = ground.dice.choice(ground.brokers)
    broker.lossy = ground.dice.choice((0.2, 0.6))
    await asyncio.sleep(ground.dice.uniform(1, 10))
    broker.lossy = 0.0


async def centre_away(ground: Ground) -> None:
    """Nobody takes alarms."""
    ground.centre.temper.away = True
    await asyncio.sleep(ground.dice.uniform(0.5, 8))
    ground.centre.temper.away = False


async def centre_ill(ground: Ground) -> None:
    """It fails, or takes and does not say so."""
    temper = ground.centre.temper
    temper.failing, temper.forgetful = ground.dice.choice(((0.5, 0), (0, 0.5), (0.3, 0.3)))
    await asyncio.sleep(ground.dice.uniform(0.5, 8))
    temper.failing = temper.forgetful = 0.0


def mend(ground: Ground) -> None:
    """All of them end; what was promised must now come true."""
    ground.disk.moods.down, ground.disk.moods.doubtful, ground.disk.moods.slow_s = False, 0, 0.002
    temper = ground.centre.temper
    temper.away, temper.failing, temper.forgetful, temper.refusing = False, 0, 0, 0
    for broker in ground.brokers:
        broker.lossy = 0
        broker.up()
    for gateway in ground.gateways:
        gateway.spare()


FAULTS: tuple[Callable[[Ground], Awaitable[None]], ...] = (
    killed,
    store_away,
    store_in_doubt,
    store_slow,
    broker_lost,
    line_cut,
    lossy,
    centre_away,
    centre_ill,
)
