"""The verdict: the promise of the house, held against what a world did."""

import asyncio
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.store import chain
from gateway.store.journal import Head
from gateway.store.walk import Walk
from tests.simulation.ground import Ground
from tests.simulation.store import rows

_ALL = 1_000_000
NEXT_CHECK_IN_S = 40.0
"""A check-in that was late itself is set right by the next."""


async def broken(ground: Ground) -> list[str]:
    """The promises that were not kept, each as a sentence."""
    crowd, centre, look = ground.crowd, ground.centre, ground.disk.look
    cries = {press for press in crowd.pressed if look(lambda c, p=press: _raises(c, p))}  # type: ignore[misc]
    unheard = cries & crowd.receipted.keys() - centre.named.keys()
    if _unsaid(ground):
        await asyncio.sleep(NEXT_CHECK_IN_S)
    unsaid = _unsaid(ground)
    counts = [
        finding
        for one in ground.gateways
        if one.living is not None
        for finding in (await one.living.reckon.look()).findings()
    ]
    return [
        *(f"receipted but not stored: {press}" for press in crowd.broken),
        *(f"no receipt in the end: {press}" for press in crowd.waiting()),
        *(f"refused: {reason}" for reason in crowd.refused),
        *(f"receipted, the centre never heard: {press}" for press in unheard),
        *(
            f"two keys for {press}: {sorted(keys)}"
            for press, keys in centre.named.items()
            if is_doubled(keys, centre.cried)
        ),
        *(f"its case is open, and no alarm says so: {device}" for device in unsaid),
        *(f"out of order: {key}" for key in centre.disorder),
        *(f"another body under one key: {key}" for key in centre.altered),
        *(f"still owed: {row}" for row in look(owed)),
        *(f"the chain is broken: {fault}" for fault in look(_faults)),
        *(f"the counts differ: {finding}" for finding in counts),
    ]


def _unsaid(ground: Ground) -> list[str]:
    """Devices whose case is open while no alarm says so."""
    opened, look = ground.crowd.opened(), ground.disk.look
    return [device for device in opened if not look(lambda c, d=device: _shows(c, d))]  # type: ignore[misc]


def is_doubled(keys: AbstractSet[str], cried: AbstractSet[str]) -> bool:
    """Whether those are too many keys for one press.

    One that was cried unstored may be counted on another alarm, which was open, as well: under the
    key of a later notice (ADR 0052). A cry is always an alarm's first.
    """
    counted, apart = sorted(keys - cried), sorted(keys & cried)
    if not counted or not apart:
        return len(keys) > 1
    (alarm, _, number), (own, _, _) = counted[0].rpartition(":"), apart[0].rpartition(":")
    return len(keys) > 2 or int(number) == 1 or alarm == own


def owed(connection: Connection) -> list[tuple[object, ...]]:
    """What is still to be told to the centre."""
    waiting = rows(connection, "SELECT key, claimed_by FROM deliveries WHERE state = 'waiting'")
    return waiting + rows(connection, "SELECT id FROM alarms WHERE repeats_due_at IS NOT NULL")


def _raises(connection: Connection, press: tuple[str, str]) -> bool:
    """Whether it is the kind of event that the centre is told of."""
    kinds = "SELECT kind FROM journal_alarm WHERE device = '%s' AND event_id = '%s'" % press  # noqa: S608, UP031 - our own ids
    return any(
        str(kind).startswith(("panic.", "tamper.opened")) for (kind,) in rows(connection, kinds)
    )


def _shows(connection: Connection, device: str) -> bool:
    """Whether what it was last counted on says that its case is open, or was closed by a person."""
    sql = (
        "SELECT state, disposition FROM alarms WHERE kind = 'tamper.opened' AND device = '%s'"  # noqa: S608, UP031 - our own ids
        " ORDER BY last_at DESC LIMIT 1" % device
    )
    stands = ("UNACKNOWLEDGED", "ACKNOWLEDGED")
    return any(state in stands or how is not None for state, how in rows(connection, sql))


def _faults(connection: Connection) -> list[str]:
    found = []
    for lane in Lane:
        for gateway in chain.gateways(connection, lane):
            walk = Walk(gateway, lane, Head())
            lines = chain.page(connection, gateway, lane, 0, _ALL)
            if walk.take(lines) != len(lines):
                found.append(walk.fault(lines[walk.rows :]).says)
    return found
