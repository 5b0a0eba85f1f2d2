"""What can happen to a device: by a hand, by wear, by bad luck."""

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """The closed set of what can happen."""

    PRESS = "press"
    CARD = "card"
    DENY = "deny"
    DURESS = "duress"
    FORCE = "force"
    HOLD_OPEN = "hold_open"
    CLOSE = "close"
    UNLOCK = "unlock"
    LOCK = "lock"
    TAMPER_OPEN = "tamper_open"
    TAMPER_CLOSE = "tamper_close"
    BATTERY = "battery"
    MAINS_OFF = "mains_off"
    MAINS_ON = "mains_on"
    REBOOT = "reboot"
    UNPLUG = "unplug"
    PLUG = "plug"
    RELEASE = "release"
    COVER = "cover"
    UNCOVER = "uncover"
    MOVE = "move"
    REST = "rest"
    CROSS_LINE = "cross_line"
    INTRUDE = "intrude"
    LEAVE = "leave"
    SIGNAL_OFF = "signal_off"
    SIGNAL_ON = "signal_on"
    STORAGE_OFF = "storage_off"
    STORAGE_ON = "storage_on"
    BREAK = "break"
    MEND = "mend"


CAMERA_DEEDS = frozenset(
    {
        Deed.PRESS,
        Deed.RELEASE,
        Deed.COVER,
        Deed.UNCOVER,
        Deed.MOVE,
        Deed.REST,
        Deed.CROSS_LINE,
        Deed.INTRUDE,
        Deed.LEAVE,
        Deed.SIGNAL_OFF,
        Deed.SIGNAL_ON,
        Deed.STORAGE_OFF,
        Deed.STORAGE_ON,
        Deed.REBOOT,
        Deed.UNPLUG,
        Deed.PLUG,
        Deed.BREAK,
        Deed.MEND,
    }
)


class Direction(StrEnum):
    """Which way a person walks through a turnstile."""

    IN = "in"
    OUT = "out"


class Denial(StrEnum):
    """Why a turnstile stays shut."""

    UNKNOWN_CARD = "unknown_card"
    EXPIRED = "expired"
    SCHEDULE = "schedule"
    ANTI_PASSBACK = "anti_passback"
    INTERLOCK = "interlock"
    BLOCKED = "blocked"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that happens to one device; what a deed does not need is ignored."""

    deed: Deed
    kind: str | None = None
    part: int | None = None
    test: bool = False
    percent: int = 100
    card: str = "7700000001"
    direction: Direction = Direction.IN
    reason: Denial = Denial.OTHER
    taken: bool = True
    quirk: str = ""
