"""Knots: small calls back that tie one part to another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway import operate
from gateway.attest import best
from gateway.clock import Clock
from gateway.forward import Forward
from gateway.store import sayings
from gateway.store.commands import Command
from gateway.store.outbox import Delivery

LATELY_S = 0.25


@dataclass(slots=True, kw_only=True)
class Lately:
    """How the centre was a moment ago: thousands of receipts a second need not ask anew."""

    forward: Forward
    clock: Clock
    _said: str = "ok"
    _until: float = 0.0

    def state(self) -> str:
        """`ok`, `late` or `down`."""
        now = self.clock.monotonic()
        if now >= self._until:
            self._said = best(list(self.forward.states().values()))
            self._until = now + LATELY_S
        return self._said


def both(
    take: Callable[[Sequence[Delivery]], None], wake: Callable[[], None]
) -> Callable[[Sequence[Delivery]], None]:
    """Both are told which deliveries are ours to send."""

    def owed(deliveries: Sequence[Delivery]) -> None:
        take(deliveries)
        wake()

    return owed


def confirm(
    authorities: frozenset[str],
    clock: Clock,
    connection: Connection,
    arrived: Sequence[Delivery],
) -> list[Command]:
    """Tell the devices that the centre has it, on the word of a receiver with authority."""
    heard = [one.alarm for one in arrived if one.receiver in authorities and one.alarm]
    if not heard:
        return []
    now = clock.now()
    found = (
        operate.confirmation(one, "delivered", now) for one in sayings.of_alarms(connection, heard)
    )
    return [command for command in found if command is not None]
