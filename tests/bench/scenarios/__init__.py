"""The scenarios: what the region does to the gateway; one file for each family."""

from collections.abc import Awaitable, Mapping
from typing import Protocol

from tests.bench.figures import Outcome
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.bench.scenarios import (
    aged,
    attached,
    cameras,
    consoles,
    outages,
    passages,
    presses,
    pulls,
    storms,
)


class Scenario(Protocol):
    """One of them; a quick run does a part of it."""

    def __call__(self, rig: Rig, floor: Floor, /, *, quick: bool) -> Awaitable[Outcome]:
        """Do it, and say what was measured."""


SCENARIOS: Mapping[str, Scenario] = {
    "idle": presses.idle,
    "loaded": presses.loaded,
    "passages": passages.flat_out,
    "storm": storms.in_a_second,
    "burst": storms.at_once,
    "flat-out": storms.flat_out,
    "overload": passages.overload,
    "centre-away": outages.centre_away,
    "broker-away": outages.broker_away,
    "pulls": pulls.costs,
    "cameras": cameras.cameras,
    "attached": attached.attached,
    "consoles": consoles.consoles,
    "aged": aged.aged,
    "peak": passages.morning_peak,
}
"""In the order in which they run; the longest last."""
