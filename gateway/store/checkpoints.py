"""Checkpoints: where a chain begins after its older rows were dropped, signed, each on the last."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from adapters.signal import Lane
from gateway.store import schema
from gateway.store.journal import Head
from gateway.store.signing import Signer

_rows = schema.checkpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Everything up to `head` was dropped; the chain goes on from its hash."""

    gateway: str
    lane: Lane
    head: Head
    at: datetime
    before: datetime
    """Only what was heard before that moment was dropped."""
    previous: bytes
    """The signature of the checkpoint before; empty: it is the first."""
    key: str
    """The public key it was signed with; empty: the seal, as it was done at first."""
    signature: bytes

    @property
    def statement(self) -> bytes:
        """What is signed."""
        if not self.key:
            head = self.head
            return f"checkpoint {self.gateway} {self.lane} {head.number} {head.hash.hex()}".encode()
        return "\n".join(
            [
                "dabyl checkpoint 2",
                f"gateway {self.gateway}",
                f"lane {self.lane}",
                f"number {self.head.number}",
                f"hash {self.head.hash.hex()}",
                f"at {schema.microseconds(self.at)}",
                f"before {schema.microseconds(self.before)}",
                f"previous {self.previous.hex()}",
                "",
            ]
        ).encode()


def leave(  # noqa: PLR0913 - which chain, where it was cut, by whom, and two times
    connection: Connection,
    signer: Signer,
    gateway: str,
    lane: Lane,
    head: Head,
    *,
    before: datetime,
    now: datetime,
) -> Checkpoint:
    """Sign that everything up to that row was dropped; in the transaction that drops it.

    One a day is kept: a later one of the same day takes the place of the earlier, and signs what
    stood before that.
    """
    last = latest(connection, gateway, lane)
    if last is None:
        previous = b""
    elif last.key and last.at.date() == now.date():
        previous = last.previous
        connection.execute(
            delete(_rows).where(
                _rows.c.gateway == gateway,
                _rows.c.lane == lane.value,
                _rows.c.number == last.head.number,
            )
        )
    else:
        previous = last.signature
    made = Checkpoint(
        gateway=gateway,
        lane=lane,
        head=head,
        at=now,
        before=before,
        previous=previous,
        key=signer.public,
        signature=b"",
    )
    connection.execute(
        insert(_rows),
        {
            "gateway": gateway,
            "lane": lane.value,
            "number": head.number,
            "hash": head.hash,
            "at": made.at,
            "before": made.before,
            "previous": made.previous,
            "key": made.key,
            "signature": signer.sign(made.statement),
        },
    )
    return made


def latest(connection: Connection, gateway: str, lane: Lane) -> Checkpoint | None:
    """Where that chain begins now; None: nothing was ever dropped of it."""
    row = connection.execute(_of(gateway, lane).order_by(_rows.c.number.desc()).limit(1)).first()
    return None if row is None else _checkpoint(row)


def all_of(connection: Connection, gateway: str, lane: Lane) -> list[Checkpoint]:
    """Every checkpoint of that chain, in order."""
    rows = connection.execute(_of(gateway, lane).order_by(_rows.c.number))
    return [_checkpoint(row) for row in rows]


def follow(made: list[Checkpoint]) -> Checkpoint | None:
    """The first of those in order that does not follow the one before it; None: all do."""
    if made and made[0].previous:
        return made[0]
    return next(
        (later for earlier, later in pairwise(made) if later.previous != earlier.signature), None
    )


def _of(gateway: str, lane: Lane) -> Any:  # noqa: ANN401 - a select, of its own type
    return select(_rows).where(_rows.c.gateway == gateway, _rows.c.lane == lane.value)


def _checkpoint(row: Row[Any]) -> Checkpoint:
    return Checkpoint(
        gateway=row.gateway,
        lane=Lane(row.lane),
        head=Head(number=row.number, hash=bytes(row.hash)),
        at=row.at,
        before=row.before,
        previous=bytes(row.previous),
        key=row.key,
        signature=bytes(row.signature),
    )
