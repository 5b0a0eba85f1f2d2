"""All devices of one simulation, joined with their lines to the brokers."""

import asyncio
import resource
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulators.lines import Hub, OwnLine
from simulators.mqtt import Broker, Connection, Identity
from simulators.stage import Actor, Machine, Stage

SPARE_FILES = 200


class TooManyConnections(Exception):
    """The system allows fewer open connections than the devices need."""

    def __init__(self, wanted: int, allowed: int) -> None:
        super().__init__(
            f"{wanted} connections are needed, {allowed} files may be open:"
            " raise `ulimit -n`, or use --shared-connection"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How devices reach the gateway: the brokers they know, and with whose connection."""

    brokers: tuple[Broker, ...]
    password: str | None = None
    passwords: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False

    def password_of(self, device: str) -> str | None:
        """A device's own password, or the one for all."""
        return self.passwords.get(device, self.password)


class Cast:
    """The devices on a stage."""

    def __init__(self, stage: Stage, way: Way) -> None:
        self.stage = stage
        self.actors: dict[str, Actor] = {}
        self._way = way
        name = f"simulator-{uuid.uuid4().hex[:8]}"
        self._hubs = [
            Hub(broker, number, f"{name}-{number}")
            for number, broker in enumerate(way.brokers)
            if way.shared
        ]
        self._connections: list[Connection] = [hub.connection for hub in self._hubs]

    def add(self, device: str, machine: Machine, *, brokers: int) -> Actor:
        """Put a device on the stage, with a line to each broker that it knows."""
        actor = Actor(device, machine, self.stage)
        self.actors[device] = actor
        if self._way.shared:
            actor.lines = [hub.line(device, actor) for hub in self._hubs[:brokers]]
            return actor
        identity = Identity(device, self._way.password_of(device))
        known = enumerate(self._way.brokers[:brokers])
        own = [OwnLine(broker, number, identity, actor) for number, broker in known]
        actor.lines = [*own]
        self._connections += [line.connection for line in own]
        return actor

    def allow_files(self) -> None:
        """Raise this process's limit on open files as far as the connections need it.

        Raises:
            TooManyConnections: the system does not allow so many.
        """
        allow_files(len(self._connections) + SPARE_FILES)

    async def run(self) -> None:
        """Let all of them live, for ever; ends by cancelling."""
        async with asyncio.TaskGroup() as lives:
            lives.create_task(self.stage.run())
            for connection in self._connections:
                lives.create_task(connection.run())

    def connected(self) -> int:
        """Count the connections that are up."""
        return sum(connection.up for connection in self._connections)

    def connections(self) -> int:
        """Count all connections."""
        return len(self._connections)

    def dropped(self) -> int:
        """Count the messages that could not leave and were left to the devices' repeats."""
        return sum(connection.dropped for connection in self._connections)


def draw_id() -> str:
    """Draw an event id: 122 random bits."""
    return uuid.uuid4().hex


def allow_files(wanted: int) -> None:
    """Raise this process's limit on open files, if it is lower.

    Raises:
        TooManyConnections: the system does not allow so many.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise TooManyConnections(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
