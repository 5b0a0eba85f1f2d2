"""Where the audit begins after older rows were dropped, and where it ended: signed, to be kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from gateway.store import audit, schema
from gateway.store.journal import Head
from gateway.store.signing import Signer

_rows = schema.audit_checkpoints
_audit = schema.audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """That row stood there under that hash, by this installation's word."""

    number: int
    hash: str
    at: datetime
    before: datetime | None = None
    """Only what was done before that moment was dropped; None: nothing was, it is the end."""
    previous: str = ""
    """The signature of the one before, where rows were dropped; empty: it is the first."""
    key: str = ""
    signature: str = ""

    @property
    def head(self) -> Head:
        """The row it speaks of."""
        return Head(number=self.number, hash=bytes.fromhex(self.hash))

    @property
    def statement(self) -> bytes:
        """What is signed."""
        before = "-" if self.before is None else str(schema.microseconds(self.before))
        return "\n".join(
            [
                "dabyl audit checkpoint 1",
                f"number {self.number}",
                f"hash {self.hash}",
                f"at {schema.microseconds(self.at)}",
                f"before {before}",
                f"previous {self.previous}",
                "",
            ]
        ).encode()


class NoCheckpoint(Exception):
    """A text that is no checkpoint of an audit."""


def signed(one: Checkpoint, signer: Signer) -> Checkpoint:
    """The same with this installation's signature."""
    made = replace(one, key=signer.public)
    return replace(made, signature=signer.sign(made.statement).hex())


def of_end(connection: Connection, signer: Signer, now: datetime) -> Checkpoint:
    """A signed word of where the audit ends now: whoever keeps it can prove what came before."""
    end = audit.head(connection)
    return signed(Checkpoint(number=end.number, hash=end.hash.hex(), at=now), signer)


def read(text: bytes) -> Checkpoint:
    """A checkpoint as it was exported.

    Raises:
        NoCheckpoint: it is something else.
    """
    try:
        found = msgspec.json.decode(text, type=Checkpoint)
        bytes.fromhex(found.hash + found.signature + found.previous)
    except (msgspec.MsgspecError, ValueError) as error:
        raise NoCheckpoint(f"no checkpoint of an audit: {error}") from None
    return found


def cut(
    connection: Connection, before: datetime, limit: int, *, signer: Signer, now: datetime
) -> int:
    """Drop the oldest rows, at most so many, and sign where it begins now; how many.

    Only at the beginning: behind a row that is not too old everything stays. The last row stays
    in any case.
    """
    oldest = connection.execute(
        select(_audit.c.number, _audit.c.hash, _audit.c.at)
        .order_by(_audit.c.number)
        .limit(limit + 1)
    ).all()
    old = 0
    while old < len(oldest) - 1 and oldest[old].at < before:
        old += 1
    if not old:
        return 0
    last, kept = oldest[old - 1], latest(connection)
    previous = "" if kept is None else kept.signature
    if kept is not None and kept.at.date() == now.date():
        # One a day is kept: this one takes its place, and signs what stood before it.
        previous = kept.previous
        connection.execute(delete(_rows).where(_rows.c.number == kept.number))
    made = signed(
        Checkpoint(
            number=last.number,
            hash=bytes(last.hash).hex(),
            at=now,
            before=before,
            previous=previous,
        ),
        signer,
    )
    connection.execute(delete(_audit).where(_audit.c.number <= made.number))
    connection.execute(insert(_rows), _row(made))
    return old


def latest(connection: Connection) -> Checkpoint | None:
    """Where the audit begins now; None: nothing was ever dropped of it."""
    row = connection.execute(select(_rows).order_by(_rows.c.number.desc()).limit(1)).first()
    return None if row is None else _checkpoint(row)


def all_of(connection: Connection) -> list[Checkpoint]:
    """Every one that was left where rows were dropped, in order."""
    return [_checkpoint(row) for row in connection.execute(select(_rows).order_by(_rows.c.number))]


def broken(made: list[Checkpoint]) -> Checkpoint | None:
    """The first of those in order that does not follow the one before it; None: all do."""
    if made and made[0].previous:
        return made[0]
    return next(
        (later for earlier, later in pairwise(made) if later.previous != earlier.signature), None
    )


def _row(one: Checkpoint) -> dict[str, Any]:
    words = ("hash", "previous", "signature")
    return {
        **{name: getattr(one, name) for name in ("number", "at", "before", "key")},
        **{name: bytes.fromhex(getattr(one, name)) for name in words},
    }


def _checkpoint(row: Row[Any]) -> Checkpoint:
    return Checkpoint(
        number=row.number,
        hash=bytes(row.hash).hex(),
        at=row.at,
        before=row.before,
        previous=bytes(row.previous).hex(),
        key=row.key,
        signature=bytes(row.signature).hex(),
    )
