"""Recent: the last events of a lane, so that a new life of a gateway knows what is stored."""

from sqlalchemy import Connection, select

from adapters.signal import Lane
from gateway.store import distinct, journal
from gateway.store.journal import Key, Known

_KNOWN = ("gateway", "number", "reuse", "digest", "received_at")


def events(connection: Connection, lane: Lane, limit: int) -> dict[Key, list[Known]]:
    """The last so many of each gateway's, by device and event id, the oldest first."""
    rows = journal.table(lane)
    columns = [rows.c.device, rows.c.event_id, *(rows.c[name] for name in _KNOWN)]
    found: dict[Key, list[Known]] = {}
    for gateway in distinct.names(connection, rows.c.gateway):
        mine = select(*columns).where(rows.c.gateway == gateway)
        last = mine.order_by(rows.c.number.desc()).limit(limit)
        for device, event_id, *facts in reversed(connection.execute(last).all()):
            known = Known(**dict(zip(_KNOWN, facts, strict=True)))
            found.setdefault((device, event_id), []).append(known)
    return found
