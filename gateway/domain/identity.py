"""Identity: two bodies that speak under one id betray themselves by taking turns.

A body that changes once was replaced; one that comes back was never away. Likewise a boot counter
that goes back once was reset; one that goes back and forth belongs to two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

WITHIN_S = 600.0
"""Two turns within that time …"""
APART_S = 20.0
"""… so far apart: what waited at a broker comes in one go, old and new mixed."""


@dataclass(slots=True)
class _Body:
    """What a device's body was at the last check-in, and before that."""

    serial: str | None = None
    boot: int | None = None
    other: str | None = None
    """The serial before this one."""
    other_s: float = -inf
    turned_s: float = -inf


class Bodies:
    """What each device's body was lately; bounded by the registry."""

    def __init__(self) -> None:
        self._bodies: dict[str, _Body] = {}

    def observe(self, device: str, serial: str | None, boot: int | None, s: float) -> str | None:
        """One more check-in; in one word what betrays two bodies, else None."""
        body = self._bodies.get(device)
        if body is None:
            self._bodies[device] = _Body(serial, boot)
            return None
        came_back = serial is not None and serial != body.serial and _came_back(body, serial, s)
        went_back = boot is not None and body.boot is not None and boot < body.boot
        body.boot = body.boot if boot is None else boot
        if (came_back or went_back) and _took_turns(body, s):
            return "serials_take_turns" if came_back else "boots_take_turns"
        return None

    def forget(self, known: Iterable[str]) -> None:
        """Only these are registered now."""
        devices = set(known)
        for device in [one for one in self._bodies if one not in devices]:
            del self._bodies[device]


def _came_back(body: _Body, serial: str, s: float) -> bool:
    came_back = serial == body.other and s - body.other_s <= WITHIN_S
    body.serial, body.other, body.other_s = serial, body.serial, s
    return came_back


def _took_turns(body: _Body, s: float) -> bool:
    since_s = s - body.turned_s
    if since_s < APART_S:
        return False
    body.turned_s = s
    return since_s <= WITHIN_S
