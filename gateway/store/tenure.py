"""Tenure: a gateway's name has one live holder; at its death system or server ends it."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.engine import make_url

from gateway.clock import Clock
from gateway.store.errors import NameLost, StoreDown, WrongDatabase
from gateway.store.reach import AWAY, Reach

PATIENCE_S = 5.0
"""A server needs a moment to notice that a killed holder is gone."""
PATIENCE_AGAIN_S = 20.0
"""For a name that was ours: longer than a server takes to notice any dead connection."""
ASK_EVERY_S = 0.2
LOOK_EVERY_S = 1.0
ANSWER_WITHIN_S = 3.0
RECONNECT_S = 0.5

_TAKE = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"
_END_OURS = """
SELECT pg_terminate_backend(held.pid)
FROM pg_locks AS held JOIN pg_stat_activity AS life USING (pid)
WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
  AND ((held.classid::bigint << 32) | held.objid::bigint) = hashtextextended($1, 0)
  AND held.pid = $2 AND life.backend_start = $3
"""
"""Of the server's processes that one which served our own former connection, if it holds the name:
it may not have noticed yet that the line was cut."""
_LIFE = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Tenure:
    """Our hold on our name."""

    name: str
    clock: Clock
    is_held: bool = True
    """False while the line to the server is cut; nothing can be stored then either."""
    _reach: Reach | None = None
    """None: a file holds it, and cannot lose it."""
    _connection: Any = None
    _life: tuple[Any, ...] = field(default=())

    async def keep(self) -> None:
        """Notice within seconds that it was lost, and take it again; until cancelled.

        Raises:
            NameLost: another live gateway has taken it meanwhile.
        """
        if self._reach is None:
            await asyncio.Event().wait()
            return
        while True:
            await self.clock.sleep(LOOK_EVERY_S)
            try:
                await self._connection.fetchval("SELECT 1", timeout=ANSWER_WITHIN_S)
            except AWAY as error:
                self.is_held = False
                log.warning("the hold on our name was cut", gateway=self.name, why=str(error))
                self._connection.terminate()
                await self._again(self._reach)
                log.info("our name is held again", gateway=self.name)

    async def _again(self, reach: Reach) -> None:
        """Wherever the server is now, however long that takes; but not against a living holder."""
        former, taken_since = self._life, None
        reach.forget()
        while True:
            try:
                if await self._take(reach):
                    self.is_held = True
                    return
                await self._connection.execute(_END_OURS, self._title, *former)
                await self._let_go()
                now = self.clock.monotonic()
                taken_since = now if taken_since is None else taken_since
                if now - taken_since > PATIENCE_AGAIN_S:
                    raise NameLost(
                        f"another gateway named {self.name!r} has taken this one's place:"
                        " this one stops; give one of them another [gateway] name"
                    )
            except AWAY as error:
                taken_since = None
                log.debug("the name waits for the store", why=str(error))
            await self.clock.sleep(RECONNECT_S)

    async def _take(self, reach: Reach) -> bool:
        """Connect, and take it if it is free."""
        self._connection = await reach.connect(
            ANSWER_WITHIN_S, {"application_name": self._title[:63]}
        )
        self._life = tuple(await self._connection.fetchrow(_LIFE))
        return bool(await self._connection.fetchval(_TAKE, self._title))

    async def _first(self, reach: Reach) -> None:
        """At the start: a living holder is told from a dead one by a little patience."""
        is_taken = await self._take(reach)
        deadline = self.clock.monotonic() + PATIENCE_S
        while not is_taken:
            if self.clock.monotonic() > deadline:
                await self._let_go()
                raise _taken(self.name)
            await self.clock.sleep(ASK_EVERY_S)
            is_taken = await self._connection.fetchval(_TAKE, self._title)

    async def _let_go(self) -> None:
        with contextlib.suppress(*AWAY):
            await self._connection.close(timeout=1)

    @property
    def _title(self) -> str:
        return f"dabyl gateway {self.name}"


@contextlib.asynccontextmanager
async def hold(url: str, name: str, clock: Clock) -> AsyncIterator[Tenure]:
    """Hold that name while the block runs; `keep` of what it gives must run beside.

    Raises:
        WrongDatabase: another live gateway holds it.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with _file_lock(Path(f"{parsed.database}.{name}.lock"), name):
            yield Tenure(name=name, clock=clock)
        return
    reach = Reach(parsed)
    tenure = Tenure(name=name, clock=clock, _reach=reach)
    await tenure._first(reach)  # noqa: SLF001 - the way in is here, beside it
    try:
        yield tenure
    finally:
        await tenure._let_go()  # noqa: SLF001 - and the way out


async def is_held(url: str, name: str) -> bool:
    """Whether a gateway of that name runs on this database now; it is not disturbed.

    Raises:
        StoreDown: the database does not answer.
    """
    parsed = make_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            return _is_file_locked(Path(f"{parsed.database}.{name}.lock"))
        connection = await Reach(parsed).connect(ANSWER_WITHIN_S)
        try:
            return bool(await connection.fetchval(_HELD, f"dabyl gateway {name}"))
        finally:
            connection.terminate()
    except AWAY as error:
        raise StoreDown(str(error)) from None


_HELD = """
SELECT EXISTS (
  SELECT FROM pg_locks
  WHERE locktype = 'advisory' AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0)
)
"""
"""A look at the locks, and none taken: a gateway that starts meanwhile is not refused."""


def _is_file_locked(file: Path) -> bool:
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # Shared, and for an instant: a gateway that starts in it is refused, and starts again.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def _file_lock(file: Path, name: str) -> Iterator[None]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _taken(name) from None
        yield
    finally:
        os.close(descriptor)


def _taken(name: str) -> WrongDatabase:
    return WrongDatabase(
        f"another gateway named {name!r} is running on this database;"
        " stop it, or give this one its own [gateway] name"
    )
