"""Versions: one number for each thing that intake remembers, moved with every change of it."""

from sqlalchemy import Connection, insert, select, update

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
    moved = connection.execute(
        update(_rows).where(_rows.c.name == name).values(value=_rows.c.value + 1)
    )
    if moved.rowcount == 0:
        connection.execute(insert(_rows), {"name": name, "value": 1})
