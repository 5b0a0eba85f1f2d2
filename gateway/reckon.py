"""Reckon: whether what went into each hop came out of it, looked at again and again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy import Connection

from adapters.signal import Lane
from gateway import metrics
from gateway.clock import Clock
from gateway.domain.counts import Chain, Heard, Hop, Owed, Reckoning, Written
from gateway.store import counting
from gateway.store.database import Database, StoreDown

EVERY_S = 30.0

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Reckon:
    """The one who adds up."""

    gateway: str
    database: Database
    clock: Clock
    intake: Callable[[Lane], tuple[Heard, Written]]
    """What that lane heard until now, what became of it, and what was written."""
    _counted: dict[Lane, int] = field(default_factory=dict)
    _told: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Look every half minute, until cancelled."""
        while True:
            try:
                await self.look()
            except StoreDown as error:
                log.debug("reckoning waits for the store", why=str(error))
            await self.clock.sleep(EVERY_S)

    async def look(self) -> Reckoning:
        """Add up now; a difference is told once, and stands in the metrics while it lasts."""
        before = {lane: self.intake(lane)[1] for lane in Lane}
        chains, owed = await self.database.read(_look)
        heard = {lane: self.intake(lane)[0] for lane in Lane}
        found = Reckoning(
            heard={lane.value: one for lane, one in heard.items()},
            chains=tuple(self._with_ours(one, before) for one in chains),
            owed=tuple(owed),
        )
        self._show(found, heard)
        findings = found.findings()
        for finding in findings:
            if finding not in self._told:
                log.error("counts do not agree", finding=finding)
        self._told = findings
        return found

    def _with_ours(self, one: Chain, before: Mapping[Lane, Written]) -> Chain:
        """Beside what is there, what we wrote: rows in the midst of being written are neither."""
        lane = Lane(one.lane)
        then, now = before[lane], self.intake(lane)[1]
        if one.gateway != self.gateway or then.started_at is None:
            return one
        moved = then != now
        return replace(
            one,
            started_at=then.started_at,
            written=then.rows,
            under_way=moved or now.under_way or then.under_way,
        )

    def _show(self, found: Reckoning, heard: Mapping[Lane, Heard]) -> None:
        for hop in Hop:
            metrics.count_mismatch.labels(hop).set(found.mismatch(hop))
        for lane, one in heard.items():
            metrics.heard.labels(lane).inc(one.heard - self._counted.get(lane, 0))
            self._counted[lane] = one.heard
        for owed in found.owed:
            if owed.gateway == self.gateway:
                for state in ("owed", "settled", "waiting", "dead", "dropped"):
                    metrics.notices.labels(owed.receiver, state).set(getattr(owed, state))


def _look(connection: Connection) -> tuple[list[Chain], list[Owed]]:
    return counting.chains(connection), counting.owed(connection)
