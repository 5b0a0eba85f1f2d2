"""A chain as it lies there: its rows in order, wherever they were moved, and who has one."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select

from adapters.signal import Lane
from gateway.store import archives, distinct, journal, schema
from gateway.store.prepared import Prepared, Row

COLUMNS = (*journal.FACTS, "body", "digest", "hash")
NUMBER, EVENT_ID, KIND, LINK, BODY, DIGEST, HASH = (
    COLUMNS.index(name) for name in ("number", "event_id", "kind", "link", "body", "digest", "hash")
)


def page(connection: Connection, gateway: str, lane: Lane, after: int, limit: int) -> Sequence[Row]:
    """The rows of a chain behind that number, of so many numbers; COLUMNS as the driver gives them.

    By number and not by count, so that a number which stands twice is seen twice. A page that
    ends early is not the end: the next may begin in another place (`next_number`).

    Raises:
        ArchiveGone: they lie in an archive whose file is not there, or cannot be read.
    """
    asked = {"gateway": gateway, "after": after, "until": after + limit}
    rows = _PAGE[lane].rows(connection, asked)
    if lane is Lane.EVENT and (not rows or rows[0][NUMBER] != after + 1):
        day = archives.day_of(connection, gateway, after + 1)
        if day is not None:
            with archives.opened(connection, day) as moved:
                return _PAGE[lane].rows(moved, asked)
    return rows


def next_number(connection: Connection, gateway: str, lane: Lane, after: int) -> int | None:
    """The next number that is there behind that one; None: it was the last."""
    asked = {"gateway": gateway, "after": after}
    found = [number for one in _NEAREST[lane] for (number,) in one.rows(connection, asked)]
    return min((number for number in found if number is not None), default=None)


def last_number(connection: Connection, gateway: str, lane: Lane) -> int:
    """The number of the last row that is there; 0: none is."""
    rows, moved = journal.table(lane).c, schema.archives.c
    highest = [select(func.max(rows.number)).where(rows.gateway == gateway)]
    if lane is Lane.EVENT:
        highest.append(select(func.max(moved.last)).where(moved.gateway == gateway))
    return max(connection.execute(one).scalar() or 0 for one in highest)


def hashes(
    connection: Connection, gateway: str, lane: Lane, numbers: Sequence[int]
) -> dict[int, bytes]:
    """The hashes of those rows, where they are there.

    Raises:
        ArchiveGone: as page.
    """
    found = _hashes(connection, gateway, lane, numbers)
    missing = [number for number in numbers if number not in found]
    if lane is Lane.EVENT and missing:
        for day, asked in archives.days_of(connection, gateway, missing).items():
            with archives.opened(connection, day) as moved:
                found |= _hashes(moved, gateway, lane, asked)
    return found


def gateways(connection: Connection, lane: Lane) -> list[str]:
    """Every gateway that has a chain on that lane, or had one."""
    found = set(distinct.names(connection, journal.table(lane).c.gateway))
    for one in _GONE[lane]:
        found |= {gateway for (gateway,) in one.rows(connection)}
    return sorted(found)


def _hashes(
    connection: Connection, gateway: str, lane: Lane, numbers: Sequence[int]
) -> dict[int, bytes]:
    rows = journal.table(lane).c
    found: dict[int, bytes] = {}
    for at in range(0, len(numbers), 500):
        statement = select(rows.number, rows.hash).where(
            rows.gateway == gateway, rows.number.in_(numbers[at : at + 500])
        )
        found |= {number: bytes(hash_) for number, hash_ in connection.execute(statement)}
    return found


def _gone(lane: Lane) -> list[Prepared]:
    """Whose rows were dropped, or moved away."""
    dropped = schema.checkpoints.c
    asked = [select(dropped.gateway).where(dropped.lane == lane.value).distinct()]
    if lane is Lane.EVENT:
        asked.append(select(schema.archives.c.gateway).distinct())
    return [Prepared(one) for one in asked]


def _nearest(lane: Lane) -> list[Prepared]:
    rows, moved = journal.table(lane).c, schema.archives.c
    places = [(rows.gateway, rows.number)]
    if lane is Lane.EVENT:
        places.append((moved.gateway, moved.first))
    return [
        Prepared(
            select(func.min(number)).where(
                gateway == bindparam("gateway"), number > bindparam("after")
            )
        )
        for gateway, number in places
    ]


def _page(lane: Lane) -> Prepared:
    rows = journal.table(lane).c
    return Prepared(
        select(*(rows[name] for name in COLUMNS))
        .where(
            rows.gateway == bindparam("gateway"),
            rows.number > bindparam("after"),
            rows.number <= bindparam("until"),
        )
        .order_by(rows.number)
    )


_PAGE = {lane: _page(lane) for lane in Lane}
_GONE = {lane: _gone(lane) for lane in Lane}
_NEAREST = {lane: _nearest(lane) for lane in Lane}
