"""Faults: one thing at a time goes wrong, and is put right again."""

import asyncio
import contextlib
import json
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.harness import waiting
from tests.t2.installation import Installation

GATEWAYS, BROKERS = ("g1", "g2"), ("broker-a", "broker-b")
PROMOTED_AFTER_S = 3.0
"""As long as a person needs who stands beside it."""
_BACK_WITHIN_S = 60.0
Deed = Callable[[Installation, random.Random], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One fault, from its beginning to the moment when it was put right."""

    kind: str
    what: str
    began_at: float
    ended_at: float


async def happens(made: Installation, kind: str, dice: random.Random) -> Happened:
    """Let it happen, and put it right."""
    began_at = time.time()
    what = await FAULTS[kind](made, dice)
    return Happened(kind=kind, what=what, began_at=began_at, ended_at=time.time())


async def gateway_killed(made: Installation, dice: random.Random) -> str:
    """Kill -9, and a new life a little later."""
    name = dice.choice(GATEWAYS)
    gateway = made.gateways[name]
    await asyncio.to_thread(gateway.kill)
    await asyncio.sleep(dice.uniform(1, 4))
    gateway.start()
    await _ready(made, name)
    return name


async def forward_frozen(made: Installation, dice: random.Random) -> str:
    """SIGSTOP: it holds what it holds, and does nothing."""
    name = dice.choice(GATEWAYS)
    made.gateways[name].signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(dice.uniform(8, 14))
    finally:
        made.gateways[name].signal(signal.SIGCONT)
    await _ready(made, name)
    return name


async def broker_killed(made: Installation, dice: random.Random) -> str:
    """Kill -9, and a new life a little later."""
    name = dice.choice(BROKERS)
    await asyncio.to_thread(made.brokers[name].kill)
    await asyncio.sleep(dice.uniform(1, 5))
    made.brokers[name].start()
    return name


async def both_brokers_gone(made: Installation, dice: random.Random) -> str:
    """Half a minute without any broker."""
    del dice
    for broker in made.brokers.values():
        await asyncio.to_thread(broker.kill)
    await asyncio.sleep(30)
    for broker in made.brokers.values():
        broker.start()
    return "both"


async def primary_killed(made: Installation, dice: random.Random) -> str:
    """Kill -9; a person promotes a standby; the old primary follows the new one."""
    old = made.primary
    await asyncio.to_thread(made.databases[old].kill)
    await asyncio.sleep(PROMOTED_AFTER_S)
    gateway = made.gateways[dice.choice(GATEWAYS)]
    said = await asyncio.to_thread(gateway.dabyl, "database", "promote")
    made.primary = said.partition(" ")[0]
    new = made.databases[made.primary]
    others = [one for name, one in made.databases.items() if name != old]
    assert not await asyncio.to_thread(made.databases[old].may_start, *others)
    await asyncio.to_thread(made.databases[old].follow, new)
    await _confirming(made)
    return f"{old}, {made.primary} promoted"


async def standby_killed(made: Installation, dice: random.Random) -> str:
    """Kill -9, and a new life a little later."""
    name = dice.choice(_standbys(made))
    await asyncio.to_thread(made.databases[name].kill)
    await asyncio.sleep(dice.uniform(1, 4))
    await asyncio.to_thread(made.databases[name].start)
    await _confirming(made)
    return name


async def link_cut(made: Installation, dice: random.Random) -> str:
    """The cable is out for some seconds."""
    name = _machine(made, dice)
    made.network.pull(name)
    try:
        await asyncio.sleep(dice.uniform(3, 8))
    finally:
        made.network.plug(name)
    return name


async def link_half_open(made: Installation, dice: random.Random) -> str:
    """Nothing passes, or one way only; nobody is told."""
    name = _machine(made, dice)
    other = dice.choice([None, *(one for one in made.network.hosts if one != name)])
    if other is None:
        made.network.silence(name)
    else:
        made.network.deafen(name, other)
    try:
        await asyncio.sleep(dice.uniform(4, 9))
    finally:
        if other is None:
            made.network.voice(name)
        else:
            made.network.undeafen(name, other)
    return name if other is None else f"{name} to {other}"


async def link_flapping(made: Installation, dice: random.Random) -> str:
    """The cable has a loose contact."""
    name = _machine(made, dice)
    for _ in range(6):
        made.network.pull(name)
        await asyncio.sleep(dice.uniform(0.2, 0.8))
        made.network.plug(name)
        await asyncio.sleep(dice.uniform(0.2, 0.8))
    return name


FAULTS: dict[str, Deed] = {
    "gateway killed": gateway_killed,
    "forward frozen": forward_frozen,
    "broker killed": broker_killed,
    "both brokers gone 30 s": both_brokers_gone,
    "primary killed": primary_killed,
    "standby killed": standby_killed,
    "link cut": link_cut,
    "link half-open": link_half_open,
    "link flapping": link_flapping,
}
SHORT = ("gateway killed", "broker killed", "primary killed", "link half-open", "forward frozen")
"""For a minute: one of each sort."""


async def whole(made: Installation) -> None:
    """Everything is as it should be."""
    for name in GATEWAYS:
        await _ready(made, name)
    await _confirming(made)


def _machine(made: Installation, dice: random.Random) -> str:
    return dice.choice([*GATEWAYS, *BROKERS, *made.databases, "centre"])


def _standbys(made: Installation) -> list[str]:
    return [name for name in made.databases if name != made.primary]


async def _ready(made: Installation, name: str) -> None:
    await waiting.until(
        lambda: made.is_ready(name), within_s=_BACK_WITHIN_S, what=f"{name} is ready again"
    )


async def _confirming(made: Installation) -> None:
    """Both standbys confirm, so that the next fault is one and not two."""
    gateway = made.gateways["g1"]

    async def both() -> bool:
        said = await asyncio.to_thread(gateway.dabyl, "database", "status", "--json", check=False)
        with contextlib.suppress(ValueError):
            rows = json.loads(said)
            roles = sorted(row["role"] for row in rows)
            receiving = [row for row in rows if row["receives"] == "streaming"]
            is_one_history = len({row["timeline"] for row in rows}) == 1
            return (
                roles == ["primary", "standby", "standby"]
                and is_one_history
                and len(receiving) == 2
            )
        return False

    await waiting.until(both, within_s=_BACK_WITHIN_S, what="both standbys confirm")
