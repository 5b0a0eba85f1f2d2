"""The audit: what people and machines did, in one hash chain, written in the deed's transaction.

One chain of the whole installation and not one of each gateway: what somebody did stands in one
order, wherever he did it. Presses never wait for it: only what people and machines do is in it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select, text

from gateway.domain import deed
from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change
from gateway.domain.deed import Deed
from gateway.domain.operator import Operator
from gateway.store import schema
from gateway.store.journal import GENESIS, Head
from gateway.store.prepared import Prepared

DATA_LIMIT = 16_000
"""Characters of what is said beside a deed."""
FACTS = ("at", "gateway", "who", "role", "district", "what", "key", "data")
"""What a row's hash is taken of, in this order, behind the hash before and the row's number."""
_ROOM = {"gateway": 40, "who": 80, "role": 16, "district": 120, "what": 40, "key": 120}
_head = schema.audit_head
_encode = msgspec.json.Encoder(enc_hook=str, order="deterministic").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One thing that somebody did, or was refused."""

    who: str
    role: str
    what: Deed
    key: str = ""
    """Of what: an alarm's id, a person's name, a still's digest."""
    data: Mapping[str, object] = field(default_factory=dict)
    """What else is to be known of it, never a secret; None among its values is left out."""
    district: str | None = None
    """Whose supervisor may see it; None: only who sees all."""
    gateway: str = ""
    """Where it was done."""


def by(
    operator: Operator,
    what: Deed,
    key: str = "",
    data: Mapping[str, object] | None = None,
    *,
    district: str | None = None,
    gateway: str = "",
) -> Audited:
    """What that operator did; in their own district where it is not said and they have but one."""
    own = next(iter(operator.districts)) if len(operator.districts) == 1 else None
    return Audited(
        who=operator.name,
        role=operator.role.value,
        what=what,
        key=key,
        data=data or {},
        district=district or own,
        gateway=gateway,
    )


def step(operator: Operator, before: Alarm, change: Change, gateway: str) -> Audited:
    """What that operator did to an alarm, with what was said of it."""
    what, data = deed.of_step(before, change)
    return by(operator, what, before.id, data, district=before.district, gateway=gateway)


def note(connection: Connection, one: Audited, now: datetime) -> None:
    """Write it down, in the transaction of the deed: both are there, or neither is.

    It holds the chain's end until the commit. So it comes behind what locks windows, sites and
    alarms, and before what takes places in sequences, owes deliveries or notes what moved.
    """
    row = _row(one, now)
    facts = covered([row[name] for name in FACTS])
    if connection.dialect.name == "postgresql":
        _ON_SERVER.rows(connection, {**row, "facts": facts})
        return
    last = head(connection)
    made = Head(number=last.number + 1, hash=linked(last, facts))
    end = {"number": made.number, "hash": made.hash}
    _INSERT.rows(connection, {**row, **end})
    _MOVE.rows(connection, {"one": 1, **end})


def head(connection: Connection) -> Head:
    """The end of the chain as it was written beside it."""
    for number, hash_ in _HEAD.rows(connection):
        return Head(number=number, hash=bytes(hash_))
    return Head()


def linked(last: Head, facts: bytes) -> bytes:
    """The hash of the row behind that one: SHA-256 over its hash, the new number, and the facts."""
    number = (last.number + 1).to_bytes(8, "big")
    return hashlib.sha256(b"".join((last.hash, number, facts))).digest()


def covered(facts: list[Any]) -> bytes:
    """FACTS as they are hashed: a JSON array, moments in microseconds."""
    return msgspec.json.encode(facts)


def _row(one: Audited, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        name: None if (value := getattr(one, name)) is None else _plain(str(value))[:room]
        for name, room in _ROOM.items()
    }
    said = {key: _storable(value) for key, value in one.data.items() if value is not None}
    data = _encode(said).decode()
    if len(data) > DATA_LIMIT:
        digest = hashlib.sha256(data.encode()).hexdigest()
        data = _encode({"too_long": len(data), "sha256": digest}).decode()
    return {**row, "data": data, "at": schema.microseconds(now)}


def _storable(value: object) -> object:
    """Strangers' words too: half a character that no database takes loses nobody's deed."""
    match value:
        case str():
            return _plain(value)
        case Mapping():
            return {_plain(str(key)): _storable(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_storable(one) for one in value]
        case _:
            return value


def _plain(text_: str) -> str:
    return text_.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


_COLUMNS = ("number", *FACTS, "hash")
_INTO = f"INSERT INTO audit ({', '.join(_COLUMNS)})"
_GIVEN = ", ".join(f"CAST(:{name} AS {'bigint' if name == 'at' else 'text'})" for name in FACTS)
_INSERT = Prepared(text(f"{_INTO} VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"))
# One way to the server and back. Who comes second waits for the head's row, and then builds on
# what the first has left there.
_ON_SERVER = Prepared(
    text(
        "WITH h AS (INSERT INTO audit_head AS a (one, number, hash)"  # noqa: S608 - our own words
        f" VALUES (1, 1, sha256(decode('{GENESIS.hex()}', 'hex')"
        " || int8send(1) || CAST(:facts AS bytea)))"
        " ON CONFLICT (one) DO UPDATE SET number = a.number + 1,"
        " hash = sha256(a.hash || int8send(a.number + 1) || CAST(:facts AS bytea))"
        " RETURNING a.number, a.hash)"
        f" {_INTO} SELECT h.number, {_GIVEN}, h.hash FROM h"
    )
)
_MOVE = Prepared(
    text(
        "INSERT INTO audit_head (one, number, hash) VALUES (:one, :number, :hash)"
        " ON CONFLICT (one) DO UPDATE SET number = excluded.number, hash = excluded.hash"
    )
)
_HEAD = Prepared(select(_head.c.number, _head.c.hash).where(_head.c.one == 1))
