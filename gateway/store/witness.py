"""Witness: what the database itself knows of a chain beside the chain."""

import msgspec
from sqlalchemy import Connection, select

from adapters.signal import Lane
from gateway.domain.telling import Anchor
from gateway.store import chain, distinct, done, schema

NEWEST = 200
"""Notices, of all gateways together."""


class _Anchored(msgspec.Struct):
    gateway: str
    number: int
    hash: str


class _Data(msgspec.Struct):
    journal: _Anchored | None = None


class _Notice(msgspec.Struct):
    data: _Data


def gateways(connection: Connection, lane: Lane) -> list[str]:
    """Every gateway that has, or must once have had, a chain on that lane."""
    found = set(chain.gateways(connection, lane))
    if lane is Lane.ALARM:
        found |= set(distinct.names(connection, schema.sequences.c.gateway))
    return sorted(found)


def last_told(connection: Connection, gateway: str) -> Anchor | None:
    """The highest head of the alarm lane that one of that gateway's newest notices carries."""
    told = []
    for rows in done.TABLES:
        newest = select(rows.c.gateway, rows.c.body).order_by(rows.c.id.desc()).limit(NEWEST)
        told += [
            anchor_in(bytes(row.body))
            for row in connection.execute(newest)
            if row.gateway == gateway
        ]
    return max(
        (anchor for anchor in told if anchor is not None and anchor.gateway == gateway),
        key=lambda anchor: anchor.number,
        default=None,
    )


def anchor_in(body: bytes) -> Anchor | None:
    """The head of the alarm lane that a notice carries; None: it carries none."""
    try:
        found = msgspec.json.decode(body, type=_Notice).data.journal
        return (
            None
            if found is None
            else Anchor(gateway=found.gateway, number=found.number, hash=bytes.fromhex(found.hash))
        )
    except (msgspec.DecodeError, ValueError):
        return None
