"""Locks that end with their transaction, so that two gateways never decide on one thing at once.

Whoever takes several kinds takes them in this order, or two would wait for each other: test
windows, devices, journal rows, the quarantine, sites, shifts, their offers, alarms, the audit's
end, sequences, deliveries; and what moved is noted last.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from gateway.store.prepared import Prepared

_HOLD = Prepared(
    text(
        "SELECT pg_advisory_xact_lock(hashtextextended(n, 0))"
        " FROM unnest(CAST(:names AS text[])) AS n ORDER BY n"
    )
)


def hold(connection: Connection, what: str, names: Iterable[str]) -> None:
    """Hold those until the commit, in order. SQLite has one writer and needs no lock."""
    if connection.dialect.name == "postgresql":
        _HOLD.rows(connection, {"names": [f"{what} {name}" for name in sorted(set(names))]})
