"""Pressing while something is done to the store: no false receipt, nothing lost, nobody unheard."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.bench.figures import percentile
from tests.prove.found import Found, Ground, Loss
from tests.stories import audit, crowd, devices
from tests.stories import town as towns
from tests.stories.audit import Press
from tests.stories.crowd import Crowd
from tests.stories.town import Town

PRESSES_PER_S = 1.9
"""The town's 120 buttons in turn: none is pressed twice in a minute, so that each is an alarm."""
HEARD_WITHIN_S = 2.0
"""A press that cannot be stored goes by the emergency way."""
EVERYTHING_WITHIN_S = 120.0


@dataclass(slots=True, kw_only=True)
class Harm:
    """What is done, and when it was in effect."""

    town: Town
    people: Crowd
    say: Callable[[str], None]
    times: int = 0
    spans: list[tuple[float, float]] = field(default_factory=list)
    notes: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Further figures: value and unit."""

    async def last(self, seconds: float) -> None:
        """It is in effect from now on, for so long."""
        began = time.time()
        await asyncio.sleep(seconds)
        self.spans.append((began, time.time()))
        self.times += 1

    def is_within(self, at: float) -> bool:
        """Whether it was in effect at that moment."""
        return any(began <= at <= ended for began, ended in self.spans)


Do = Callable[[Harm], Awaitable[None]]


async def while_(
    ground: Ground,
    do: Do,
    says: str,
    *,
    url: str = "",
    presses_per_s: float = PRESSES_PER_S,
    asks_for_ways: bool = True,
) -> Found:
    """Let people press while that is done; count what they were promised and who was told.

    `asks_for_ways`: whether each press must be at the centre in time although it is not stored.
    """
    async with (
        towns.opened(ground.folder / "town", database=url or ground.database) as town,
        devices.at(town.brokers[0].port, crowded=True) as saying,
        crowd.at_work(saying, presses_per_s=presses_per_s, passages_per_s=0) as people,
    ):
        await asyncio.sleep(1)
        harm = Harm(town=town, people=people, say=ground.say)
        await do(harm)
        await people.stop(within_s=EVERYTHING_WITHIN_S)
        counted = await audit.take(town, people)
        arrivals = await audit.arrivals(town)
        verified, _ = await town.dabyl.run("journal", "verify", within_s=300)
    loss = Loss(
        harm=says,
        times=harm.times,
        presses=counted.presses,
        lost=len(counted.lost),
        doubled=len(counted.doubled),
    )
    found = Found(losses=[loss]).ask("times", harm.times).ask("presses receipted", counted.presses)
    for name, (value, unit) in harm.notes.items():
        found.ask(name, value, unit)
    _tell_ways(found, harm, arrivals, asks_for_ways=asks_for_ways)
    return (
        found.ask(
            "false receipts (not in the journal afterwards)", len(counted.unjournalled), at_most=0
        )
        .ask("presses lost", len(counted.lost), at_most=0)
        .ask("presses under two keys", len(counted.doubled), at_most=0)
        .ask("journal verify, exit code", verified, at_most=0)
    )


def _tell_ways(
    found: Found, harm: Harm, arrivals: dict[Press, float], *, asks_for_ways: bool
) -> None:
    """From the press to the centre, of those pressed while it was in effect."""
    pressed = harm.people.pressed_at
    ways = [
        arrivals[press] - at
        for press, at in pressed.items()
        if press in arrivals and harm.is_within(at)
    ]
    found.ask("presses while it was in effect", sum(map(harm.is_within, pressed.values())))
    found.ask("of them press to centre, p50", percentile(ways, 0.5), "s")
    found.ask(
        "of them press to centre, worst",
        max(ways, default=0.0),
        "s",
        at_most=HEARD_WITHIN_S if asks_for_ways else None,
    )
