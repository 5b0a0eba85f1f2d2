"""Counting: what the store knows of every chain and of every notice owed, in a few quick looks."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, func, literal, select, union_all

from adapters.signal import Lane
from gateway.domain.counts import Chain, Owed
from gateway.store import chain, journal, schema
from gateway.store.outbox import Settled
from gateway.store.prepared import Prepared

_here = schema.deliveries


def chains(connection: Connection) -> list[Chain]:
    """Every gateway's chain on each lane, from its first row to its head."""
    found = []
    for lane in Lane:
        for gateway in chain.gateways(connection, lane):
            head = journal.head(connection, gateway, lane)
            first = chain.next_number(connection, gateway, lane, 0)
            found.append(
                Chain(
                    gateway=gateway,
                    lane=lane.value,
                    first=head.number + 1 if first is None else first,
                    last=head.number,
                    hash=head.hash.hex(),
                )
            )
    return found


def owed(connection: Connection) -> list[Owed]:
    """What every gateway owed every receiver, in one statement: in one moment."""
    counts: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for gateway, receiver, what, count in _OWED.rows(connection):
        counts[gateway, receiver][what] = count
    return [
        _owed(gateway, receiver, found) for (gateway, receiver), found in sorted(counts.items())
    ]


def _owed(gateway: str, receiver: str, found: dict[str, int]) -> Owed:
    waiting, dead = found.get("waiting", 0), found.get("dead", 0)
    return Owed(
        gateway=gateway,
        receiver=receiver,
        owed=found.get("told", 0),
        settled=found.get("moved", 0) + found.get("here", 0) - waiting - dead,
        waiting=waiting,
        dead=dead,
        dropped=found.get("dropped", 0),
    )


def _kept(table: Any, what: str, count: Any) -> Any:  # noqa: ANN401 - columns of any table
    return select(table.c.gateway, table.c.receiver, literal(what), count)


def _counted(what: str, state: str | None) -> Any:  # noqa: ANN401 - a select
    rows = _kept(_here, what, func.count()).group_by(_here.c.gateway, _here.c.receiver)
    return rows if state is None else rows.where(_here.c.state == state)


_totals = schema.delivery_totals
_OWED = Prepared(
    union_all(
        _kept(schema.sequences, "told", schema.sequences.c.last),
        _kept(_totals, "moved", _totals.c.done),
        _kept(_totals, "dropped", _totals.c.dropped),
        _counted("here", None),
        _counted("waiting", "waiting"),
        _counted("dead", Settled.DEAD.value),
    )
)
