"""Health: what is known of one camera, proven by its event channel and not by a ping."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

UNKNOWN_TOPICS = 20
"""So many topics that nobody knows are remembered of one camera, each with its count."""


class LetGo(StrEnum):
    """Why something that a camera said is kept nowhere; a closed set, it labels a metric."""

    LANE_FULL = "lane_full"
    """It moved, and the gateway took no more of that."""
    NO_ROOM = "no_room"
    """So much of it was owed that the least had to go."""
    CUT = "cut"
    """Of a reply with far more in it than was asked for; its state is compared afterwards."""


class Way(StrEnum):
    """How its events come to us."""

    PULL = "pull"
    POLL = "poll"
    """It does not hold a pull open: it is asked every few seconds."""
    PUSH = "push"


@dataclass(slots=True, kw_only=True)
class Health:
    """How one camera is; changed by its link, read by whoever watches."""

    reachable: bool | None = None
    is_introduced: bool = False
    """Whether its device service answered in this life, whatever became of its events."""
    subscribed: bool = False
    way: Way = Way.PULL
    last_reply_at: datetime | None = None
    last_event_at: datetime | None = None
    clock_offset_s: float | None = None
    """The camera's clock minus ours; None: not known."""
    slot_faults: int = 0
    """How often in a row it had no room for a subscription."""
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    unknown_topics: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    """Messages of it that could not be taken as a notification."""
    not_kept: int = 0
    """Of those, how many could not even be handed in to be kept."""
    let_go: Counter[LetGo] = field(default_factory=Counter)
    is_mute: bool = False
    """It said nothing for days, and nothing either when it was asked to say everything."""
    pushed: int = 0
    """What it pushed that could be read."""
    sought: int = 0
    """How often it was asked for what it stored while we were away."""
