"""The proofs, listed by hand, in the order in which they run."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from tests.prove import kill
from tests.prove.found import Found, Ground

MINUTE = 60.0


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

    @property
    def key(self) -> str:
        """How the command line and the files call it."""
        return f"{self.name}-{self.database}" if self.database else self.name


def _on_both(
    name: str, says: str, prove: Callable[[Ground], Awaitable[Found]], within_s: float
) -> Iterator[Proof]:
    for database in ("sqlite", "postgresql"):
        yield Proof(name=name, database=database, says=says, prove=prove, within_s=within_s)


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
