"""The outbox: every notice owed to a receiver, from its birth in the commit to its settling."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace
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
    insert,
    literal_column,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import schema
from gateway.store.prepared import Prepared

_rows = schema.deliveries


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


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """How one delivery ended."""

    id: int
    state: Settled
    attempts: int
    answer: str | None = None
    reference: str | None = None


def next_sequences(
    connection: Connection, gateway: str, counts: Mapping[str, int]
) -> dict[str, int]:
    """Count on by so many towards each receiver, without a gap; the number before the first.

    In name order, so that two transactions never wait for each other.
    """
    before = {}
    for receiver, count in sorted(counts.items()):
        given = {"gateway": gateway, "receiver": receiver, "last": count}
        ((last,),) = _COUNT_ON.rows(connection, given)
        before[receiver] = last - count
    return before


def owe(connection: Connection, owed: Sequence[Delivery]) -> list[Delivery]:
    """Write them down; the same, each with its id."""
    if len(owed) == 1:
        ((number,),) = _INSERT_ONE.rows(connection, _row(owed[0]))
        return [replace(owed[0], id=number)]
    _INSERT.many(connection, [_row(delivery) for delivery in owed])
    first: dict[tuple[str, str], int] = {}
    for one in owed:
        to = (one.gateway, one.receiver)
        first[to] = min(first.get(to, one.sequence), one.sequence)
    ids = {
        (receiver, sequence): number
        for (gateway, receiver), sequence in first.items()
        for number, sequence in _IDS.rows(
            connection, {"gateway": gateway, "receiver": receiver, "sequence": sequence}
        )
    }
    return [replace(one, id=ids[one.receiver, one.sequence]) for one in owed]


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
    """Write down how deliveries ended."""
    _SETTLE.many(
        connection,
        [
            {
                "b_id": one.id,
                "state": one.state,
                "attempts": one.attempts,
                "answer": one.answer,
                "reference": one.reference,
                "settled_at": now,
            }
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


def get(connection: Connection, delivery_id: int) -> Delivery | None:
    """One delivery."""
    row = connection.execute(select(_rows).where(_rows.c.id == delivery_id)).one_or_none()
    return None if row is None else delivery(row)


def delivery(row: Row[Any]) -> Delivery:
    """A row as the noun."""
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    fields["body"] = bytes(row.body)
    return Delivery(**fields)


def _row(owed: Delivery) -> dict[str, Any]:
    return {name: getattr(owed, name) for name in _COLUMNS}


def _count_statement(made: Any) -> Any:  # noqa: ANN401
    statement = made.values(
        gateway=bindparam("gateway"), receiver=bindparam("receiver"), last=bindparam("last")
    )
    return statement.on_conflict_do_update(
        index_elements=["gateway", "receiver"],
        set_={"last": schema.sequences.c.last + statement.excluded.last},
    ).returning(schema.sequences.c.last)


_COUNT_ON = Prepared(
    {
        "sqlite": _count_statement(sqlite.insert(schema.sequences)),
        "postgresql": _count_statement(postgresql.insert(schema.sequences)),
    }
)
_COLUMNS = tuple(column.name for column in _rows.columns if column.name != "id")
_INSERT = Prepared(insert(_rows), columns=_COLUMNS)
_INSERT_ONE = Prepared(insert(_rows).returning(_rows.c.id), columns=_COLUMNS)
_IDS = Prepared(
    select(_rows.c.id, _rows.c.sequence).where(
        _rows.c.gateway == bindparam("gateway"),
        _rows.c.receiver == bindparam("receiver"),
        _rows.c.sequence >= bindparam("sequence"),
    )
)
_SETTLE = Prepared(
    update(_rows)
    .where(_rows.c.id == bindparam("b_id"))
    .values(
        state=bindparam("state"),
        attempts=bindparam("attempts"),
        answer=bindparam("answer"),
        reference=bindparam("reference"),
        settled_at=bindparam("settled_at"),
        claimed_by=null(),
        claimed_until=null(),
    )
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
