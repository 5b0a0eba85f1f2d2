"""A crowd of devices at work: presses and passages at a steady pace, each until its receipt."""

import asyncio
import contextlib
import itertools
import random
import time
import uuid
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.stories.devices import Devices, Said
from tests.stories.town import BUTTONS, GATES

_TICK_S = 0.05
_UNDER_WAY = 20_000
_PASSAGE_REPEAT_S = 10.0
"""The contract's two seconds are for alarms; a turnstile has time."""


@dataclass(slots=True, kw_only=True)
class Crowd:
    """What was said and is receipted, and what still waits."""

    devices: Devices
    presses: list[Said] = field(default_factory=list)
    passages: list[Said] = field(default_factory=list)
    said: set[tuple[str, str]] = field(default_factory=set)
    """Every press that left a device, receipted or not."""
    pressed_at: dict[tuple[str, str], float] = field(default_factory=dict)
    """When each was pressed, by the clock on the wall."""
    passed: int = 0
    """Passages receipted."""
    keeps_passages: bool = True
    """False where there are so many that only their number is kept."""
    waiting: set["asyncio.Task[None]"] = field(default_factory=set)
    working: "asyncio.Task[None] | None" = None

    async def press(self, device: str) -> None:
        """Press a button until it has its receipt."""
        event_id = uuid.uuid4().hex
        self.said.add((device, event_id))
        self.pressed_at[device, event_id] = time.time()
        self.presses.append(await self.devices.press(device, id=event_id))

    async def pass_through(self, device: str, card: str) -> None:
        """Go through a gate, until it has its receipt."""
        data = {"direction": "in", "credential": card, "taken": True}
        body = {"kind": "passage.granted", "data": data}
        said = await self.devices.say(device, body, "event", _PASSAGE_REPEAT_S)
        self.passed += 1
        if self.keeps_passages:
            self.passages.append(said)
        else:
            self.devices.forget(said)

    async def run(self, presses_per_s: float, passages_per_s: float) -> None:
        """Press and pass at that pace, for ever; every device within what is taken singly."""
        dice, buttons = random.Random(1), itertools.cycle(range(1, BUTTONS + 1))
        due_presses = due_passages = 0.0
        while True:
            due_presses += presses_per_s * _TICK_S
            due_passages += passages_per_s * _TICK_S
            while due_presses >= 1 and len(self.waiting) < _UNDER_WAY:
                due_presses -= 1
                self._begin(self.press(f"button-{next(buttons)}"))
            while due_passages >= 1 and len(self.waiting) < _UNDER_WAY:
                due_passages -= 1
                gate = f"gate-{dice.randint(1, GATES)}"
                self._begin(self.pass_through(gate, f"card-{dice.randint(1, 900)}"))
            await asyncio.sleep(_TICK_S)

    async def stop(self, within_s: float) -> None:
        """Nobody begins anew; returns when everything has its receipt."""
        if self.working is not None:
            self.working.cancel()
        async with asyncio.timeout(within_s):
            while self.waiting:
                await asyncio.wait(set(self.waiting))

    def _begin(self, saying: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(saying)
        self.waiting.add(task)
        task.add_done_callback(self.waiting.discard)


@contextlib.asynccontextmanager
async def at_work(
    devices: Devices, *, presses_per_s: float = 20, passages_per_s: float = 200
) -> AsyncIterator[Crowd]:
    """A crowd that works while the block runs; `stop` ends its work, not its repeats."""
    crowd = Crowd(devices=devices)
    crowd.working = working = asyncio.create_task(crowd.run(presses_per_s, passages_per_s))
    try:
        yield crowd
    finally:
        working.cancel()
        for task in crowd.waiting:
            task.cancel()
        await asyncio.gather(working, *crowd.waiting, return_exceptions=True)
