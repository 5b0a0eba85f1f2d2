"""Archiving: on SQLite passages leave the hot file after two days, into the archive of their day.

Copied first, durably, and deleted then: whoever dies in between copies the same rows again.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from adapters.signal import Lane
from gateway.store import archives, checkpoints, distinct, schema
from gateway.store.journal import Head
from gateway.store.signing import Signer

HOT_DAYS = 2
"""Today and yesterday: in 24 h a passage may be heard again."""
_rows, _kept = schema.journal_event, schema.archives
_NAMES = ", ".join(column.name for column in _rows.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Rows of one chain that are in an archive now, and still in the hot file."""

    gateway: str
    day: int
    first: int
    last: int
    hash: bytes
    """Of the last."""
    counted: int
    """All that is counted on them beside the chain: heard meanwhile, they are copied again."""


def copy(connection: Connection, now: datetime, limit: int) -> Copied | None:
    """Copy the oldest rows that are no longer hot, at most so many; None: there are none.

    It writes into the archive's file and nothing into the database: a reader may do it.
    """
    folder = archives.folder_of(connection)
    if folder is None:
        return None
    for gateway in distinct.names(connection, _rows.c.gateway):
        rows = connection.execute(
            select(_rows).where(_rows.c.gateway == gateway).order_by(_rows.c.number).limit(limit)
        ).all()
        day, old = _together(connection, rows, gateway, now)
        if old:
            _write(folder, day, [_plain(row) for row in old])
            return Copied(
                gateway=gateway,
                day=day,
                first=old[0].number,
                last=old[-1].number,
                hash=bytes(old[-1].hash),
                counted=sum(row.heard_again + row.folded for row in old),
            )
    return None


def forget(connection: Connection, copied: Copied) -> int:
    """Delete what was copied from the hot file, and know where it is now; how many."""
    of_them = [_rows.c.gateway == copied.gateway, _rows.c.number.between(copied.first, copied.last)]
    counted = select(func.sum(_rows.c.heard_again + _rows.c.folded)).where(*of_them)
    if connection.execute(counted).scalar() != copied.counted:
        return 0
    gone = connection.execute(delete(_rows).where(*of_them)).rowcount
    more = connection.execute(
        update(_kept)
        .where(_kept.c.day == copied.day, _kept.c.gateway == copied.gateway)
        .values(last=copied.last, hash=copied.hash)
    )
    if more.rowcount == 0:
        connection.execute(
            insert(_kept),
            {
                "day": copied.day,
                "gateway": copied.gateway,
                "first": copied.first,
                "last": copied.last,
                "hash": copied.hash,
            },
        )
    return gone


def drop(connection: Connection, signer: Signer, kept: timedelta, now: datetime) -> int | None:
    """Sign off the oldest day where it is too old, and forget where it lay; that day.

    Its file goes afterwards (`sweep`).
    """
    day = connection.execute(select(func.min(_kept.c.day))).scalar()
    if day is None or not is_too_old(day, kept, now):
        return None
    rows = connection.execute(select(_kept).where(_kept.c.day == day)).all()
    for row in rows:
        checkpoints.leave(
            connection,
            signer,
            row.gateway,
            Lane.EVENT,
            Head(number=row.last, hash=bytes(row.hash)),
            before=archives.midnight(day + 1),
            now=now,
        )
    connection.execute(delete(_kept).where(_kept.c.day == day))
    return int(day)


def sweep(connection: Connection, kept: timedelta, now: datetime) -> list[str]:
    """Remove the files of days that were signed off; their names."""
    folder = archives.folder_of(connection)
    if folder is None or not folder.is_dir():
        return []
    known = set(connection.execute(select(_kept.c.day).distinct()).scalars())
    swept = []
    for file in sorted(folder.glob("*.db")):
        day = archives.day_in(file)
        if day is not None and day not in known and is_too_old(day, kept, now):
            file.unlink()
            Path(f"{file}-journal").unlink(missing_ok=True)
            swept.append(file.name)
    return swept


def is_too_old(day: int, kept: timedelta, now: datetime) -> bool:
    """Whether the first passage of that day may be kept no longer."""
    return archives.midnight(day) + max(kept, timedelta(days=HOT_DAYS)) <= now


def _together(
    connection: Connection, rows: Sequence[Any], gateway: str, now: datetime
) -> tuple[int, list[Any]]:
    """Which of the oldest rows go into one archive, and into that of which day.

    By number, so that each file holds one piece of the chain: a clock that jumped moves a row
    to its neighbours' day, and one dated ahead of us holds up nobody.
    """
    hot = schema.midnight(now) - timedelta(days=HOT_DAYS - 1)
    lying = now + timedelta(days=1)
    before = connection.execute(
        select(func.max(_kept.c.day)).where(_kept.c.gateway == gateway)
    ).scalar()
    day, newest, old = before, archives.day_at(hot) - 1, list[Any]()
    for row in rows:
        if hot <= row.received_at <= lying:
            break
        own = max(min(archives.day_at(row.received_at), newest), before or 0)
        if not old:
            day = own
        elif own != day:
            break
        old.append(row)
    return day or 0, old


def _write(folder: Path, day: int, rows: Sequence[tuple[Any, ...]]) -> None:
    """Durably: with EXTRA also that the journal is gone, before the rows go elsewhere."""
    file = archives.file_of(folder, day)
    folder.mkdir(mode=0o700, exist_ok=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as archive:
        archive.execute("PRAGMA synchronous = EXTRA")
        archive.execute("BEGIN IMMEDIATE")
        archive.execute(
            f"CREATE TABLE IF NOT EXISTS journal_event ({_NAMES}, PRIMARY KEY (gateway, number))"
            " WITHOUT ROWID"
        )
        marks = ", ".join("?" * len(_rows.columns))
        archive.executemany(f"INSERT OR REPLACE INTO journal_event VALUES ({marks})", rows)  # noqa: S608
        archive.execute("COMMIT")
    for changed in (folder, folder.parent):
        _sync(changed)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _plain(row: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a row of the journal
    return tuple(
        schema.microseconds(value) if isinstance(value, datetime) else value for value in row
    )
