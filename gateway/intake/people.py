"""People: how many are inside each site, counted on by a batch's passages."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gateway.domain import occupancy
from gateway.domain.event import Event
from gateway.store import locks, occupancies


def count(connection: Connection, events: Sequence[Event], time_zone: str) -> None:
    """Count them, in order; one read and one write for the whole batch."""
    passing = [
        (event.place.site.id, event)
        for event in events
        if event.place.site is not None and event.kind.name in occupancy.COUNTED
    ]
    if not passing:
        return
    zone = ZoneInfo(time_zone)
    sites = sorted({site for site, _ in passing})
    locks.hold(connection, "site", sites)  # another gateway may count there at the same time
    counts = occupancies.of_sites(connection, sites)
    touched = {}
    for site, event in passing:
        after = occupancy.counted(counts.get(site), site, event, zone)
        if after is not None:
            counts[site] = touched[site] = after
    if touched:
        occupancies.save(connection, [touched[site] for site in sorted(touched)])
