"""Standbys: how a PostgreSQL primary stands among those that follow it, by its own word."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, text

from gateway.store import copies
from gateway.store.copies import Pledge

_ABOUT = text(
    copies.ASK + ", current_setting('cluster_name') AS own_name,"
    " pg_current_wal_flush_lsn()::text AS lsn,"
    " ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline"
)
_FOLLOWING = text(
    "SELECT application_name, state, sync_state, flush_lsn::text AS lsn,"
    " pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn) AS behind_bytes"
    " FROM pg_stat_replication ORDER BY application_name"
)
"""Without the right `pg_monitor` only the names are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """One that follows."""

    name: str
    state: str | None
    """`streaming` where all is well; None: we may not know."""
    sync_state: str | None
    """`sync` or `quorum`: commits may wait for it."""
    lsn: str | None
    behind_bytes: int | None

    @property
    def is_confirming(self) -> bool:
        """Whether it confirms commits, as far as we may know."""
        return self.state is None or (
            self.state == "streaming" and self.sync_state in {"sync", "quorum"}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The primary, what it promises, and who follows it."""

    pledge: Pledge
    own_name: str
    lsn: str
    """Up to where its own disk has it."""
    timeline: int
    standbys: tuple[Standby, ...]

    @property
    def wanted(self) -> tuple[str, ...]:
        """The standbys that it names, but for itself."""
        return tuple(one for one in copies.named(self.pledge.names) if one != self.own_name)

    @property
    def following(self) -> tuple[str, ...]:
        """Those that follow and confirm."""
        return tuple(one.name for one in self.standbys if one.is_confirming)

    @property
    def missing(self) -> tuple[str, ...]:
        """Those that are named and do not confirm."""
        return tuple(name for name in self.wanted if name not in self.following)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The primary as it was seen last."""

    at: datetime
    timeline: int
    copies: int
    """On how many machines a commit was; 1: what was receipted may be on the primary alone."""
    lsn: str
    """Up to where what was receipted reaches, at most."""


def standing(connection: Connection) -> Standing | None:
    """How the primary stands; None on SQLite, which stands alone by nature."""
    if connection.dialect.name == "sqlite":
        return None
    names, level, loaded_at, own_name, lsn, timeline = connection.execute(_ABOUT).one()
    return Standing(
        pledge=Pledge(names, level, loaded_at),
        own_name=own_name,
        lsn=lsn,
        timeline=timeline,
        standbys=tuple(
            Standby(
                name=row.application_name,
                state=row.state,
                sync_state=row.sync_state,
                lsn=row.lsn,
                behind_bytes=None if row.behind_bytes is None else int(row.behind_bytes),
            )
            for row in connection.execute(_FOLLOWING)
        ),
    )
