"""Archives: where passages lie on SQLite once they left the hot file, one file for each day."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gateway.store import schema
from gateway.store.database import StoreError

_kept = schema.archives
_EPOCH = date(1970, 1, 1)


class ArchiveGone(StoreError):
    """The file of an archive is not there, or is none."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file.name} {why}")
        self.file = file


def days(connection: Connection) -> list[int]:
    """The days of which there is an archive, in order."""
    found = select(_kept.c.day).distinct().order_by(_kept.c.day)
    return list(connection.execute(found).scalars())


def day_of(connection: Connection, gateway: str, number: int) -> int | None:
    """In which day's archive that row lies; None: in none."""
    return next(iter(days_of(connection, gateway, [number])), None)


def days_of(connection: Connection, gateway: str, numbers: Sequence[int]) -> dict[int, list[int]]:
    """In which days' archives those rows lie, the oldest first."""
    if connection.dialect.name != "sqlite":
        return {}
    found: dict[int, list[int]] = {}
    places = connection.execute(
        select(_kept.c.day, _kept.c.first, _kept.c.last)
        .where(
            _kept.c.gateway == gateway,
            _kept.c.last >= min(numbers),
            _kept.c.first <= max(numbers),
        )
        .order_by(_kept.c.first)
    ).all()
    for day, first, last in places:
        asked = [number for number in numbers if first <= number <= last]
        if asked:
            found[day] = asked
    return found


def days_within(connection: Connection, gateway: str, first: int, last: int) -> list[int]:
    """The days whose archives hold rows of that chain between these, the newest first."""
    if connection.dialect.name != "sqlite":
        return []
    found = select(_kept.c.day).where(
        _kept.c.gateway == gateway, _kept.c.last >= first, _kept.c.first <= last
    )
    return list(connection.execute(found.order_by(_kept.c.day.desc())).scalars())


def last_with(connection: Connection, gateway: str, number: int) -> int:
    """The last row of that chain in the archive that holds this one; else this one."""
    found = connection.execute(
        select(_kept.c.last).where(
            _kept.c.gateway == gateway, _kept.c.first <= number, _kept.c.last >= number
        )
    ).scalar()
    return number if found is None else int(found)


@contextmanager
def opened(connection: Connection, day: int) -> Iterator[Connection]:
    """The archive of that day as a connection of its own, to be read like the hot file.

    Raises:
        ArchiveGone: its file is not there, or cannot be read.
    """
    folder = folder_of(connection)
    file = file_of(folder or Path(), day)
    if not file.is_file():
        raise ArchiveGone(file, "is not there")
    # Not mode=ro: what a killed writer left half done is undone by whoever opens it next.
    address = f"{file.resolve().as_uri()}?mode=rw"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool
    )
    try:
        with engine.connect() as found:
            found.exec_driver_sql("PRAGMA query_only = ON")
            yield found
    except DBAPIError as error:
        raise ArchiveGone(file, f"cannot be read: {error.orig}") from error
    finally:
        engine.dispose()


def folder_of(connection: Connection) -> Path | None:
    """Where the archives of that database lie: beside it; None: it has none."""
    url = connection.engine.url
    if connection.dialect.name != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(f"{url.database}-passages")


def size_bytes(connection: Connection) -> int:
    """How much room all archives take."""
    folder = folder_of(connection)
    files = [] if folder is None else folder.glob("*.db")
    return sum(file.stat().st_size for file in files)


def file_of(folder: Path, day: int) -> Path:
    """The archive of that day, whether it is there or not."""
    return folder / f"{_EPOCH + timedelta(days=day)}.db"


def day_in(file: Path) -> int | None:
    """Of which day a file is the archive; None: of none."""
    try:
        return (date.fromisoformat(file.stem) - _EPOCH).days
    except ValueError:
        return None


def day_at(moment: datetime) -> int:
    """The day of that moment: days since 1970, by UTC."""
    return (moment.astimezone(UTC).date() - _EPOCH).days


def midnight(day: int) -> datetime:
    """When that day began."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
