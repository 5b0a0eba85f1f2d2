"""Noted: which settings are others than at the last start, in the audit; their values never."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from gateway.clock import Clock
from gateway.domain.deed import Deed
from gateway.settings import Settings
from gateway.store import audit, audit_views, sealed
from gateway.store.audit import Audited
from gateway.store.audit_views import Sought
from gateway.store.database import Database, StoreError, Urgency

DIGEST = 8
"""Hex digits of a value's keyed digest: enough to see that it is another one."""
TOLD = 100
"""So many changed keys are named."""

log = structlog.get_logger()


async def settings(database: Database, config: Settings, clock: Clock) -> None:
    """Write down which settings have changed since this gateway last started, if any have."""
    key = sealed.key_from(config.keys.seal_file)
    now = {
        name: sealed.hashed(f"{name}={value}", key)[:DIGEST]
        for name, value in flat(config.model_dump(mode="json"))
    }
    gateway = config.gateway.name

    def transact(connection: Connection) -> None:
        sought = Sought(what=Deed.SETTINGS_CHANGED, key=gateway)
        before = next(iter(audit_views.listed(connection, sought, 1)), None)
        known: Any = {} if before is None else before.data.get("digests", {})
        if known == now:
            return
        changed = sorted(one for one in {*known, *now} if known.get(one) != now.get(one))
        data = {"of": len(changed), "digests": now}
        if before is not None:  # at the first start all of it is new, and nothing has changed
            data["changed"] = changed[:TOLD]
        deed = Audited(
            who=gateway,
            role="gateway",
            what=Deed.SETTINGS_CHANGED,
            key=gateway,
            data=data,
            gateway=gateway,
        )
        audit.note(connection, deed, clock.now())

    try:
        await database.write(transact, Urgency.EVENT)
    except StoreError as error:
        log.info("changed settings are not written down now", why=str(error))


def flat(said: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Every setting by its dotted key; of a list by the names in it, or by number."""
    for key, value in said.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for number, one in enumerate(value):
                yield from flat(one, f"{name}.{one.get('name') or number}.")
        else:
            yield name, msgspec.json.encode(value).decode()
