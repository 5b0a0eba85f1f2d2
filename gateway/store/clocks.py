"""The store's own time, by which claims, leases and signs of life run out.

Two gateways need not agree what time it is: the server's clock decides. SQLite has no server and
one gateway; there it is that gateway's clock.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, literal, literal_column

from gateway.store import schema

SERVERS: ColumnElement[int] = literal_column(
    "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", BigInteger
)
"""Microseconds since 1970, as PostgreSQL has them at this moment of the statement."""

TIMES: dict[str, ColumnElement[int]] = {
    "sqlite": bindparam("now", type_=BigInteger),
    "postgresql": SERVERS,
}
"""For what is prepared, by dialect: `now` in microseconds counts where the store has no time."""


def now(connection: Connection, ours: datetime) -> ColumnElement[int]:
    """The store's time in microseconds, as an expression; `ours` counts where it has none."""
    if connection.dialect.name == "postgresql":
        return SERVERS
    return literal(schema.microseconds(ours), BigInteger)


def after(connection: Connection, ours: datetime, lasts: timedelta) -> ColumnElement[int]:
    """The store's time so much later."""
    return now(connection, ours) + literal(lasts // timedelta(microseconds=1), BigInteger)
