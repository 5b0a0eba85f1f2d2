"""The proofs, listed by hand, in the order in which they run."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.prove import (
    away,
    cameras,
    clients,
    day,
    disk,
    flood,
    garbage,
    garbage_line,
    kill,
    others,
    reboot,
    shift,
    store,
)
from tests.prove.found import Found, Ground

MINUTE = 60.0
SEEDS, SEEDS_AT_ONCE = 100_000, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One proof on one database."""

    name: str
    database: str
    """`sqlite` or `postgresql`; empty where it has none, or its own."""
    says: str
    """What is done, as a heading."""
    prove: Callable[[Ground], Awaitable[Found]]
    within_s: float
    """The long form is ended after so long."""
    part: int = 0
    """Which one, of a proof of many hours: each is kept, and none is run twice."""

    @property
    def key(self) -> str:
        """How the command line and the files call it."""
        words = (self.name, self.database, f"{self.part:02}" if self.part else "")
        return "-".join(word for word in words if word)


def _on_both(
    name: str, says: str, prove: Callable[[Ground], Awaitable[Found]], within_s: float
) -> Iterator[Proof]:
    for database in ("sqlite", "postgresql"):
        yield Proof(name=name, database=database, says=says, prove=prove, within_s=within_s)


def _one(
    name: str,
    says: str,
    prove: Callable[[Ground], Awaitable[Found]],
    within_s: float,
    database: str = "",
) -> Proof:
    return Proof(name=name, database=database, says=says, prove=prove, within_s=within_s)


def _in_parts() -> Iterator[Proof]:
    for part in range(1, SEEDS // SEEDS_AT_ONCE + 1):
        first = 1 + (part - 1) * SEEDS_AT_ONCE
        yield Proof(
            name="simulation",
            database="",
            says=f"Simulated worlds, seeds {first:,} to {first + SEEDS_AT_ONCE - 1:,}",
            prove=partial(others.simulation, first=first, seeds=SEEDS_AT_ONCE),
            within_s=120 * MINUTE,
            part=part,
        )


PROOFS: tuple[Proof, ...] = (
    *_on_both(
        "kill",
        "The gateway is killed at random moments, under 20 presses and 200 passages a second",
        kill.at_any_moment,
        40 * MINUTE,
    ),
    *_on_both(
        "points",
        "The gateway is killed between any two steps of a press's road",
        kill.at_each_point,
        40 * MINUTE,
    ),
    *_on_both(
        "flood", "One device presses 20,000 times a second, for a minute", flood.prove, 15 * MINUTE
    ),
    *_on_both(
        "garbage",
        "A million hostile payloads through decoder, bus, intake and store",
        garbage.prove,
        120 * MINUTE,
    ),
    *_on_both(
        "garbage-line",
        "A hundred thousand hostile messages over MQTT, while people press",
        garbage_line.prove,
        30 * MINUTE,
    ),
    *_on_both(
        "clients", "Ten thousand buttons connect and press at once", clients.plain, 15 * MINUTE
    ),
    _one(
        "clients-tls",
        "Two thousand buttons connect and press at once, with TLS, at the broker as deployed",
        clients.sealed,
        15 * MINUTE,
    ),
    _one("disk-full", "The disk (8 MB) is full, and freed again", disk.full, 15 * MINUTE),
    _one("disk-read-only", "The file system turns read-only", disk.read_only, 15 * MINUTE),
    *_on_both("lock", "Somebody locks the store for a minute", store.locked, 15 * MINUTE),
    *_on_both("import", "16,000 devices are imported", store.imported, 15 * MINUTE),
    _one(
        "database-killed",
        "PostgreSQL is killed and started again",
        store.killed,
        30 * MINUTE,
        "postgresql",
    ),
    *_on_both("day", "Six busy school days in an hour", day.prove, 75 * MINUTE),
    _one(
        "shift",
        "As many alarms as eight hours bring pass over one console",
        shift.prove,
        60 * MINUTE,
    ),
    _one(
        "away",
        "Consoles are hidden, offline and asleep for an hour, and return",
        away.prove,
        90 * MINUTE,
    ),
    _one(
        "t2",
        "Two gateways, two brokers, a database pair: something breaks every ten seconds",
        others.two_gateways,
        40 * MINUTE,
    ),
    _one(
        "cameras-failing",
        "A thousand failures of cameras, of every sort, beside cameras that work",
        cameras.failing,
        60 * MINUTE,
    ),
    *_on_both(
        "cameras-reboot",
        "A thousand cameras lose their power at once, and come back at once",
        reboot.at_once,
        30 * MINUTE,
    ),
    *_in_parts(),
)


def chosen(only: list[str]) -> list[Proof]:
    """Those whose name or key is asked for; all where nothing is.

    Raises:
        KeyError: a name that no proof has.
    """
    known = {word for proof in PROOFS for word in (proof.name, proof.key)}
    for word in only:
        if word not in known:
            raise KeyError(word)
    return [proof for proof in PROOFS if not only or {proof.name, proof.key} & {*only}]
