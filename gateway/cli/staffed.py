"""The desk as a person at the command line has it: straight on the database, with his own name."""

import getpass

from gateway.clock import SystemClock
from gateway.desk import Desk
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator, Role
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver, Route
from gateway.domain.telling import Teller
from gateway.settings import Settings
from gateway.store import sites
from gateway.store.database import Database


def operator() -> Operator:
    """Who types, by the name that the system knows; he may do what a supervisor may."""
    return Operator(name=f"cli:{getpass.getuser()}", role=Role.SUPERVISOR)


async def desk(settings: Settings, database: Database) -> Desk:
    """A desk that writes what is owed, and leaves the sending to a gateway."""
    registry = await database.read(sites.registry)
    return Desk(
        database=database,
        teller=teller(settings),
        presence=Presence(),
        registry=lambda: registry,
        clock=SystemClock(),
    )


def teller(settings: Settings) -> Teller:
    """Whom the settings say must be told, of what."""
    return Teller(
        installation=settings.installation.id,
        gateway=settings.gateway.name,
        receivers=tuple(
            Receiver(name=one.name, authority=one.authority) for one in settings.receiver
        ),
        routes=tuple(
            Route(
                receiver=one.receiver,
                priorities=tuple(Priority(number) for number in one.priorities),
                kinds=one.kinds,
                sites=one.sites,
                districts=one.districts,
            )
            for one in settings.route
        ),
        base_url=settings.http.base_url,
        sent_by_us=False,
        called=settings.escalation.receiver,
    )
