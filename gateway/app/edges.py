"""The edges: where the parts touch the world; a simulation has a world of its own."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from adapters.devices.contract import Connection
from adapters.devices.mqtt.connection import Session
from adapters.receivers.contract import Forwarder
from gateway.app import configured
from gateway.settings import Receiver
from gateway.store.database import CountingDatabase, open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Who opens a database, speaks with a receiver, and holds a session with a broker."""

    database: Callable[[str], CountingDatabase] = open_database
    forwarder: Callable[[Receiver], Forwarder] = configured.forwarder
    session: Callable[..., Connection] = Session
    dice: Callable[[], random.Random] = random.Random
    """What spreads reconnections and second tries."""
    has_cameras: bool = True
    """Whether there are any in this world."""
    is_shared: Callable[[str], bool] = lambda dialect: dialect != "sqlite"
    """Whether other gateways may work on such a database."""


REAL = Edges()
