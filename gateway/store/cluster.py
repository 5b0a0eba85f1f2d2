"""Cluster: the servers of one database, each asked by itself; and what is done to them in need.

What may be done is decided in promotion.py; here it is asked and carried out, over SQL.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.engine import make_url

from gateway.store.errors import WrongDatabase
from gateway.store.reach import AWAY, Reach, Server

ASK_WITHIN_S = 5.0
PROMOTE_WITHIN_S = 60
SETTLE_S = 5.0
PAUSE_S = 0.1


class Role(StrEnum):
    """What a server is."""

    PRIMARY = "primary"
    STANDBY = "standby"
    AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """One that follows a primary, as the primary says."""

    name: str
    state: str | None
    sync_state: str | None
    behind_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One server, as it answered."""

    server: Server
    role: Role
    why: str = ""
    """Why it is away."""
    name: str = ""
    """Its `cluster_name`, which is also how it follows."""
    timeline: int = 0
    lsn: str = "0/0"
    """How far its own disk has the log."""
    names: str = ""
    """Its `synchronous_standby_names`."""
    receives: str = ""
    """Of a standby: whether it receives; `streaming` where all is well."""
    last_at: datetime | None = None
    """Of a standby: when the last transaction it has was committed."""
    following: tuple[Following, ...] = field(default=())

    @property
    def label(self) -> str:
        """How it is called for a person."""
        return f"{self.name} ({self.server})" if self.name else str(self.server)


class Cluster:
    """The servers of a database url, asked as whoever may do such things."""

    def __init__(self, url: str) -> None:
        """With the url of one who may (`[database] admin_user`).

        Raises:
            WrongDatabase: it is SQLite, which has no servers.
        """
        parsed = make_url(url)
        if parsed.get_backend_name() != "postgresql":
            raise WrongDatabase("the database is SQLite: one file, no standbys")
        self._reach = Reach(parsed)

    async def members(self) -> list[Member]:
        """Every server, in the order of the url, asked side by side."""
        return list(await asyncio.gather(*map(self._member, self._reach.servers)))

    async def promote(self, server: Server, slots: tuple[str, ...]) -> list[str]:
        """Make it the primary, with a slot for each that shall follow it; what did not succeed.

        Raises:
            WrongDatabase: it is not the primary.
        """
        connection = await self._reach.to(server, PROMOTE_WITHIN_S + ASK_WITHIN_S)
        try:
            if not await connection.fetchval("SELECT pg_promote(true, $1)", PROMOTE_WITHIN_S):
                raise WrongDatabase(
                    f"{server} is not promoted after {PROMOTE_WITHIN_S} s, and may be yet;"
                    " `dabyl database status` shows it"
                )
            return [why for slot in slots if (why := await _make_slot(connection, slot))]
        finally:
            connection.terminate()

    async def wait_for_nobody(self, server: Server) -> None:
        """Commits there wait for no standby any more; those that do are let go.

        Raises:
            WrongDatabase: it did not take effect.
        """
        await self._set_names(server, "")

    async def wait_again(self, server: Server, else_names: str) -> str:
        """Commits there wait as its file says, or for those names where it says nothing."""
        connection = await self._reach.to(server, ASK_WITHIN_S)
        try:
            await connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            await connection.execute("SELECT pg_reload_conf()")
        finally:
            connection.terminate()
        await asyncio.sleep(PAUSE_S)
        found = (await self._member(server)).names
        if not found.strip():
            await self._set_names(server, else_names)
            return else_names
        return found

    async def _set_names(self, server: Server, names: str) -> None:
        connection = await self._reach.to(server, ASK_WITHIN_S)
        try:
            quoted = names.replace("'", "''")
            await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{quoted}'")
            await connection.execute("SELECT pg_reload_conf()")
        finally:
            connection.terminate()
        deadline = asyncio.get_running_loop().time() + SETTLE_S
        while (await self._member(server)).names != names:
            if asyncio.get_running_loop().time() > deadline:
                raise WrongDatabase(
                    f"{server} did not take synchronous_standby_names = '{names}'; look whether"
                    " its command line or another file sets it"
                )
            await asyncio.sleep(PAUSE_S)

    async def _member(self, server: Server) -> Member:
        try:
            connection = await self._reach.to(server, ASK_WITHIN_S)
        except AWAY as error:
            said = (str(error) or type(error).__name__).splitlines()[0][:100]
            return Member(server=server, role=Role.AWAY, why=said)
        try:
            about = dict(await connection.fetchrow(_ABOUT))
            is_standby = about.pop("is_standby")
            if is_standby:
                more = dict(await connection.fetchrow(_STANDBY))
                return Member(server=server, role=Role.STANDBY, **about, **more)
            more = dict(await connection.fetchrow(_PRIMARY))
            following = tuple(Following(**dict(row)) for row in await connection.fetch(_FOLLOWING))
            return Member(server=server, role=Role.PRIMARY, following=following, **about, **more)
        except AWAY as error:
            return Member(server=server, role=Role.AWAY, why=str(error)[:100])
        finally:
            connection.terminate()


async def _make_slot(connection: Any, slot: str) -> str:  # noqa: ANN401 - asyncpg has no types
    """A place from which it can go on; one that holds nothing any more is made anew."""
    try:
        await connection.execute(_DROP_SPENT, slot)
        await connection.execute(_MAKE_SLOT, slot)
    except AWAY as error:
        return f"no slot for {slot}: {error}"
    return ""


_DROP_SPENT = """
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
WHERE slot_name = $1 AND NOT active AND restart_lsn IS NULL
"""
_MAKE_SLOT = """
SELECT pg_create_physical_replication_slot($1, true)
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)
"""
_ABOUT = """
SELECT pg_is_in_recovery() AS is_standby, current_setting('cluster_name') AS name,
       current_setting('synchronous_standby_names') AS names
"""
_PRIMARY = """
SELECT pg_current_wal_flush_lsn()::text AS lsn,
       ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline
"""
# What is replayed was received; after a restart only the one of the two is known. Its timeline is
# in the control file only after a checkpoint, but what it received lies in files that bear it.
_STANDBY = """
SELECT GREATEST(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text AS lsn,
       GREATEST((SELECT received_tli FROM pg_stat_wal_receiver),
                (SELECT timeline_id FROM pg_control_checkpoint()),
                (SELECT max(('x' || left(name, 8))::bit(32)::int) FROM pg_ls_waldir()
                 WHERE name ~ '^[0-9A-F]{24}$')) AS timeline,
       COALESCE((SELECT status FROM pg_stat_wal_receiver), 'nothing') AS receives,
       pg_last_xact_replay_timestamp() AS last_at
"""
_FOLLOWING = """
SELECT application_name AS name, state, sync_state,
       pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn)::bigint AS behind_bytes
FROM pg_stat_replication ORDER BY application_name
"""
