"""Where simulated devices live: one task wakes each of them when its time comes.

A device at rest has no task of its own; it costs a line in a heap, and its connection.
"""

import asyncio
import heapq
import itertools
from typing import Protocol

from simulators import clock, story
from simulators.acts import Act, Deed
from simulators.clock import Clock, Moment
from simulators.lines import Line
from simulators.outputs import Output, Publish
from simulators.wire import Leaf

WOKEN_AT_ONCE = 64


class Machine(Protocol):
    """How a device thinks: pure, moments and bytes in, outputs out."""

    def act(self, moment: Moment, act: Act) -> list[Output]:
        """Let something happen to the device."""
        ...

    def heard(self, moment: Moment, broker: int, leaf: Leaf, payload: bytes) -> list[Output]:
        """Hear the gateway on one of the device's own topics."""
        ...

    def beacon(self, moment: Moment, payload: bytes) -> list[Output]:
        """Hear that a gateway is there."""
        ...

    def line_changed(self, moment: Moment) -> list[Output]:
        """Notice that a line came or went."""
        ...

    def passed(self, moment: Moment) -> list[Output]:
        """Let time pass."""
        ...

    def next_wake_s(self) -> float:
        """Tell when time alone will change something."""
        ...

    def unstored(self) -> int:
        """Count the events that wait for a receipt."""
        ...


class Stage:
    """The time of many devices."""

    def __init__(self, clock: Clock, tell: story.Tell) -> None:
        self.clock = clock
        self.tell = tell
        self._heap: list[tuple[float, int, Actor]] = []
        self._order = itertools.count()
        self._sooner = asyncio.Event()

    def wake(self, actor: "Actor", at_s: float) -> None:
        """Wake a device at this time; a device may be woken in vain, never too late."""
        if not self._heap or at_s < self._heap[0][0]:
            self._sooner.set()
        heapq.heappush(self._heap, (at_s, next(self._order), actor))

    def planned(self) -> int:
        """Count the wakings ahead, the vain ones among them."""
        return len(self._heap)

    async def run(self) -> None:
        """Wake whoever is due, for ever; ends by cancelling."""
        while True:
            self._sooner.clear()
            self.wake_due()
            now_s = self.clock.monotonic()
            if self._heap and self._heap[0][0] <= now_s:
                await asyncio.sleep(0)  # lines speak between two handfuls of devices
            else:
                await self._until_next(now_s)

    def wake_due(self) -> None:
        """Wake a handful of those who are due."""
        now_s = self.clock.monotonic()
        for _ in range(WOKEN_AT_ONCE):
            if not self._heap or self._heap[0][0] > now_s:
                return
            at_s, _, actor = heapq.heappop(self._heap)
            actor.woken(at_s)

    async def _until_next(self, now_s: float) -> None:
        waits: list[asyncio.Future[object]] = [asyncio.ensure_future(self._sooner.wait())]
        if self._heap:
            waits.append(asyncio.ensure_future(self.clock.sleep(self._heap[0][0] - now_s)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


class Actor:
    """One device on the stage: a machine that thinks, and lines that talk."""

    def __init__(self, device: str, machine: Machine, stage: Stage) -> None:
        self.device = device
        self.machine = machine
        self.lines: list[Line] = []
        self._stage = stage
        self._wakes_at_s = float("inf")
        self._plan()

    def do(self, act: Act) -> None:
        """Let something happen to the device."""
        match act.deed:
            case Deed.UNPLUG:
                for line in self.lines:
                    line.cut()
            case Deed.PLUG:
                for line in self.lines:
                    line.mend()
            case _:
                self._perform(self.machine.act(self._moment(), act))

    def heard(self, broker: int, leaf: Leaf, payload: bytes) -> None:
        """Hear the gateway."""
        self._perform(self.machine.heard(self._moment(), broker, leaf, payload))

    def beacon(self, payload: bytes) -> None:
        """Hear a gateway's sign of life."""
        self._perform(self.machine.beacon(self._moment(), payload))

    def line_changed(self, *, up: bool) -> None:
        """Notice that a line came or went."""
        del up  # either way the device says how it is, wherever it still can
        self._perform(self.machine.line_changed(self._moment()))

    def line_trouble(self, broker: int, why: str) -> None:
        """Tell why there is no line."""
        words = f"has no line to broker {broker + 1}: {why}"
        facts: story.Facts = {"broker": broker + 1, "why": why}
        at = self._stage.clock.now()
        self._stage.tell(
            story.Happening(at=at, device=self.device, what="no_line", words=words, facts=facts)
        )

    def woken(self, at_s: float) -> None:
        """Look at the clock, unless this was a plan that has changed since."""
        if at_s != self._wakes_at_s:
            return
        self._wakes_at_s = float("inf")
        self._perform(self.machine.passed(self._moment()))

    def _moment(self) -> Moment:
        return clock.read(self._stage.clock)

    def _perform(self, outputs: list[Output]) -> None:
        at = self._stage.clock.now()
        for output in outputs:
            if isinstance(output, Publish):
                if output.broker < len(self.lines):
                    line = self.lines[output.broker]
                    line.send(output.leaf, output.payload, retain=output.retain)
                continue
            happening = story.of(at, self.device, output)
            if happening is not None:
                self._stage.tell(happening)
        self._plan()

    def _plan(self) -> None:
        wake_s = self.machine.next_wake_s()
        if wake_s < self._wakes_at_s:
            self._wakes_at_s = wake_s
            self._stage.wake(self, wake_s)
