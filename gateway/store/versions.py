"""Versions: one number for each thing that intake remembers, moved with every change of it."""

from sqlalchemy import Connection, select, text

from gateway.store import schema
from gateway.store.prepared import Prepared, Question, ask

REGISTRY = "registry"
WINDOWS = "windows"
LOGINS = "logins"
"""Of cameras."""

_rows = schema.versions
ALL: Question[dict[str, int]] = Question(
    Prepared(select(_rows.c.name, _rows.c.value)), lambda _: {}, dict
)
"""Every version; cheap enough to ask in every transaction."""


def read(connection: Connection) -> dict[str, int]:
    """Every version."""
    return ask(connection, ALL)


def move(connection: Connection, name: str) -> None:
    """Say that it has changed; who kept it in memory reads it again."""
    _MOVE.rows(connection, {"name": name})


# In one statement: the very first of two gateways at once must not fail the other.
_MOVE = Prepared(
    text(
        "INSERT INTO versions (name, value) VALUES (:name, 1)"
        " ON CONFLICT (name) DO UPDATE SET value = versions.value + 1"
    )
)
