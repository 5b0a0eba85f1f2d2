"""The distinct names that an index begins with: one look for each, instead of reading it all."""

from typing import Any

from sqlalchemy import Connection, func, select


def names(connection: Connection, column: Any) -> list[str]:  # noqa: ANN401 - of any table
    """They, in order."""
    found: list[str] = []
    after = ""
    while True:
        name = connection.execute(select(func.min(column)).where(column > after)).scalar()
        if name is None:
            return found
        after = str(name)
        found.append(after)
