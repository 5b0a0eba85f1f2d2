"""The audit as it is read: who did what, the newest first or in order; nobody edits it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, or_, select

from gateway.domain.deed import Deed
from gateway.store import schema
from gateway.store.audit import FACTS, covered
from gateway.store.prepared import Prepared
from gateway.store.prepared import Row as Raw

_rows = schema.audit
COLUMNS = ("number", *FACTS, "hash")
NUMBER, AT, HASH = (COLUMNS.index(name) for name in ("number", "at", "hash"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the audit."""

    number: int
    at: datetime
    gateway: str
    who: str
    role: str
    district: str | None
    what: str
    key: str
    data: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which rows are asked for; None takes all."""

    who: str | None = None
    what: Deed | None = None
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    districts: frozenset[str] = frozenset()
    """Only of these; empty: of all, and what belongs to none."""
    also: str | None = None
    """Whose rows are seen wherever they belong: one's own."""


def listed(
    connection: Connection, sought: Sought, limit: int, before: int | None = None
) -> list[Entry]:
    """A page of them, the newest first, below that number."""
    conditions = _conditions(sought)
    if before is not None:
        conditions.append(_rows.c.number < before)
    found = select(_rows).where(*conditions).order_by(_rows.c.number.desc()).limit(limit)
    return [_entry(row) for row in connection.execute(found)]


def count(connection: Connection, sought: Sought, most: int) -> int:
    """How many there are, counted no further than that."""
    some = select(_rows.c.number).where(*_conditions(sought)).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def page(connection: Connection, after: int, until: int) -> Sequence[Raw]:
    """The rows behind that number up to that one, in order; COLUMNS as the driver gives them."""
    return _PAGE.rows(connection, {"after": after, "until": until})


def next_number(connection: Connection, after: int) -> int | None:
    """The next number that is there behind that one; None: it was the last."""
    found = select(func.min(_rows.c.number)).where(_rows.c.number > after)
    return connection.execute(found).scalar()


def facts(row: Raw) -> bytes:
    """What the hash of such a row is taken of."""
    return covered(list(row[1:HASH]))


def entry(row: Raw) -> Entry:
    """A row of `page`, as a person reads it."""
    said = dict(zip(COLUMNS, row, strict=True))
    return Entry(
        **{
            **said,
            "at": schema.moment(said["at"]),
            "data": _data(said["data"]),
            "hash": bytes(said["hash"]).hex(),
        }
    )


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    rows = _rows.c
    found = [
        column == value
        for column, value in (
            (rows.who, sought.who),
            (rows.what, sought.what),
            (rows.key, sought.key),
        )
        if value is not None
    ]
    if sought.since is not None:
        found.append(rows.at >= sought.since)
    if sought.until is not None:
        found.append(rows.at < sought.until)
    if sought.districts:
        theirs = rows.district.in_(sorted(sought.districts))
        found.append(theirs if sought.also is None else or_(theirs, rows.who == sought.also))
    return found


def _entry(row: Row[Any]) -> Entry:
    own = {name: getattr(row, name) for name in COLUMNS}
    return Entry(**{**own, "data": _data(row.data), "hash": bytes(row.hash).hex()})


def _data(text: str) -> dict[str, Any]:
    """What stands beside a deed; of what somebody made unreadable, its text."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": text}


_PAGE = Prepared(
    select(*(_rows.c[name] for name in COLUMNS))
    .where(_rows.c.number > bindparam("after"), _rows.c.number <= bindparam("until"))
    .order_by(_rows.c.number)
)
