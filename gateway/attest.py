"""Attest: the beacon to devices, `dabyl.supervision` to receivers: calm is not death."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from adapters.notice import Notice
from adapters.receivers.contract import Accepted, Forwarder
from adapters.signal import Lane
from gateway.clock import Clock
from gateway.domain import telling
from gateway.domain.telling import Anchor
from gateway.store import alarms, audit, deliveries, journal
from gateway.store.database import Database, StoreDown

BEACON_S = 10.0
SUPERVISION_S = 30.0

log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, kw_only=True)
class Attest:
    """What this gateway says of itself, unasked."""

    gateway: str
    public_key: str
    """Whoever is told of it can check what we sign, also when our own files are in doubt."""
    database: Database
    clock: Clock
    forwarders: Mapping[str, Forwarder]
    beacon: Callable[[str, bytes], None]
    store_state: Callable[[], str]
    centre_state: Callable[[], str]
    canary_age_s: Callable[[], float | None]
    """The oldest proof of a path; None: not known yet."""
    copies: Callable[[], int] = lambda: 1
    """On how many machines a commit is now."""
    _sequence: int = field(default=0)
    _taken_at: dict[str, float] = field(default_factory=dict)

    def age_s(self, receiver: str) -> float:
        """Since that receiver last took our supervision; since it was first asked before."""
        now = self.clock.monotonic()
        return now - self._taken_at.setdefault(receiver, now)

    async def tell_devices(self) -> None:
        """Say every ten seconds that somebody is there, and how whole the path is."""
        while True:
            body = {
                "at": telling.time_text(self.clock.now()),
                "store": self.store_state(),
                "centre": self.centre_state(),
                "canary_age_s": self.canary_age_s(),
                "copies": self.copies(),
            }
            self.beacon(self.gateway, _encode(body))
            await self.clock.sleep(BEACON_S)

    async def tell_receiver(self, name: str) -> None:
        """Say every half minute how many alarms are open and what is not delivered."""
        self._taken_at.setdefault(name, self.clock.monotonic())
        while True:
            try:
                await self._tell(name)
            except StoreDown as error:
                log.debug("no supervision without the store", why=str(error))
            await self.clock.sleep(SUPERVISION_S)

    async def _tell(self, name: str) -> None:
        self._sequence += 1
        data = await self.database.read(self._facts)
        now = self.clock.now()
        event = telling.envelope(
            f"supervision:{self.gateway}:{name}:{int(now.timestamp() * 1000)}",
            source=f"/dabyl/gateways/{self.gateway}",
            subject=self.gateway,
            type_="dabyl.supervision",
            at=now,
            data={
                "gateway": self.gateway,
                "interval_s": int(SUPERVISION_S),
                "sequence": self._sequence,
                "canary_age_s": self.canary_age_s(),
                **data,
            },
            schema="supervision",
        )
        notice = Notice(
            id=str(event["id"]),
            type="dabyl.supervision",
            body=_encode(event),
            priority=3,
            subject=self.gateway,
        )
        outcome = await self.forwarders[name].send(notice)
        if isinstance(outcome, Accepted):
            self._taken_at[name] = self.clock.monotonic()
        else:
            log.debug("supervision not accepted", receiver=name, outcome=repr(outcome)[:200])

    def _facts(self, connection: Connection) -> dict[str, Any]:
        counts = alarms.open_counts(connection)
        waiting = deliveries.waiting(connection)
        head, beside = (journal.head(connection, self.gateway, lane) for lane in Lane)
        end = audit.head(connection)
        anchor = Anchor(gateway=self.gateway, number=head.number, hash=head.hash)
        return {
            "open": {f"P{int(priority)}": count for priority, count in sorted(counts.items())},
            "undelivered": sum(count for count, _ in waiting.values()),
            "journal": {
                **telling.anchor_content(anchor),
                "event": {"number": beside.number, "hash": beside.hash.hex()},
                "key": self.public_key,
            },
            "audit": {"number": end.number, "hash": end.hash.hex()},
        }


def best(states: Sequence[str]) -> str:
    """The state to tell devices of several receivers: the path is as whole as its best one."""
    for state in ("ok", "late"):
        if state in states:
            return state
    return "down" if states else "ok"
