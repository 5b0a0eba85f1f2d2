"""Recall: what a gateway must know of its former lives before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.canary import about
from gateway.domain.alarm import State
from gateway.domain.site import Registry
from gateway.store import alarms, journal, recent, sites
from gateway.store.journal import Head, Key, Known
from gateway.store.prepared import ask

RECENT = 2000
"""Of each gateway: more than brokers and devices keep to be heard again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What was read."""

    registry: Registry
    unproven: frozenset[str]
    """The brokers whose path a former life called unproven, and which no life called proven."""
    head: Head
    """The end of the alarm lane's journal."""
    recent: dict[Key, list[Known]]
    """The last events of the alarm lane, of every gateway: what is stored is not told again."""


def recall(connection: Connection, gateway: str, brokers: Sequence[str]) -> Recalled:
    """Read it, in one look."""
    paths = {about(gateway, broker): broker for broker in brokers}
    troubles = ask(connection, alarms.opening(sorted(paths)))
    return Recalled(
        head=journal.head(connection, gateway, Lane.ALARM),
        recent=recent.events(connection, Lane.ALARM, RECENT),
        registry=sites.registry(connection),
        unproven=frozenset(
            paths[one.device]
            for one in troubles
            if one.kind == "path.unproven" and one.state is not State.RETURNED
        ),
    )
