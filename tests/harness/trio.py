"""Three PostgreSQL servers: one that may be written to, and two that follow it; ANY 1 confirms."""

import asyncio
import shutil
import time
from collections.abc import Sequence

import asyncpg

from tests.harness import ports
from tests.harness.postgres import QUICK, Postgres

NAMES = ("pg1", "pg2", "pg3")
SYNCHRONOUS = f"ANY 1 ({', '.join(NAMES)})"
"""The same on all three, so that whoever is promoted waits for the others."""
_FOLLOWS_WITHIN_S = 20.0


class Trio:
    """`pg1` is the first primary; each can be killed, promoted, and made to follow again."""

    def __init__(self) -> None:
        self._ports = {name: ports.free() for name in NAMES}
        self.servers: dict[str, Postgres] = {}

    def start(self) -> None:
        """Make and start all three; returns when both standbys follow."""
        first, *others = NAMES
        self.servers[first] = primary = Postgres(QUICK, port=self._ports[first])
        self._configure(first)
        primary.start()
        for name in others:
            self._follow(name, first)
        self.wait_for_standbys(first, others)

    def remove(self) -> None:
        """Stop them and forget everything."""
        for server in self.servers.values():
            server.remove()

    def url(self, database: str) -> str:
        """As dabyl.toml writes it: all three, and whoever may be written to."""
        hosts = "&".join(f"host=127.0.0.1:{port}" for port in self._ports.values())
        return f"postgresql://postgres@/{database}?{hosts}&target_session_attrs=read-write"

    def new_database(self, of: str = NAMES[0]) -> str:
        """The url of a fresh database, as dabyl.toml writes it."""
        return self.url(self.servers[of].new_database().rpartition("/")[2])

    def one(self, name: str, database: str = "postgres") -> str:
        """The url of one server alone."""
        return f"postgresql://postgres@127.0.0.1:{self._ports[name]}/{database}"

    def ask(self, name: str, sql: str) -> object:
        """What one server answers."""

        async def asked() -> object:
            connection = await asyncpg.connect(self.one(name), timeout=5)
            try:
                return await connection.fetchval(sql)
            finally:
                await connection.close()

        return asyncio.run(asked())

    def promote(self, name: str) -> None:
        """By hand, without a look at anything."""
        self.ask(name, "SELECT pg_promote()")

    def rejoin(self, name: str, primary: str) -> None:
        """A fresh base backup in place of what that server held."""
        self.servers[name].stop()
        shutil.rmtree(self.servers[name].data)
        self._follow(name, primary)

    def wait_for_standbys(self, primary: str, names: Sequence[str]) -> None:
        """Returns when those confirm what the primary writes."""
        wanted = ", ".join(f"'{name}'" for name in names)
        sql = (
            f"SELECT count(*) FROM pg_stat_replication WHERE application_name IN ({wanted})"  # noqa: S608
            " AND state = 'streaming' AND sync_state = 'quorum'"
        )
        limit = time.monotonic() + _FOLLOWS_WITHIN_S
        while self.ask(primary, sql) != len(names):
            assert time.monotonic() < limit, f"{wanted} do not follow {primary}"
            time.sleep(0.05)

    def _follow(self, name: str, primary: str) -> None:
        found = self.servers.get(name) or Postgres(QUICK, port=self._ports[name], made=False)
        self.servers[name] = found
        slot = f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{name}' AND NOT active"  # noqa: S608, E501
        self.ask(primary, slot)
        found.run(
            *("pg_basebackup", f"--pgdata={found.data}", "--dbname", self.one(primary)),
            *("--write-recovery-conf", "--create-slot", f"--slot={name}"),
            *("--checkpoint=fast", "--no-sync"),
        )
        self._configure(name)
        found.start()

    def _configure(self, name: str) -> None:
        """In the file: a word on the command line would stand above ALTER SYSTEM."""
        hosts = ",".join("127.0.0.1" for _ in NAMES)
        all_ports = ",".join(str(port) for port in self._ports.values())
        following = (
            f"host={hosts} port={all_ports} user=postgres application_name={name}"
            " target_session_attrs=read-write connect_timeout=2"
        )
        with (self.servers[name].data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write(f"primary_conninfo = '{following}'\nprimary_slot_name = '{name}'\n")
        with (self.servers[name].data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"synchronous_standby_names = '{SYNCHRONOUS}'\n")
            file.write(f"cluster_name = '{name}'\n")
            file.write("wal_log_hints = on\nwal_retrieve_retry_interval = 500ms\n")
