"""The outbox: every notice owed to a receiver, from its birth in the commit to its settling."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql

from gateway.store import clocks, schema
from gateway.store.bulk import Bulk
from gateway.store.prepared import Prepared

_rows = schema.deliveries
_encode = msgspec.json.Encoder().encode


PICTURE = "dabyl.evidence.added"


class Settled(StrEnum):
    """What became of a delivery."""

    DONE = "done"
    DEAD = "dead"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One Notice owed to one Receiver."""

    id: int = 0
    key: str
    """The idempotency key: `<alarm id>:<number>`."""
    receiver: str
    alarm: str | None
    number: int
    gateway: str
    sequence: int
    type: str
    priority: int
    device: str
    body: bytes
    state: str = "waiting"
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    attempts: int = 0
    created_at: datetime
    settled_at: datetime | None = None
    answer: str | None = None
    reference: str | None = None

    @property
    def is_raised(self) -> bool:
        """Whether it is the first word about its alarm."""
        return self.type == "dabyl.alarm.raised"

    @property
    def is_picture(self) -> bool:
        """Whether it brings pictures, and no word about the alarm itself."""
        return self.type == PICTURE


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """How one delivery ended."""

    id: int
    state: Settled
    attempts: int
    answer: str | None = None
    reference: str | None = None


class Room(NamedTuple):
    """Where so many deliveries will stand: in each receiver's sequence, and under which ids."""

    before: dict[str, int]
    """The last number that each receiver was given so far."""
    ids: list[int]


def make_room(connection: Connection, gateway: str, counts: Mapping[str, int]) -> Room:
    """Count on by so many towards each receiver, without a gap.

    In name order, so that two transactions never wait for each other.
    """
    named = sorted(counts)
    given = {"gateway": gateway, "receivers": named, "counts": [counts[one] for one in named]}
    if connection.dialect.name == "sqlite":
        given |= {key: _encode(given[key]).decode() for key in ("receivers", "counts")}
        rows = _COUNT_ON.rows(connection, given)
        ((last_id,),) = _LAST_ID.rows(connection)
        ids = [*range(last_id - sum(counts.values()) + 1, last_id + 1)]
    else:
        rows = _COUNT_ON.rows(connection, given | {"total": sum(counts.values())})
        ids = rows[0][2]
    return Room({receiver: last - counts[receiver] for receiver, last, *_ in rows}, ids)


def owe(connection: Connection, owed: Sequence[Delivery]) -> None:
    """Write them down, in the room that was made for them."""
    _INSERT.write(connection, [_row(delivery) for delivery in owed])


def held_elsewhere(
    connection: Connection, gateway: str, alarms: Iterable[str]
) -> set[tuple[str, str]]:
    """(alarm, receiver) pairs with something unsettled that another sends, or nobody yet."""
    asked: Any = list(alarms)
    if connection.dialect.name == "sqlite":
        asked = msgspec.json.encode(asked).decode()
    rows = _ELSEWHERE.rows(connection, {"alarms": asked, "us": gateway})
    return {(alarm, receiver) for alarm, receiver in rows}


def settle(connection: Connection, settlements: Sequence[Settlement], now: datetime) -> None:
    """Write down how deliveries ended; whoever settles holds them (`holding.ours`)."""
    moment = schema.microseconds(now)
    _SETTLE.write(
        connection,
        [
            (one.id, one.state, one.attempts, one.answer, one.reference, moment, None, None)
            for one in settlements
        ],
    )


def resend(connection: Connection, delivery_id: int) -> bool:
    """Make a dead letter wait again; False where it is not dead."""
    done = connection.execute(
        update(_rows)
        .where(_rows.c.id == delivery_id, _rows.c.state == Settled.DEAD)
        .values(state="waiting", claimed_by=None, claimed_until=None, settled_at=None, attempts=0)
    )
    return done.rowcount == 1


def delivery(row: Row[Any]) -> Delivery:
    """A row as the noun."""
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    fields["body"] = bytes(row.body)
    return Delivery(**fields)


def _row(owed: Delivery) -> list[Any]:
    """In the order of _COLUMNS."""
    row = list(_taken(owed))
    for place in _MOMENTS:
        if row[place] is not None:
            row[place] = schema.microseconds(row[place])
    return row


_COLUMNS = tuple(column.name for column in _rows.columns)
_MOMENTS = [n for n, one in enumerate(_rows.columns) if isinstance(one.type, schema.Instant)]
_taken = attrgetter(*_COLUMNS)
_COUNTED = (
    "INSERT INTO sequences (gateway, receiver, last) SELECT {gateway}, {given}"
    " ON CONFLICT (gateway, receiver) DO UPDATE SET last = sequences.last + excluded.last"
    " RETURNING receiver, last"
)
_COUNT_ON = Prepared(
    {
        "sqlite": text(
            _COUNTED.format(
                gateway=":gateway",
                given="r.value, c.value FROM json_each(:receivers) AS r"
                " JOIN json_each(:counts) AS c ON c.key = r.key WHERE true",
            )
        ),
        # The ids are drawn beside, so that the deliveries can go with all else that is written.
        "postgresql": text(
            "WITH counted AS ("  # noqa: S608 - our own words
            + _COUNTED.format(
                gateway="CAST(:gateway AS text)",
                given="r, c FROM unnest(CAST(:receivers AS text[]), CAST(:counts AS bigint[]))"
                " AS v(r, c)",
            )
            + ") SELECT receiver, last, (SELECT array_agg(nextval('deliveries_id_seq'))"
            " FROM generate_series(1, CAST(:total AS integer))) FROM counted"
        ),
    }
)
_LAST_ID = Prepared(select(func.sum(schema.sequences.c.last)))
"""On SQLite: all sequences together never stand still, whatever is moved out of the table."""
# Born claimed for as long as the writer says, but counted on the server's clock.
_UNTIL = f'v."claimed_until" - v."created_at" + {clocks.SERVERS}'
_INSERT = Bulk.insert(_rows, _COLUMNS, on_server={"claimed_until": _UNTIL})
_SETTLE = Bulk.update(
    _rows,
    ("id",),
    dict.fromkeys(
        (
            "state",
            "attempts",
            "answer",
            "reference",
            "settled_at",
            "claimed_by",
            "claimed_until",
        ),
        "{new}",
    ),
)


def _elsewhere(is_asked: ColumnElement[bool]) -> Executable:
    not_ours = or_(_rows.c.claimed_by.is_(None), _rows.c.claimed_by != bindparam("us"))
    return select(_rows.c.alarm, _rows.c.receiver).where(
        is_asked, _rows.c.state == literal_column("'waiting'"), not_ours
    )


_LISTED = text("SELECT value FROM json_each(:alarms)").columns(column("value"))
_ELSEWHERE = Prepared(
    {
        "sqlite": _elsewhere(_rows.c.alarm.in_(_LISTED)),
        "postgresql": _elsewhere(
            _rows.c.alarm == func.any(cast(bindparam("alarms"), postgresql.ARRAY(Text)))
        ),
    }
)
