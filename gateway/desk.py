"""The desk: what every step of a person or of the centre needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.clock import Clock
from gateway.domain.presence import Presence
from gateway.domain.site import Registry
from gateway.domain.telling import Anchor, Context, Teller
from gateway.store import journal
from gateway.store.commands import Command
from gateway.store.database import Database
from gateway.store.outbox import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every step needs."""

    database: Database
    teller: Teller
    presence: Presence
    registry: Callable[[], Registry]
    clock: Clock
    owed: Callable[[Sequence[Delivery]], None] = lambda _: None
    """Told after the commit which deliveries are ours to send."""
    ordered: Callable[[Sequence[Command]], None] = lambda _: None
    """Told after the commit which commands are to be sent to devices."""
    flooded: Callable[[str], None] = lambda _: None
    """Told that a receiver's token closes alarms too fast."""

    def context(self, connection: Connection, now: datetime) -> Context:
        """What the notices of a step say beside their alarm."""
        gateway = self.teller.gateway
        head = journal.head(connection, gateway, Lane.ALARM)
        now_s = self.clock.monotonic()
        return Context(
            now=now,
            registry=self.registry(),
            anchor=Anchor(gateway=gateway, number=head.number, hash=head.hash),
            drifting=lambda site: self.presence.drifting(self.registry, site, now_s),
        )
