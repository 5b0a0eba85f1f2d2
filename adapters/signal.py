"""The words in: what a device said, not yet believed."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Lane(StrEnum):
    """Which of the two roads a signal takes; presses never queue behind passages."""

    ALARM = "alarm"
    EVENT = "event"


class ClockQuality(StrEnum):
    """How far a device's own time can be trusted, as it says itself."""

    SYNCED = "synced"
    FREE = "free"
    UNSET = "unset"


class Unread(StrEnum):
    """Why a message could not be taken as an event; a closed set, it labels a metric."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    BAD_FIELD = "bad_field"
    OUT_OF_RANGE = "out_of_range"
    NUL = "nul"
    BAD_DEVICE = "bad_device"
    BAD_TOPIC = "bad_topic"
    NOT_STORABLE = "not_storable"


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Where a moving device says it is; degrees, metres."""

    lat: float
    lon: float
    accuracy_m: float | None = None
    at: str | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An event's body, as the device said it (contract `dabyl/v1`, bodies)."""

    id: str
    kind: str
    at: datetime | None = None
    age_ms: int | None = None
    clock: ClockQuality | None = None
    boot: int | None = None
    seq: int | None = None
    part: int = 1
    test: bool = False
    where: Where | None = None
    content: dict[str, Any]
    """The whole body as sent, unknown fields included, but for `age_ms`."""

    @property
    def data(self) -> dict[str, Any]:
        """The kind's own fields; empty where there are none."""
        found = self.content.get("data")
        return found if isinstance(found, dict) else {}


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Something that lasts: the adapter's own name for it, at most 200 characters; does it last?"""

    key: str
    active: bool


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A device said that something happened."""

    link: str
    device: str
    heard_on: Lane
    received_at: datetime
    said: Said
    retained: bool = False
    redelivered: bool = False
    """Whether it was handed to us before, perhaps in a former life, and not acknowledged."""
    by_adapter: bool = False
    """Whether the adapter itself concluded it, and not a device that said it in these words."""
    condition: Condition | None = None
    """What began or ended by it, where the adapter compares what lasts after each gap."""
    again: int = 0
    """So many times more it was heard at the same moment."""
    more: int = 0
    """So many more of this device, kind and part came with it, and were only counted."""


class CheckIn(msgspec.Struct, frozen=True, kw_only=True):
    """A device said that it lives, or its Last Will said that it does not."""

    link: str
    device: str
    received_at: datetime
    online: bool
    content: dict[str, Any]
    retained: bool = False


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A device answered a command."""

    link: str
    device: str
    received_at: datetime
    id: str
    ok: bool
    error: str | None = None


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that nobody can take as any of the above; kept, counted and shown."""

    link: str
    device: str
    heard_on: Lane
    received_at: datetime
    reason: Unread
    body: bytes
    """The first 16 KiB of what came."""
    id: str | None = None
    retained: bool = False


Signal = Spoken | CheckIn | Reply | Unreadable


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway's word to a device about one signal: stored, or refused and why.

    An answer without `stored_at` and without `refused` asks for nothing to be said to the device.
    """

    device: str
    id: str | None = None
    stored_at: datetime | None = None
    copies: int = 1
    refused: str | None = None
    is_waiting: bool = False
    """It is not stored yet, and another answer follows; who keeps it for us may let it go."""


Answer = Callable[[Receipt], None]
"""Called on the event loop once what was heard is on stable storage."""
