"""What every camera's life takes, and what one life leaves to the next."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.devices.onvif.calls import PullPoint
from adapters.devices.onvif.push import Listener
from adapters.devices.onvif.transport import Wire

QUIET_S = 3 * 86400.0
"""Silent for so long, a camera that answers has to prove that it can still tell something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One for all cameras of the process."""

    wire: Wire
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    dice: Callable[[], float] = random.random
    """Evenly from 0 to 1."""
    listener: Listener | None = None
    """Where cameras push; None: nobody is asked to."""
    quiet_s: float | None = QUIET_S
    """None: no camera has to prove anything."""


@dataclass(slots=True, kw_only=True)
class Past:
    """What one life of a camera's link leaves to the next; one for each camera."""

    left: PullPoint | None = None
    """A subscription that still takes a place on the camera."""
    heard_until: datetime | None = None
    """By our clock, until when nothing was missed; None: never connected."""
    stores_events: bool | None = None
    """Whether it can tell again what it told while we were away; None: not asked yet."""
    still_uri: str | None = None
    """Where its stills are; None: not asked yet."""
