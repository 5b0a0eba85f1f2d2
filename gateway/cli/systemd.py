"""Tell systemd that the gateway listens, lives and ends: sd_notify, by its socket alone.

Source: sd_notify(3), systemd.service(5) `Type=notify`, `WatchdogSec=`.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from gateway.clock import Clock

ASKED_TOO_OFTEN = 4
"""So many signs of life within what systemd allows: one may be late, and the next counts."""

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Systemd:
    """The service manager that started us, if one did; else nobody is told anything."""

    clock: Clock
    address: str | None
    """Its datagram socket; a first `@` means the abstract name space."""
    every_s: float | None
    """How often it wants a sign of life; None: it does not watch us."""
    _next_at: float = field(default=0.0)

    @classmethod
    def here(cls, clock: Clock, environment: Mapping[str, str] = os.environ) -> "Systemd":
        """The one that this environment names."""
        allowed_us = environment.get("WATCHDOG_USEC", "")
        is_meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        is_watched = is_meant and allowed_us.isdecimal() and int(allowed_us) > 0
        return cls(
            clock=clock,
            address=environment.get("NOTIFY_SOCKET") or None,
            every_s=int(allowed_us) / 1e6 / ASKED_TOO_OFTEN if is_watched else None,
        )

    def ready(self, address: str) -> None:
        """It listens."""
        self._tell(f"READY=1\nSTATUS=listening at {address}")

    def alive(self) -> None:
        """The event loop turns; told more often than systemd asks, it says so as often as asked."""
        now = self.clock.monotonic()
        if self.every_s is not None and now >= self._next_at:
            self._next_at = now + self.every_s
            self._tell("WATCHDOG=1")

    def stops(self) -> None:
        """It was told to end, and does so in good order."""
        self._tell("STOPPING=1\nSTATUS=ends in good order")

    def _tell(self, state: str) -> None:
        if self.address is None:
            return
        name = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)
                line.sendto(state.encode(), name)
        except OSError as error:
            # It will restart us where it needed to know; that is its business, not a press's.
            log.warning("systemd was not told", state=state, why=str(error))
