"""Tallying: how often something came within a rule's time, in the transaction that counts it.

In memory a batch that is tried again would count twice, and of two gateways each would count half.
"""

from datetime import datetime

from sqlalchemy import Connection

from gateway.domain import flood
from gateway.domain.event import Event
from gateway.domain.rules import Rule
from gateway.store import tallies
from gateway.store.tallies import Key


class Tallying:
    """One transaction's counts: read when they are asked for, written once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._times: dict[Key, list[datetime]] = {}

    def reaches(self, event: Event, kind: str, rule: Rule) -> bool:
        """Count one more; whether that makes so many within the rule's time."""
        key = (event.device, kind)
        if key not in self._times:
            self._times[key] = tallies.of(self._connection, key)
        times, is_full = flood.tallied(self._times[key], event.received_at, rule.count, rule.within)
        self._times[key] = times
        return is_full

    def save(self, now: datetime) -> None:
        """Write what was counted."""
        if self._times:
            tallies.save(self._connection, self._times, now)
