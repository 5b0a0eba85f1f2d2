"""Prepared: statements of the hot path, compiled once and run on the driver's own cursor.

SQLAlchemy's machinery costs some 50 us for each execution; a press needs several of them. Values
are converted as the column types ask on the way in; rows come back as the driver gives them. What
writes many rows is a Bulk.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

import msgspec
from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement

Row = tuple[Any, ...]
T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")
W = TypeVar("W")
_Bind = tuple[str, Callable[[Any], Any] | None]
_PLACE = re.compile(r"\$(\d+)")
_objects = msgspec.json.Decoder(list[dict[str, Any]]).decode


class Prepared:
    """One statement, by dialect where they differ; its parameters by name."""

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, parameters: dict[str, Any] | None = None) -> list[Row]:
        """Run it once; its rows as the driver gives them."""
        known = self.compiled(connection)
        return run(connection, known.sql, known.values(parameters or {}))

    def compiled(self, connection: Connection) -> "_Compiled":
        """As that connection's driver takes it."""
        dialect = connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            given = self._statement
            statement = given[dialect.name] if isinstance(given, Mapping) else given
            assert isinstance(statement, ClauseElement)  # noqa: S101 - every statement is one
            found = self._compiled[dialect.name] = _Compiled(statement.compile(dialect=dialect))
        return found


class _Compiled:
    """A statement as one driver takes it."""

    def __init__(self, compiled: Any) -> None:  # noqa: ANN401 - SQLAlchemy's, by dialect
        converters = compiled._bind_processors  # noqa: SLF001 - what SQLAlchemy itself applies
        self.sql = str(compiled)
        self.binds: tuple[_Bind, ...] = tuple(
            (name, converters.get(name)) for name in compiled.positiontup
        )
        # What SQLAlchemy adds of its own, such as SQLite's offset beside a limit.
        self._fixed = {name: one for name, one in compiled.params.items() if one is not None}

    def values(self, given: dict[str, Any]) -> list[Any]:
        """The parameters in their places."""
        row = self._fixed | given
        return [
            row[name] if convert is None else convert(row[name]) for name, convert in self.binds
        ]


class Question(Generic[T]):
    """Something to be read, and what its rows mean: to be asked alone or with others."""

    def __init__(
        self,
        statement: Prepared,
        parameters: Callable[[str], dict[str, Any]],
        made: Callable[[list[Row]], T],
    ) -> None:
        """`parameters` for a dialect; `made` of the rows.

        There may be no bytes among their values: asked with others, PostgreSQL gives JSON.
        """
        self.statement, self.parameters, self.made = statement, parameters, made


def ask(connection: Connection, question: Question[T]) -> T:
    """Its answer."""
    parameters = question.parameters(connection.dialect.name)
    return question.made(question.statement.rows(connection, parameters))


@overload
def ask_together(connection: Connection, a: Question[T], b: Question[U], /) -> tuple[T, U]: ...


@overload
def ask_together(
    connection: Connection, a: Question[T], b: Question[U], c: Question[V], /
) -> tuple[T, U, V]: ...


@overload
def ask_together(
    connection: Connection, a: Question[T], b: Question[U], c: Question[V], d: Question[W], /
) -> tuple[T, U, V, W]: ...


def ask_together(connection: Connection, *questions: Question[Any]) -> tuple[Any, ...]:
    """Their answers: on PostgreSQL in one way to the server and back."""
    if connection.dialect.name == "sqlite":
        return tuple(ask(connection, question) for question in questions)
    parts: list[str] = []
    values: list[Any] = []
    for question in questions:
        known = question.statement.compiled(connection)
        parts.append(
            "(SELECT CAST(coalesce(json_agg(p), '[]'::json) AS text)"  # noqa: S608 - our own words
            f" FROM ({renumbered(known.sql, len(values))}) AS p)"
        )
        values += known.values(question.parameters("postgresql"))
    (row,) = run(connection, f"SELECT {', '.join(parts)}", values)
    return tuple(
        question.made([tuple(one.values()) for one in _objects(found)])
        for question, found in zip(questions, row, strict=True)
    )


def renumbered(sql: str, before: int) -> str:
    """PostgreSQL's numbered places, counted on behind so many others."""
    return _PLACE.sub(lambda found: f"${int(found[1]) + before}", sql) if before else sql


def run(connection: Connection, sql: str, values: Sequence[Any]) -> list[Row]:
    """Run it on a cursor of its own; a driver's error as SQLAlchemy would have raised it."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []
    except Exception as error:
        base = getattr(connection.dialect.dbapi, "Error", None)
        if base is None or not isinstance(error, base):
            raise
        raise DBAPIError.instance(sql, None, error, base, dialect=connection.dialect) from error
    finally:
        cursor.close()
