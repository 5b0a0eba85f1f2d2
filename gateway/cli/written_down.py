"""Written down: what a person does at the command line stands in the audit like anything else."""

import asyncio
from collections.abc import Mapping

from sqlalchemy import Connection

from gateway.cli import opened, staffed
from gateway.clock import SystemClock
from gateway.domain.deed import Deed
from gateway.settings import Settings
from gateway.store import audit, audit_views
from gateway.store.audit_views import Sought
from gateway.store.database import StoreDown, StoreError, Urgency

WITHIN_S = 15.0
"""A standby that was promoted takes nothing before another follows it: some seconds, or never."""
PAUSE_S = 0.5


def note(
    connection: Connection, settings: Settings, what: Deed, key: str, data: Mapping[str, object]
) -> None:
    """Write it down as the deed of who types, in the transaction of the deed."""
    deed = audit.by(staffed.operator(), what, key, data, gateway=settings.gateway.name)
    audit.note(connection, deed, SystemClock().now())


async def afterwards(settings: Settings, what: Deed, key: str, data: Mapping[str, object]) -> str:
    """Write down what is done already, for before it nothing could be written; else why not.

    `data.done_at` says when it was done. Once, also where a commit ended nobody knows how.
    """
    done_at = SystemClock().now().isoformat()

    def transact(connection: Connection) -> None:
        last = audit_views.listed(connection, Sought(what=what, key=key), 1)
        if not last or last[0].data.get("done_at") != done_at:
            note(connection, settings, what, key, {**data, "done_at": done_at})

    why = "no commit ends there"
    try:
        async with opened.database(settings) as database, asyncio.timeout(WITHIN_S):
            while True:
                try:
                    await database.write(transact, Urgency.STEP)
                except StoreDown as error:
                    why = str(error)
                else:
                    return ""
                await asyncio.sleep(PAUSE_S)
    except TimeoutError:
        return why
    except StoreError as error:
        return str(error)
