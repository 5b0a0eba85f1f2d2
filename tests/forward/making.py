"""Deliveries by the dozen, and a receiver that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from msgspec.structs import replace

from adapters.notice import Notice
from adapters.receivers.contract import Accepted, Outcome, Reason, Refused, TryAgain
from gateway.forward.line import Line, Trouble
from gateway.store.outbox import Delivery, Settlement
from tests.domain.making import NOW
from tests.harness.clock import PushedClock

Script = Callable[[str, int], Outcome]
"""What a notice's key and its how-manieth attempt are answered with."""
CUT = TryAgain(reason=Reason.UNREACHABLE)
BUSY = TryAgain(reason=Reason.SERVER_ERROR)
BAD = Refused(status=422, detail="no such site")
YES = Accepted(reference="CAD-1")


def delivery(
    number: int, alarm: str, nth: int = 1, *, priority: int = 0, device: str = "button-1"
) -> Delivery:
    """The nth notice about that alarm; its outbox id is `number`."""
    return Delivery(
        id=number,
        key=f"{alarm}:{nth}",
        receiver="centre",
        alarm=alarm,
        number=nth,
        gateway="g1",
        sequence=number,
        type="dabyl.alarm.raised" if nth == 1 else "dabyl.alarm.repeated",
        priority=priority,
        device=device,
        body=b"{}",
        created_at=NOW,
    )


def stills(number: int, alarm: str, nth: int) -> Delivery:
    """The nth notice about that alarm, which brings pictures."""
    one = delivery(number, alarm, nth)
    return replace(one, type="dabyl.evidence.added")


@dataclass
class Scripted:
    """A forwarder that answers by its script and remembers when it was asked what."""

    clock: PushedClock
    script: Script = lambda key, nth: YES  # noqa: ARG005 - the shape of a script
    asked: list[tuple[float, str, bool]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, notice: Notice, *, backup: bool = False) -> Outcome:
        self.asked.append((self.clock.monotonic() - 1000, notice.id, backup))
        nth = len([key for _, key, _ in self.asked if key == notice.id])
        await self.gate.wait()
        return self.script(notice.id, nth)

    async def close(self) -> None:
        """Nothing is held."""

    def keys(self) -> list[str]:
        return [key for _, key, _ in self.asked]

    def times(self, key: str | None = None) -> list[float]:
        return [at for at, one, _ in self.asked if key in {None, one}]


@dataclass
class Running:
    """A line that runs on a pushed clock, and all that it said."""

    line: Line
    receiver: Scripted
    clock: PushedClock
    settled: list[tuple[str, Settlement]] = field(default_factory=list)
    said: list[Trouble] = field(default_factory=list)

    def take(self, *deliveries: Delivery) -> None:
        for one in deliveries:
            assert self.line.take(one)

    async def push(self, seconds: float = 0.001) -> None:
        """Time passes in small steps, so that answers and waits take their turns."""
        while seconds > 0:
            await self.clock.push(min(seconds, 0.05))
            seconds -= 0.05

    def ended(self) -> dict[str, str]:
        return {key: settlement.state.value for key, settlement in self.settled}


@asynccontextmanager
async def running(script: Script, *, has_backup: bool = False) -> AsyncIterator[Running]:
    """A line to a receiver that answers by that script."""
    clock = PushedClock()
    receiver = Scripted(clock, script)
    receiver.gate.set()
    settled: list[tuple[str, Settlement]] = []
    said: list[Trouble] = []
    line = Line(
        name="centre",
        forwarder=receiver,
        clock=clock,
        has_backup=has_backup,
        settled=lambda one, how: settled.append((one.key, how)),
        voice=lambda trouble, _: said.append(trouble),
    )
    task = asyncio.create_task(line.run())
    try:
        yield Running(line, receiver, clock, settled, said)
    finally:
        task.cancel()
        await asyncio.wait([task])
