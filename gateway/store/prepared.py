"""Prepared: the few statements of the hot path, compiled once and run on the driver's own cursor.

SQLAlchemy's machinery costs some 50 us for each execution; a press needs a dozen of them. Values
are converted as the column types ask on the way in; rows come back as the driver gives them.

SQLite's driver lets go of the interpreter at every row that it steps over, and then waits for it:
beside a busy loop a batch of 256 rows took three times as long as alone. So many rows are written
by few statements of many rows each.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement

Row = tuple[Any, ...]
_Bind = tuple[str, Callable[[Any], Any] | None]
_SIZES = (64, 16, 4, 1)
"""Rows of one statement; 64 rows of the widest table are far below SQLite's 32,766 values."""


class Prepared:
    """One statement; its parameters by name."""

    def __init__(
        self,
        statement: Executable | Mapping[str, Executable],
        columns: Sequence[str] | None = None,
    ) -> None:
        """By dialect where they differ; `columns`: what an INSERT without values writes."""
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, parameters: dict[str, Any] | None = None) -> list[Row]:
        """Run it once; its rows as the driver gives them."""
        known = self._for(connection)
        values = _values(known.binds, known.fixed | (parameters or {}))
        found: list[Row] = _run(connection, known.sql, lambda c: _fetched(c, known.sql, values))
        return found

    def many(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each of them."""
        known = self._for(connection)
        _write(connection, known, [_values(known.binds, row) for row in rows])

    def many_plain(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Run it once for each of them: values as the driver takes them, in the order of `columns`.

        Moments are microseconds; nothing is converted.
        """
        known = self._for(connection)
        names = self._columns or []
        in_place = itemgetter(*(names.index(name) for name, _ in known.binds))
        _write(connection, known, [in_place(row) for row in rows])

    def _for(self, connection: Connection) -> "_Compiled":
        dialect = connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            given = self._statement
            statement = given[dialect.name] if isinstance(given, Mapping) else given
            assert isinstance(statement, ClauseElement)  # noqa: S101 - every statement is one
            compiled: Any = statement.compile(dialect=dialect, column_keys=self._columns)
            names: list[str] = list(compiled.positiontup)
            converters = compiled._bind_processors  # noqa: SLF001 - what SQLAlchemy itself applies
            binds = tuple((name, converters.get(name)) for name in names)
            found = _Compiled(str(compiled), binds, dialect.name)
            found.fixed = {name: one for name, one in compiled.params.items() if one is not None}
            self._compiled[dialect.name] = found
        return found


class _Compiled:
    """A statement as one driver takes it."""

    def __init__(self, sql: str, binds: tuple[_Bind, ...], dialect: str) -> None:
        self.sql, self.binds = sql, binds
        self.fixed: dict[str, Any] = {}
        """What SQLAlchemy adds of its own, such as SQLite's offset beside a limit."""
        one = f"VALUES ({', '.join('?' * len(binds))})"
        is_wide = dialect == "sqlite" and sql.startswith("INSERT") and sql.count("?") == len(binds)
        self.group = one if is_wide and one in sql else None
        """The row of question marks, in an INSERT that can hold many of them."""

    def widened(self, size: int) -> str:
        """The statement for so many rows at once."""
        one = self.group or ""
        return self.sql.replace(one, ", ".join([one, *[one.removeprefix("VALUES ")] * (size - 1)]))


def _write(connection: Connection, known: _Compiled, rows: Sequence[Row]) -> None:
    if len(rows) == 1:
        _run(connection, known.sql, lambda cursor: cursor.execute(known.sql, rows[0]))
    elif rows and known.group is not None:
        _run(connection, known.sql, lambda cursor: _in_pieces(cursor, known, rows))
    elif rows:
        _run(connection, known.sql, lambda cursor: cursor.executemany(known.sql, rows))


def _in_pieces(cursor: Any, known: _Compiled, rows: Sequence[Row]) -> None:  # noqa: ANN401
    """So few different sizes that the driver keeps every statement prepared."""
    at = 0
    for size in _SIZES:
        sql = known.widened(size) if len(rows) - at >= size else ""
        while len(rows) - at >= size:
            cursor.execute(sql, [*chain.from_iterable(rows[at : at + size])])
            at += size


def _values(binds: tuple[_Bind, ...], row: Mapping[str, Any]) -> Row:
    return tuple([row[name] if convert is None else convert(row[name]) for name, convert in binds])


def _fetched(cursor: Any, sql: str, values: Row) -> list[Row]:  # noqa: ANN401 - the driver's own
    cursor.execute(sql, values)
    found: list[Row] = cursor.fetchall()
    return found


def _run(connection: Connection, sql: str, work: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    """On a cursor of its own; a driver's error as SQLAlchemy would have raised it."""
    driver = connection.dialect.dbapi
    cursor = connection.connection.cursor()
    try:
        return work(cursor)
    except Exception as error:
        base = getattr(driver, "Error", None)
        if base is None or not isinstance(error, base):
            raise
        raise DBAPIError.instance(sql, None, error, base, dialect=connection.dialect) from error
    finally:
        cursor.close()
