"""Escalate: an alarm on which nobody acts reaches more and more people."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection

from gateway.desk import Desk
from gateway.domain import consoles as noun
from gateway.domain import escalation
from gateway.domain.consoles import Console
from gateway.domain.errors import Refusal
from gateway.domain.escalation import Ladder
from gateway.metrics import people
from gateway.standstill import Standstill
from gateway.store import commit, consoles, ladder
from gateway.store.database import BadData, StoreDown, Urgency
from gateway.store.ladder import Watch
from gateway.store.outbox import Delivery

TICK_S = 0.5
AT_ONCE = 50
"""So few in one transaction, for presses go on meanwhile …"""
BREATH_S = 0.25
"""… and between two: in a storm of alarms a rung is climbed by 200 a second, the gravest first."""
HEARD_WITHIN_S = 15.0
"""After a start, a standstill or a store that was away: so long had consoles to say: I am here."""

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Escalate:
    """The ladder's turn."""

    desk: Desk
    ladder: Ladder
    committed: Callable[[], None]
    is_ours: Callable[[], bool] = lambda: True
    """Whether it is this gateway that does it, of several."""
    _hears_since_s: float | None = field(default=None)

    async def tick(self) -> None:
        """Look twice a second, until cancelled."""
        standstill = Standstill(clock=self.desk.clock)
        while True:
            if standstill.is_over():
                self._hears_since_s = None
            try:
                is_more = await self._turn()
            except StoreDown as error:
                is_more, self._hears_since_s = False, None
                log.debug("the ladder waits for the store", why=str(error))
            except (BadData, Refusal) as error:
                is_more = False
                log.warning("the ladder could not be climbed", why=str(error))
            await self.desk.clock.sleep(BREATH_S if is_more else TICK_S)

    async def once(self) -> bool:
        """Let climb what must climb now, a few; whether there may be more."""
        now = self.desk.clock.now()
        if not await self.desk.database.read(lambda c: self._anything_due(c, now)):
            return False
        climbed, owed = await self.desk.database.write(lambda c: self._do(c, now), Urgency.STEP)
        self.desk.owed(owed)
        self.committed()
        for (priority, rung, why), count in climbed.items():
            people.escalations.labels(priority, rung, why).inc(count)
        return climbed.total() >= AT_ONCE

    async def _turn(self) -> bool:
        if not self.is_ours():
            self._hears_since_s = None
            return False
        if self._hears_since_s is None:
            self._hears_since_s = self.desk.clock.monotonic()
        return await self.once()

    def _anything_due(self, connection: Connection, now: datetime) -> bool:
        armed = self._armed(connection, now)
        return ladder.anything_due(connection, self.ladder, self._watch(armed), now)

    def _do(
        self, connection: Connection, now: datetime
    ) -> tuple[Counter[tuple[str, str, str]], list[Delivery]]:
        armed = self._armed(connection, now)
        supervisors = [one for one in armed if one.may_take_over]
        watch, climbed, changed = self._watch(armed), Counter[tuple[str, str, str]](), []
        for alarm in ladder.due(connection, self.ladder, watch, now, AT_ONCE):
            is_armed = not watch.is_trusted or noun.is_watched(alarm.district, armed)
            is_supervised = not watch.is_trusted or noun.is_watched(alarm.district, supervisors)
            found = escalation.due(
                alarm, self.ladder, now, is_armed=is_armed, is_supervised=is_supervised
            )
            if found is not None:
                rung, why = found
                changed.append(escalation.climb(alarm, rung, why, now))
                climbed[alarm.priority.name, str(int(rung)), why.value] += 1
        context = self.desk.context(connection, now)
        return climbed, commit.write(connection, changed, self.desk.teller, context)

    def _armed(self, connection: Connection, now: datetime) -> list[Console]:
        return noun.armed(consoles.heard_since(connection, now - noun.LASTS), now)

    def _watch(self, armed: list[Console]) -> Watch:
        since_s = self._hears_since_s
        is_trusted = since_s is not None and (
            self.desk.clock.monotonic() - since_s >= HEARD_WITHIN_S
        )
        return Watch(
            everywhere=any(not one.districts for one in armed),
            districts=frozenset(district for one in armed for district in one.districts),
            is_trusted=is_trusted,
        )
