"""Recent: the last events of a lane, so that a new life of a gateway knows what is stored."""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, func, select

from adapters.signal import Lane
from gateway.store import journal
from gateway.store.journal import Key, Known

_KNOWN = ("gateway", "number", "reuse", "digest", "received_at")


def events(connection: Connection, lane: Lane, limit: int) -> dict[Key, list[Known]]:
    """The last so many of each gateway's, by device and event id, the oldest first."""
    rows = journal.table(lane)
    columns = [rows.c.device, rows.c.event_id, *(rows.c[name] for name in _KNOWN)]
    found: dict[Key, list[Known]] = {}
    for gateway in _gateways(connection, rows):
        mine = select(*columns).where(rows.c.gateway == gateway)
        last = mine.order_by(rows.c.number.desc()).limit(limit)
        for device, event_id, *facts in reversed(connection.execute(last).all()):
            known = Known(**dict(zip(_KNOWN, facts, strict=True)))
            found.setdefault((device, event_id), []).append(known)
    return found


def _gateways(connection: Connection, rows: Table) -> Iterator[str]:
    """Each name by one step in the index: a DISTINCT would walk through all rows."""
    name = ""
    while True:
        name = connection.execute(
            select(func.min(rows.c.gateway)).where(rows.c.gateway > name)
        ).scalar_one()
        if name is None:
            return
        yield name
