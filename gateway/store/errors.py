"""What a database's failures mean to whoever asked it.

StoreError
├── WrongDatabase    it is not ours, too old, too new, or not there
├── BadData          this batch can never be stored as it is
├── NameLost         another gateway bears our name now: this one must stop
├── StoreBroken      a write to the disk itself failed: the process must stop
└── StoreDown        not now: full, locked, gone; whether it was stored is unknown
    └── Conflict     another wrote the same first; asked again, it will be seen
        └── Crossed  two waited for each other, and this one gave way: nothing of it is stored
"""

import sqlite3
from collections.abc import Awaitable
from typing import TypeVar

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
    StatementError,
)

T = TypeVar("T")

_GAVE_WAY = {"40P01", "40001"}
"""PostgreSQL: deadlock detected, serialization failure."""


class StoreError(Exception):
    """The store could not do it."""


class WrongDatabase(StoreError):
    """It is not ours, too old, too new, or not there."""


class BadData(StoreError):
    """This batch can never be stored as it is; its parts may be."""


class NameLost(StoreError):
    """Another gateway bears our name now: this one must stop."""


class StoreBroken(StoreError):
    """A write to the disk itself failed: nothing it says can be trusted, the process must stop."""


class StoreDown(StoreError):
    """Not now; whether anything was stored is unknown."""


class Conflict(StoreDown):
    """Another wrote the same first; asked again, it will be seen."""


class Crossed(Conflict):
    """Two transactions waited for each other, and this one gave way: nothing of it is stored."""


async def translated(awaited: Awaitable[T]) -> T:
    """What that gives; a driver's failure as one of ours."""
    try:
        return await awaited
    except IntegrityError as error:
        raise Conflict(line(error)) from error
    except (DataError, OverflowError, UnicodeEncodeError) as error:
        raise BadData(line(error)) from error
    except StatementError as error:
        raise _of_statement(error) from error
    except (SQLAlchemyError, sqlite3.Error, OSError, TimeoutError) as error:
        raise _away(error, error) from error


def line(error: BaseException) -> str:
    """Its first line, for a person."""
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    return said.splitlines()[0][:300]


def _of_statement(error: StatementError) -> StoreError:
    if not isinstance(error, DBAPIError):
        return BadData(line(error))
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state in _GAVE_WAY:
        return Crossed(line(error))
    # Classes 22 (data) and 23 (integrity); asyncpg's driver folds 22 into others.
    return BadData(line(error)) if state[:2] in {"22", "23"} else _away(error, error.orig)


def _away(error: BaseException, cause: BaseException | None) -> StoreError:
    """Down, or broken where the disk itself has failed."""
    kind = StoreBroken if fsync_failed(cause) else StoreDown
    return kind(line(error))


def fsync_failed(error: BaseException | None) -> bool:
    """Whether the disk could not say that it has what it was given.

    A system may forget such pages and call the next attempt good, so it is never asked again.
    """
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    return code in {sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC}
