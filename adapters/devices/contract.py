"""The promise of every device adapter: one life of a link, and three errors.

LinkError
├── LinkLost       it ended; the next life may begin soon
└── LinkRefused    the other side does not want us as we are; a person must look
Garbled            bytes that cannot be taken as what they should be
Overloaded         the gateway takes no more just now: what was heard must not be acknowledged
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from adapters.signal import Answer, Signal, Unread


class LinkError(Exception):
    """A life of a link has ended."""

    def __init__(self, link: str, why: str) -> None:
        super().__init__(f"{link}: {why}")
        self.link, self.why = link, why


class LinkLost(LinkError):
    """It ended; the next life may begin soon."""


class LinkRefused(LinkError):
    """The other side does not want us as we are; a person must look."""


class Overloaded(Exception):
    """The gateway takes no more just now: what was heard must not be acknowledged."""


class Garbled(Exception):
    """A body that cannot be taken, why, and the event id if at least that could be read."""

    def __init__(self, reason: Unread, event_id: str | None = None) -> None:
        super().__init__(f"unreadable: {reason.value}")
        self.reason = reason
        self.event_id = event_id


Emit = Callable[[Signal, Answer], None]
"""Hands a signal in; its answer comes once it is stored. May raise Overloaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command for a device, as bytes."""

    device: str
    body: bytes


class Connection(Protocol):
    """One life of a link."""

    async def live(self, emit: Emit, up: Callable[[], None]) -> None:
        """Connect, say `up`, and hand in what is heard until it ends.

        Raises:
            LinkLost: it ended. LinkRefused: it was not let in.
        """

    def order(self, order: Order) -> None:
        """Send a command, if the link stands; it is repeated by whoever ordered it."""

    def beacon(self, name: str, body: bytes) -> None:
        """Tell every device that somebody is there."""

    def press(self, body: bytes) -> bool:
        """Say an alarm under the link's own device; False where the link does not stand."""
