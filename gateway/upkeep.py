"""Upkeep: what time itself does: gathered repeats, ended windows, lapsed claims, calm, old rows."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.desk import Desk
from gateway.domain import decision, steps
from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change
from gateway.domain.errors import Refusal
from gateway.domain.flood import CALM
from gateway.domain.steps import By
from gateway.store import (
    changes,
    commit,
    dues,
    journal,
    operators,
    quarantine,
    retention,
    tallies,
    windows,
)
from gateway.store.database import BadData, StoreDown, Urgency
from gateway.store.outbox import Delivery
from gateway.store.sealed import Seal

TICK_S = 0.5
TIDY_S = 600.0
BREATH_S = 0.05
AT_ONCE = 200

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
    seal: Seal
    passages_kept: timedelta
    is_ours: Callable[[], bool] = lambda: True
    """Whether it is this gateway that does it, of several."""
    is_ours_to_tidy: Callable[[], bool] = lambda: True
    _told: set[str] = field(default_factory=set)

    async def tick(self) -> None:
        """Look twice a second, until cancelled."""
        while True:
            self._tell_stuck()
            try:
                if self.is_ours():
                    await self.once()
            except StoreDown as error:
                log.debug("upkeep waits for the store", why=str(error))
            except (BadData, Refusal) as error:
                log.warning("upkeep could not do it", why=str(error))
            await self.desk.clock.sleep(TICK_S)

    async def tidy(self) -> None:
        """Drop what nobody needs any more, in small steps, until cancelled."""
        while True:
            await self.desk.clock.sleep(TIDY_S)
            now = self.desk.clock.now()
            if not self.is_ours_to_tidy():
                continue
            try:
                for forget, before in (
                    (quarantine.forget, now - quarantine.KEPT),
                    (changes.forget, now - changes.KEPT),
                    (operators.forget_sign_ins, now),
                    (tallies.forget, now - tallies.KEPT),
                ):
                    await self.desk.database.write(partial(_run, forget, before), Urgency.BULK)
                await self._drop_passages(now)
            except StoreDown as error:
                log.debug("tidying waits for the store", why=str(error))

    async def _drop_passages(self, now: datetime) -> None:
        """Pupils are minors: their passages are kept no longer than was asked for."""
        lane, before = Lane.EVENT, now - self.passages_kept
        # Of every gateway that ever wrote: one that is gone for good drops nothing itself.
        for gateway in await self.desk.database.read(lambda c: journal.gateways(c, lane)):
            dropped = retention.SLICE
            while dropped == retention.SLICE:
                work = partial(_drop, self.seal, gateway, lane, before, now)
                dropped = await self.desk.database.write(work, Urgency.BULK)
                await self.desk.clock.sleep(BREATH_S)

    async def once(self) -> None:
        """Do what is due now."""
        now = self.desk.clock.now()
        if not await self.desk.database.read(lambda c: _anything_due(c, now)):
            return
        owed = await self.desk.database.write(lambda c: self._do(c, now), Urgency.ALARM)
        self.desk.owed(owed)
        self.committed()

    def _do(self, connection: Connection, now: datetime) -> list[Delivery]:
        owed: list[Delivery] = []
        for window in windows.ended(connection, now):
            _, told = self.end_window(connection, window, self.desk.teller, now)
            owed += told
        changed = _changes(connection, now)
        context = self.desk.context(connection, now)
        return owed + commit.write(connection, changed, self.desk.teller, context)

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


def _drop(
    seal: Seal,
    gateway: str,
    lane: Lane,
    before: datetime,
    now: datetime,
    connection: Connection,
) -> int:
    return retention.drop_slice(connection, seal, gateway, lane, before, now)


def _run(
    forget: Callable[[Connection, datetime], None], before: datetime, connection: Connection
) -> None:
    forget(connection, before)


def _anything_due(connection: Connection, now: datetime) -> bool:
    return dues.anything_due(connection, now) or windows.anything_ended(connection, now)


def _changes(connection: Connection, now: datetime) -> list[Change]:
    """What time does to alarms now; to each of them one thing at a time."""
    by = By(name="time", now=now)
    works: tuple[tuple[_Find, Callable[[Alarm], Change]], ...] = (
        (dues.closing, lambda alarm: steps.agreed(alarm, by)),
        (dues.shelved_until, lambda alarm: steps.unshelve(alarm, by)),
        (dues.lapsed, lambda alarm: steps.lapse(alarm, by)),
    )
    changed = {
        alarm.id: [decision.gathered(alarm, now)] for alarm in dues.due(connection, now, AT_ONCE)
    }
    for find, work in works:
        for alarm in find(connection, now, AT_ONCE):
            if alarm.id not in changed:
                told = decision.untold(alarm, now)
                changed[alarm.id] = [*told, work(told[0].alarm if told else alarm)]
    return [change for changes in changed.values() for change in changes]
