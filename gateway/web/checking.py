"""Checking: whether the audit's chain is whole, walked for whoever looks at its page."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from gateway import vouch
from gateway.vouch import Walk
from gateway.web.house import House

WITHIN_S = 20.0
"""So long a person waits: some 600,000 rows. What is left then, the command line walks."""
BREATH_S = 0.02
"""Between two pages, for everybody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of it."""

    state: str
    """whole, broken, partly (whole so far) or busy."""
    rows: int = 0
    faults: Sequence[str] = ()


class Checking:
    """One walk at a time, whoever asks."""

    def __init__(self) -> None:
        self._walking = asyncio.Lock()

    async def look(self, house: House) -> Checked:
        """Walk it, as far as the time reaches."""
        if self._walking.locked():
            return Checked(state="busy")
        async with self._walking:
            return await _walk(house)


async def _walk(house: House) -> Checked:
    found, state = Walk(), "whole"
    try:
        async with asyncio.timeout(WITHIN_S):
            async for walk in vouch.walked(house.database, {house.public_key}):
                found = walk
                await house.clock.sleep(BREATH_S)
    except TimeoutError:
        state = "partly"
    return Checked(state="broken" if found.faults else state, rows=found.rows, faults=found.faults)
