"""Reach: connections to the one PostgreSQL server that may be written to, wherever it is now.

asyncpg knows several hosts, but asks one after the other within one time limit, so that a silent
first host hides a living second; and of an URL that names `host` twice it reads the last only. And
it cannot know an old primary that came back: that one still says that it may be written to. So the
servers are asked side by side, and of two that may be written to, the one on the higher timeline is
the primary: PostgreSQL begins a new timeline at each promotion. A timeline below one that this
process has seen is never written to.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy.engine import URL

from gateway.store.errors import WrongDatabase

CONNECT_WITHIN_S = 3.0
LOOK_WITHIN_S = 1.5
"""How long the others are waited for once one has said that it may be written to."""
DEFAULT_PORT = 5432
SESSION = {
    # The server finds out within seconds that a gateway is gone, and gives its locks to others.
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "7000",
    "client_connection_check_interval": "2000",
}
_OURS = {"host", "port", "target_session_attrs"}
_WRITABLE = {"read-write", "primary"}
_STATE = """
SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),
       CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_walfile_name(pg_current_wal_lsn()) END
"""
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""However a server says that it is not there, or not the one that may be written to."""


class Nowhere(ConnectionError):
    """No server may be written to now; the sentence says what each answers."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens; an address that begins with a slash is a socket's folder."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a server says of itself."""

    why_not: str | None
    """Why it may not be written to; None: it may."""
    timeline: int


class Reach:
    """Knows the servers of an URL, and which of them is the primary."""

    def __init__(self, url: URL) -> None:
        """Of a settings URL, with one server or several.

        Raises:
            WrongDatabase: the URL asks for a server that need not be writable, or has a bad port.
        """
        self.servers = _servers(url)
        self._dsn = _without_servers(url)
        self._known: Server | None = None
        self._timeline = 0
        self._looking = asyncio.Lock()
        self._vain: tuple[float, str] = (0.0, "")
        """When a search ended without a primary, and what was said."""

    async def connect(
        self, command_timeout_s: float = 10.0, settings: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - asyncpg has no types
        """A connection to the primary.

        Raises:
            Nowhere, or what asyncpg raises: there is none now.
        """
        known = self._known
        if known is not None:
            try:
                return await self._take(known, command_timeout_s, settings)
            except AWAY:
                self.forget()
        return await self._take(await self._find(), command_timeout_s, settings)

    async def _find(self) -> Server:
        """One search for all that ask meanwhile: a dozen connections are made anew at once."""
        asked_at = asyncio.get_running_loop().time()
        async with self._looking:
            if self._known is None:
                if self._vain[0] > asked_at:
                    raise Nowhere(self._vain[1])
                try:
                    self._known = await self._look()
                except Nowhere as error:
                    self._vain = (asyncio.get_running_loop().time(), str(error))
                    raise
            return self._known

    async def to(self, server: Server, command_timeout_s: float = 10.0) -> Any:  # noqa: ANN401
        """A connection to that server, whatever it is."""
        return await self._open(server, command_timeout_s, None)

    def forget(self) -> None:
        """Something failed there: look again for the primary at the next connection."""
        if len(self.servers) > 1:
            self._known = None

    async def _open(
        self, server: Server, command_timeout_s: float, settings: Mapping[str, str] | None
    ) -> Any:  # noqa: ANN401
        return await asyncpg.connect(
            self._dsn,
            host=server.host,
            port=server.port,
            timeout=CONNECT_WITHIN_S,
            command_timeout=command_timeout_s,
            server_settings={"application_name": "dabyl", **SESSION, **(settings or {})},
        )

    async def _take(
        self, server: Server, command_timeout_s: float, settings: Mapping[str, str] | None
    ) -> Any:  # noqa: ANN401
        connection = await self._open(server, command_timeout_s, settings)
        try:
            standing = await self._asked(connection)
        except BaseException:
            connection.terminate()
            raise
        if standing.why_not is not None:
            connection.terminate()
            raise Nowhere(f"{server} {standing.why_not}")
        self._timeline = max(self._timeline, standing.timeline)
        return connection

    async def _look(self) -> Server:
        """The server that may be written to; of several, the one on the highest timeline."""
        if len(self.servers) == 1:
            return self.servers[0]
        asking = {asyncio.ensure_future(self._standing(one)): one for one in self.servers}
        try:
            await _answered(set(asking))
        finally:
            for task in asking:
                task.cancel()
        answers = {
            one: task.result() if task.done() and not task.cancelled() else _SILENT
            for task, one in asking.items()
        }
        able = [one for one in self.servers if answers[one].why_not is None]
        if not able:
            said = "; ".join(f"{one} {answers[one].why_not}" for one in self.servers)
            raise Nowhere(f"no server may be written to: {said}")
        return max(able, key=lambda one: answers[one].timeline)

    async def _standing(self, server: Server) -> _Standing:
        try:
            connection = await self._open(server, CONNECT_WITHIN_S, None)
        except AWAY as error:
            return _Standing(f"does not answer ({_said(error)})", 0)
        try:
            return await self._asked(connection)
        except AWAY as error:
            return _Standing(f"does not answer ({_said(error)})", 0)
        finally:
            connection.terminate()

    async def _asked(self, connection: Any) -> _Standing:  # noqa: ANN401
        is_standby, read_only, file = await connection.fetchrow(_STATE)
        if is_standby:
            return _Standing("is a standby", 0)
        timeline = int(file[:8], 16)
        if timeline < self._timeline:
            why = f"is an old primary (timeline {timeline}, there is {self._timeline}): fence it"
            return _Standing(why, timeline)
        return _Standing("is set to read only" if read_only == "on" else None, timeline)


_SILENT = _Standing("does not answer (timeout)", 0)


async def _answered(asking: "set[asyncio.Future[_Standing]]") -> None:
    """Until all have answered; but not for long once one of them may be written to."""
    waiting, within_s = asking, CONNECT_WITHIN_S * 2
    while waiting:
        done, waiting = await asyncio.wait(
            waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            return
        if any(task.result().why_not is None for task in done):
            within_s = LOOK_WITHIN_S


def _servers(url: URL) -> tuple[Server, ...]:
    attributes = _texts(url, "target_session_attrs")
    if attributes and attributes[-1] not in _WRITABLE:
        raise WrongDatabase(
            f"target_session_attrs={attributes[-1]}: a gateway writes; leave it out, or read-write"
        )
    hosts, ports = _texts(url, "host"), _texts(url, "port")
    if not hosts:
        return (Server(url.host or "127.0.0.1", url.port or DEFAULT_PORT),)
    return tuple(_server(host, _port_at(number, ports, url)) for number, host in enumerate(hosts))


def _port_at(number: int, ports: Sequence[str], url: URL) -> str:
    if not ports:
        return str(url.port or DEFAULT_PORT)
    return ports[number] if number < len(ports) else ports[-1]


def _server(text: str, default_port: str) -> Server:
    host, port = text, default_port
    if not text.startswith("/"):
        bare, colon, given = text.rpartition(":")
        if colon and (bare.endswith("]") or ":" not in bare):
            host, port = bare.strip("[]"), given
    if not port.isdigit():
        raise WrongDatabase(f"the database url has a port that is no number: {text}")
    return Server(host, int(port))


def _texts(url: URL, name: str) -> list[str]:
    found = url.query.get(name, ())
    together = [found] if isinstance(found, str) else list(found)
    return [one for text in together for one in text.split(",") if one]


def _without_servers(url: URL) -> str:
    query = {key: value for key, value in url.query.items() if key not in _OURS}
    if "ssl" in query:  # as SQLAlchemy's own driver calls it
        query["sslmode"] = query.pop("ssl")
    plain = url.set(drivername="postgresql", host=None, port=None, query=query)
    return plain.render_as_string(hide_password=False)


def _said(error: BaseException) -> str:
    with contextlib.suppress(IndexError):
        return str(error).splitlines()[0][:120]
    return type(error).__name__
