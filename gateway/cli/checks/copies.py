"""Checks of the standbys: whether a press is on as many machines as it should be."""

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.store import standbys
from gateway.store.database import Database
from gateway.store.standbys import Standing


async def all_of(database: Database, expected: int) -> list[Finding]:
    """Nothing to say where there are no standbys, and none are expected."""
    standing = await database.read(standbys.standing)
    if standing is None or (expected == 1 and not standing.wanted):
        return []
    return found(standing, expected)


def found(standing: Standing, expected: int) -> list[Finding]:
    """What is said of a primary that stands so."""
    machines = standing.pledge.machines
    if machines < expected:
        why = f"each press is on {machines} machine(s), [database] copies asks for {expected}"
        return [wrong("copies", f"{why}: `dabyl database status`")]
    if any(one.state is None for one in standing.standbys):
        return [weak("copies", "our role may not see how standbys stand: GRANT pg_monitor")]
    following, missing = ", ".join(standing.following), ", ".join(standing.missing)
    if missing:
        return [weak("copies", f"{missing} away; confirming: {following or 'nobody'}")]
    return [ok("copies", f"each press is on {machines} machines; confirming: {following}")]
