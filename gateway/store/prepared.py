"""Prepared: the few statements of the hot path, compiled once and run on the driver's own cursor.

SQLAlchemy's machinery costs some 50 us for each execution; a press needs a dozen of them. Values
are converted as the column types ask on the way in; rows come back as the driver gives them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement

Row = tuple[Any, ...]
_Bind = tuple[str, Callable[[Any], Any] | None]


class Prepared:
    """One statement; its parameters by name."""

    def __init__(
        self,
        statement: Executable | Mapping[str, Executable],
        columns: Sequence[str] | None = None,
        *,
        is_plain: bool = False,
    ) -> None:
        """By dialect where they differ.

        `columns` are those that an INSERT without values writes; `is_plain` says that the values
        are as the driver takes them, moments as microseconds.
        """
        self._is_plain = is_plain
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._compiled: dict[str, tuple[str, tuple[_Bind, ...]]] = {}

    def rows(
        self, connection: Connection, parameters: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """Run it once; its rows as the driver gives them."""
        sql, binds = self._for(connection)
        values = _values(binds, parameters or {})
        found: list[Row] = _run(connection, sql, lambda cursor: _fetched(cursor, sql, values))
        return found

    def many(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each of them."""
        sql, binds = self._for(connection)
        values = [_values(binds, row) for row in rows]
        if len(values) == 1:
            _run(connection, sql, lambda cursor: cursor.execute(sql, values[0]))
        elif values:
            _run(connection, sql, lambda cursor: cursor.executemany(sql, values))

    def _for(self, connection: Connection) -> tuple[str, tuple[_Bind, ...]]:
        dialect = connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            given = self._statement
            statement = given[dialect.name] if isinstance(given, Mapping) else given
            assert isinstance(statement, ClauseElement)  # noqa: S101 - every statement is one
            compiled: Any = statement.compile(dialect=dialect, column_keys=self._columns)
            names: list[str] = list(compiled.positiontup)
            converters = compiled._bind_processors  # noqa: SLF001 - what SQLAlchemy itself applies
            found = (
                str(compiled),
                tuple((name, None if self._is_plain else converters.get(name)) for name in names),
            )
            self._compiled[dialect.name] = found
        return found


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
