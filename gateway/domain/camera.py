"""A camera as it is: how its link stands, what it said of itself, and how its picture is."""

from datetime import datetime
from enum import StrEnum

import msgspec


class LinkState(StrEnum):
    """How a camera's link stands with whoever holds it; a closed set, it labels a metric."""

    WAITING = "waiting"
    """Its turn to be called has not come yet."""
    CONNECTING = "connecting"
    HEARD = "heard"
    """Its event channel is proven: it answered on it in time."""
    LOST = "lost"
    """It is called again after a while."""
    REFUSED = "refused"
    """It does not let us in; a person must look."""
    UNLINKED = "unlinked"
    """Nobody approved a login for it, so nobody calls it."""


class Picture(StrEnum):
    """What its stills show."""

    UNKNOWN = "unknown"
    GOOD = "good"
    BLACK = "black"
    FROZEN = "frozen"
    NONE = "none"
    """It gave stills before, and gives none now."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one camera, as it is kept and shown."""

    state: LinkState = LinkState.WAITING
    reason: str | None = None
    """Why its link is not there, in one word of a closed set."""
    why: str = ""
    """The same as it was met, for a technician."""
    answers: bool = False
    """Whether it answers anything at all since the link was lost."""
    way: str = ""
    """How its events come: pull, poll or push."""
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    firmware_before: str = ""
    """What it ran before, where that changed."""
    serial: str = ""
    heard_at: datetime | None = None
    """When it last answered on its event channel, to some minutes."""
    event_at: datetime | None = None
    clock_offset_s: float | None = None
    """Its clock minus ours; None: not known."""
    slot_faults: int = 0
    unreadable: int = 0
    unknown_topics: dict[str, int] = {}
    pulses: tuple[int, ...] = ()
    """The parts whose contact does not stay: what it says during a gap is not heard after it."""
    refused_at: tuple[datetime, ...] = ()
    """The last failed logins."""
    picture: Picture = Picture.UNKNOWN
    picture_at: datetime | None = None
