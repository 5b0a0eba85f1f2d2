"""Gaps: numbers that a device was asked for, as rows; and which numbers the journal holds."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from gateway.domain.gaps import Gap
from gateway.store import distinct, schema

_rows = schema.gaps
_journal = schema.journal_alarm
SEQS = 2000
"""Of a wider gap only so many numbers are looked for: no device keeps more."""


def keep(connection: Connection, gaps: Sequence[Gap], at: datetime) -> None:
    """Write them down, in place of what was written of the same device and boot."""
    for gap in gaps:
        drop(connection, [gap])
        connection.execute(
            insert(_rows),
            [
                {"device": gap.device, "boot": gap.boot, "first": a, "last": b, "found_at": at}
                for a, b in gap.ranges
            ],
        )


def drop(connection: Connection, gaps: Iterable[Gap]) -> None:
    """Nobody waits for them any more."""
    for gap in gaps:
        connection.execute(
            delete(_rows).where(_rows.c.device == gap.device, _rows.c.boot == gap.boot)
        )


def kept(connection: Connection) -> list[Gap]:
    """What was being waited for."""
    found: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for row in connection.execute(select(_rows).order_by(_rows.c.first)):
        found.setdefault((row.device, row.boot), []).append((row.first, row.last))
    return [
        Gap(device=device, boot=boot, ranges=tuple(ranges))
        for (device, boot), ranges in found.items()
    ]


def heard(connection: Connection, gap: Gap) -> list[int]:
    """Which of the missing numbers are in the journal after all."""
    found: set[int] = set()
    for first, last in gap.ranges:
        rows = connection.execute(
            select(_journal.c.seq)
            .where(
                _journal.c.device == gap.device,
                _journal.c.boot == gap.boot,
                _journal.c.seq.between(first, last),
            )
            .limit(SEQS)
        )
        found.update(rows.scalars())
    return sorted(found)


def is_told(connection: Connection, gap: Gap, event_id: str) -> bool:
    """Whether that event says already that it is missing."""
    asked = select(_journal.c.number).where(
        _journal.c.device == gap.device, _journal.c.event_id == event_id
    )
    return connection.execute(asked.limit(1)).first() is not None


def highest(connection: Connection, device: str, boot: int, below: int) -> int | None:
    """The last number before that one which the journal knows of that boot."""
    asked = select(func.max(_journal.c.seq)).where(
        _journal.c.device == device, _journal.c.boot == boot, _journal.c.seq < below
    )
    return connection.execute(asked).scalar()


def recent(connection: Connection, since: datetime, limit: int) -> list[tuple[str, int, int]]:
    """(device, boot, seq) of what was journalled since then, in order; each chain's last rows."""
    found: list[tuple[datetime, str, int, int]] = []
    for gateway in distinct.names(connection, _journal.c.gateway):
        rows = connection.execute(
            select(_journal.c.received_at, _journal.c.device, _journal.c.boot, _journal.c.seq)
            .where(_journal.c.gateway == gateway)
            .order_by(_journal.c.number.desc())
            .limit(limit)
        )
        found += [
            (row.received_at, row.device, row.boot, row.seq)
            for row in rows
            if row.received_at >= since and row.boot is not None and row.seq is not None
        ]
    return [(device, boot, seq) for _, device, boot, seq in sorted(found)]
