"""Upkeep: what time itself does: gathered repeats, ended windows, lapsed claims, calm."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection

from gateway.desk import Desk
from gateway.domain import decision, steps
from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change
from gateway.domain.errors import Refusal
from gateway.domain.flood import CALM
from gateway.domain.steps import By
from gateway.metrics import people
from gateway.standstill import Standstill
from gateway.store import commit, dues, windows
from gateway.store.database import BadData, StoreDown, Urgency
from gateway.store.outbox import Delivery

TICK_S = 0.5
AT_ONCE = 200
BACK_WITHIN_S = 6.0
"""After a start, a standstill or a store that was away: so long had pages to say they are there."""

log = structlog.get_logger()
_Find = Callable[[Connection, datetime, int], list[Alarm]]


@dataclass(slots=True, kw_only=True)
class Upkeep:
    """The ticks."""

    desk: Desk
    stuck: MutableMapping[str, datetime]
    """Since when each chattering device last was one."""
    voice: Callable[[str, str, str], None]
    """Says an event in the gateway's own voice: kind, device, cause."""
    end_window: Callable[..., tuple[object, Sequence[Delivery]]]
    committed: Callable[[], None]
    is_ours: Callable[[], bool] = lambda: True
    """Whether it is this gateway that does it, of several."""
    _told: set[str] = field(default_factory=set)
    _hears_since_s: float | None = None
    """Since when it has been this gateway's turn, awake, with a store that answers."""

    async def tick(self) -> None:
        """Look twice a second, until cancelled."""
        standstill = Standstill(clock=self.desk.clock)
        while True:
            if standstill.is_over():
                self._hears_since_s = None
            self._tell_stuck()
            try:
                if self.is_ours():
                    await self.once()
                else:
                    self._hears_since_s = None
            except StoreDown as error:
                self._hears_since_s = None
                log.debug("upkeep waits for the store", why=str(error))
            except (BadData, Refusal) as error:
                log.warning("upkeep could not do it", why=str(error))
            await self.desk.clock.sleep(TICK_S)

    async def once(self) -> None:
        """Do what is due now."""
        now, now_s = self.desk.clock.now(), self.desk.clock.monotonic()
        if self._hears_since_s is None:
            self._hears_since_s = now_s
        if not await self.desk.database.read(lambda c: _anything_due(c, now)):
            return
        may_lapse = now_s - self._hears_since_s >= BACK_WITHIN_S
        owed, lapsed = await self.desk.database.write(
            lambda c: self._do(c, now, may_lapse=may_lapse), Urgency.ALARM
        )
        people.lapses.inc(lapsed)
        self.desk.owed(owed)
        self.committed()

    def _do(
        self, connection: Connection, now: datetime, *, may_lapse: bool
    ) -> tuple[list[Delivery], int]:
        owed: list[Delivery] = []
        for window in windows.ended(connection, now):
            _, told = self.end_window(connection, window, self.desk.teller, now)
            owed += told
        changed = _changes(connection, now, may_lapse=may_lapse)
        context = self.desk.context(connection, now)
        owed += commit.write(connection, changed, self.desk.teller, context)
        return owed, sum(change.transition.what == "lapse" for change in changed)

    def _tell_stuck(self) -> None:
        """A device that chatters is trouble; when it has been calm for a minute, no more."""
        now = self.desk.clock.now()
        for device, last in list(self.stuck.items()):
            if now - last > CALM:
                del self.stuck[device]
                self._told.discard(device)
                self.voice("device.calm", device, "calm")
            elif device not in self._told:
                self._told.add(device)
                self.voice("device.stuck", device, "flood")


def _anything_due(connection: Connection, now: datetime) -> bool:
    return dues.anything_due(connection, now) or windows.anything_ended(connection, now)


def _changes(connection: Connection, now: datetime, *, may_lapse: bool) -> list[Change]:
    """What time does to alarms now; to each of them one thing at a time."""
    by = By(name="time", now=now)
    works: list[tuple[_Find, Callable[[Alarm], Change]]] = [
        (dues.closing, lambda alarm: steps.agreed(alarm, by)),
        (dues.shelved_until, lambda alarm: steps.unshelve(alarm, by)),
    ]
    if may_lapse:
        works.append((dues.lapsed, lambda alarm: steps.lapse(alarm, by)))
    changed = {
        alarm.id: [decision.gathered(alarm, now)] for alarm in dues.due(connection, now, AT_ONCE)
    }
    for find, work in works:
        for alarm in find(connection, now, AT_ONCE):
            if alarm.id not in changed:
                told = decision.untold(alarm, now)
                changed[alarm.id] = [*told, work(told[0].alarm if told else alarm)]
    return [change for changes in changed.values() for change in changes]
