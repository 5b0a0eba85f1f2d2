"""An emergency beside a real intake on SQLite, with receivers that answer as they are told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from adapters.notice import Notice
from adapters.receivers.contract import Outcome
from adapters.signal import Lane, Receipt, Signal
from gateway.bus import Heard
from gateway.desk import Desk
from gateway.domain.alarm import Alarm
from gateway.domain.telling import Anchor
from gateway.emergency import Emergency
from gateway.emergency.calls import Calls
from gateway.store import sites
from tests.forward.making import Scripted
from tests.harness import waiting
from tests.intake import bench
from tests.intake.bench import Bench


@dataclass
class Noting(Scripted):
    """A receiver that also keeps the bodies."""

    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, notice: Notice, *, backup: bool = False) -> Outcome:
        self.bodies.append(json.loads(notice.body))
        return await super().send(notice, backup=backup)


@dataclass
class Alley:
    """What is heard goes in; what is told unstored comes out."""

    intake: Bench
    centre: Noting
    emergency: Emergency
    shouted: list[Alarm] = field(default_factory=list)
    answered: list[tuple[str, Receipt]] = field(default_factory=list)
    """Every answer that was given, by the event's id."""

    def hear(self, *signals: Signal) -> None:
        for one in signals:
            name = str(getattr(getattr(one, "said", one), "id", None))
            answer = partial(self._answer, name)
            self.intake.intake.bus.put(Heard(one, answer, self.intake.clock.monotonic()))

    def _answer(self, name: str, receipt: Receipt) -> None:
        self.answered.append((name, receipt))

    @property
    def receipted(self) -> list[str]:
        return [name for name, receipt in self.answered if receipt.stored_at is not None]

    @property
    def let_go(self) -> list[str]:
        """Those that were acknowledged at the broker without a receipt."""
        return [name for name, receipt in self.answered if receipt.is_waiting]

    async def pass_by(self, seconds: float) -> None:
        """Time goes by, in steps of a look."""
        await self.intake.clock.push(seconds)

    async def goes_down(self) -> None:
        self.intake.database.is_down = True

    async def comes_back(self) -> None:
        self.intake.database.is_down = False
        await self.pass_by(2)
        await waiting.until(
            lambda: not self.intake.intake.unanswered(), what="everything is answered"
        )
        await self.pass_by(0.2)


@asynccontextmanager
async def alley(folder: Path) -> AsyncIterator[Alley]:
    """Everything running, on a pushed clock."""
    async with bench.bench(folder) as made:
        intake, clock = made.intake, made.clock
        intake.memory.registry = await made.database.read(sites.registry)
        centre = Noting(clock)
        centre.gate.set()
        desk = Desk(
            database=made.database,
            teller=intake.means.teller,
            presence=intake.presence,
            registry=lambda: intake.memory.registry,
            clock=clock,
            owed=made.owed.extend,
        )
        shouted: list[Alarm] = []
        emergency = Emergency(
            desk=desk,
            outcry=intake.memory.outcry,
            calls=Calls(forwarders={"centre": centre}, with_backup=set(), clock=clock),
            circumstances=intake.circumstances,
            unanswered_since=intake.unanswered_since,
            unanswered=intake.unanswered,
            let_go=partial(intake.bus.let_go, Lane.ALARM),
            anchor=lambda: Anchor(gateway="g1", number=intake.head.number, hash=intake.head.hash),
            shout=shouted.append,
        )
        found = Alley(intake=made, centre=centre, emergency=emergency, shouted=shouted)
        living = asyncio.create_task(emergency.run())
        await clock.push(0)
        try:
            yield found
        finally:
            living.cancel()
            await asyncio.wait([living])
