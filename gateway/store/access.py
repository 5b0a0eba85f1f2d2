"""Access: who was given which still, and when. Written before the picture goes out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from gateway.store import schema

_rows = schema.evidence_access


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One time that somebody was given a still."""

    id: int = 0
    at: datetime
    who: str
    role: str
    sha256: str
    alarm: str
    gateway: str


def note(connection: Connection, one: Access) -> None:
    """Write it down."""
    row = {name: getattr(one, name) for name in Access.__dataclass_fields__ if name != "id"}
    connection.execute(insert(_rows).values(row))


def listed(
    connection: Connection, sha256: str, limit: int, before: int | None = None
) -> list[Access]:
    """Who was given that still, the newest first."""
    conditions = [_rows.c.sha256 == sha256]
    if before is not None:
        conditions.append(_rows.c.id < before)
    found = select(_rows).where(*conditions).order_by(_rows.c.id.desc()).limit(limit)
    return [
        Access(**{name: getattr(row, name) for name in Access.__dataclass_fields__})
        for row in connection.execute(found)
    ]
