"""Bulk: a statement that writes many rows, given as tuples in the order of its columns.

SQLite's driver lets go of the interpreter at every statement that it steps through, and then waits
for it: beside a busy loop a batch of 256 rows took three times as long as alone. So up to 64 rows
go in one statement. On PostgreSQL every statement is a way to the server and back: the columns go
as arrays, and within `gathered` all statements of the block go as one.

Values are as the drivers take them: moments are microseconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Float, Integer, LargeBinary, Table

from gateway.store.prepared import renumbered, run
from gateway.store.schema.base import Instant

_SIZES = (64, 16, 4, 1)
"""Rows of one statement on SQLite: few sizes, so that the driver keeps each prepared; 64 rows of
the widest table are far below its 32,766 values."""
_GATHERED = "dabyl gathered"
# In this order: a moment is kept as a big integer, and a big integer is an integer too.
_TYPES = (
    (Instant, "bigint"),
    (BigInteger, "bigint"),
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "double precision"),
    (LargeBinary, "bytea"),
)


class Bulk:
    """One statement, as SQLite takes it (a group of question marks per row) and PostgreSQL."""

    def __init__(self, columns: Sequence[str], sqlite: str, postgresql: str) -> None:
        self.columns = tuple(columns)
        self._group = f"({', '.join('?' * len(columns))})"
        self._sqlite = sqlite
        self.postgresql = postgresql

    @classmethod
    def insert(
        cls,
        table: Table,
        columns: Sequence[str],
        more: str = "",
        *,
        beside: str = "",
        on_server: Mapping[str, str] = MappingProxyType({}),
    ) -> "Bulk":
        """New rows; `more` follows (ON CONFLICT …).

        On PostgreSQL `beside` is evaluated before, and a column `on_server` is made of what is
        given, which is there called `v`.
        """
        head = f'INSERT INTO "{table.name}" ({_listed(columns)})'
        source = f"{beside}{_arrays(table, columns)}"
        values = ", ".join(on_server.get(column, f'v."{column}"') for column in columns)
        return cls(
            columns,
            f"{head} VALUES %s {more}",
            f"{head} SELECT {values} FROM {source} {more}",  # noqa: S608 - our own words
        )

    @classmethod
    def update(
        cls, table: Table, keys: Sequence[str], changed: Mapping[str, str], when: str = ""
    ) -> "Bulk":
        """Rows found by their keys; `changed` says what each column becomes.

        In it `{new}` is the value given and `{old}` the one that was there. The tuples hold the
        keys, then the changed columns.
        """
        columns = (*keys, *changed)
        name = table.name
        given = {column: f"v.column{n}" for n, column in enumerate(columns, 1)}
        sets, same = _sets(name, changed, given), _same(name, keys, given)
        named = {column: f'v."{column}"' for column in columns}
        arrays = _arrays(table, columns)
        return cls(
            columns,
            f'UPDATE "{name}" SET {sets} FROM (VALUES %s) AS v WHERE {same}{when}',  # noqa: S608 - our own words
            f'UPDATE "{name}" SET {_sets(name, changed, named)} FROM {arrays}'  # noqa: S608 - likewise
            f" WHERE {_same(name, keys, named)}{when}",
        )

    def write(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Write them, in order; within `gathered` on PostgreSQL at its end."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            self._in_pieces(connection, rows)
            return
        values = [list(column) for column in zip(*rows, strict=True)]
        gathered: list[tuple[Bulk, list[Any]]] | None = connection.info.get(_GATHERED)
        if gathered is None:
            run(connection, self.postgresql, values)
        else:
            gathered.append((self, values))

    def _in_pieces(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        at = 0
        for size in _SIZES:
            while len(rows) - at >= size:
                values = [*chain.from_iterable(rows[at : at + size])]
                run(connection, _widened(self._sqlite, self._group, size), values)
                at += size


@contextmanager
def gathered(connection: Connection) -> Iterator[None]:
    """A block that reads nothing of what it writes: on PostgreSQL its writes go as one statement.

    They run in the order in which they were given, on what was there before the block; no row may
    be changed by two of them, for PostgreSQL would change it once.
    """
    connection.info[_GATHERED] = []
    try:
        yield
        written = connection.info[_GATHERED]
    finally:
        del connection.info[_GATHERED]
    if written:
        sql = _together(tuple(bulk for bulk, _ in written))
        run(connection, sql, [*chain.from_iterable(values for _, values in written)])


@lru_cache(maxsize=512)
def _widened(sql: str, group: str, size: int) -> str:
    return sql % ", ".join([group] * size)


@lru_cache(maxsize=512)
def _together(bulks: tuple[Bulk, ...]) -> str:
    parts, before = [], 0
    for number, bulk in enumerate(bulks):
        parts.append(f"w{number} AS ({renumbered(bulk.postgresql, before)})")
        before += len(bulk.columns)
    # PostgreSQL promises no order, and runs them from the last to the first (a test pins it).
    return f"WITH {', '.join(reversed(parts))} SELECT 1"


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _arrays(table: Table, columns: Sequence[str]) -> str:
    arrays = ", ".join(
        f"CAST(${number} AS {_type(table, column)}[])" for number, column in enumerate(columns, 1)
    )
    return f"unnest({arrays}) AS v({_listed(columns)})"


def _type(table: Table, column: str) -> str:
    kept = table.columns[column].type
    return next((name for kind, name in _TYPES if isinstance(kept, kind)), "text")


def _sets(table: str, changed: Mapping[str, str], given: Mapping[str, str]) -> str:
    return ", ".join(
        f'"{column}" = ' + becomes.format(new=given[column], old=f'"{table}"."{column}"')
        for column, becomes in changed.items()
    )


def _same(table: str, keys: Sequence[str], given: Mapping[str, str]) -> str:
    return " AND ".join(f'"{table}"."{key}" = {given[key]}' for key in keys)
