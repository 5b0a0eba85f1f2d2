"""Written down: what a person does at the command line stands in the audit like anything else."""

from collections.abc import Mapping

from sqlalchemy import Connection

from gateway.cli import staffed
from gateway.clock import SystemClock
from gateway.domain.deed import Deed
from gateway.settings import Settings
from gateway.store import audit


def note(
    connection: Connection, settings: Settings, what: Deed, key: str, data: Mapping[str, object]
) -> None:
    """Write it down as the deed of who types, in the transaction of the deed."""
    deed = audit.by(staffed.operator(), what, key, data, gateway=settings.gateway.name)
    audit.note(connection, deed, SystemClock().now())
