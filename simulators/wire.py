"""The words of dabyl/v1 on the wire, as a device says and hears them (contracts, 1 and 2)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from simulators.clock import ClockQuality

PREFIX = "dabyl/v1"
BEACONS = f"{PREFIX}/_gateway"
DEVICE_ID = re.compile(r"(?!gateway|canary)[a-z0-9][a-z0-9-]{0,39}")

Data = dict[str, str | bool | int]
Word = TypeVar("Word")


class Leaf(StrEnum):
    """The last word of a device's topic."""

    ALARM = "alarm"
    EVENT = "event"
    STATE = "state"
    REPLY = "reply"
    RECEIPT = "receipt"
    COMMAND = "command"


SILENT_KINDS = frozenset({"panic.holdup", "panic.duress", "passage.duress"})
YEARS = range(1970, 9000)  # beyond them a sum of times may overflow
EVENT_KINDS = frozenset(
    {
        "passage.granted",
        "passage.denied",
        "battery.low",
        "battery.restored",
        "mains.lost",
        "mains.restored",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a device, as it will be told until somebody has stored it."""

    id: str
    kind: str
    at: datetime
    born_s: float
    clock: ClockQuality
    boot: int | None = None
    seq: int | None = None
    part: int | None = None
    test: bool = False
    data: Data | None = None

    @property
    def leaf(self) -> Leaf:
        """The topic it travels on."""
        return Leaf.EVENT if self.kind in EVENT_KINDS else Leaf.ALARM


class Receipt(msgspec.Struct, frozen=True):
    """The gateway's word: stored, or refused with a reason."""

    id: str | None = None
    refused: str | None = None
    stored_at: str | None = None
    copies: int | None = None


class CommandData(msgspec.Struct, frozen=True):
    """What a command brings along; `event_id` is optional and narrows a confirm to one event."""

    level: str | None = None
    silent: bool = False
    event_id: str | None = None
    on: bool = True


class Command(msgspec.Struct, frozen=True):
    """What the gateway asks of a device; nothing is done after `until`."""

    id: str
    command: str
    until: str | None = None
    data: CommandData | None = None


class Beacon(msgspec.Struct, frozen=True):
    """The gateway's sign of life, and the time it believes."""

    at: str | None = None
    store: str | None = None
    centre: str | None = None


def topic(device: str, leaf: Leaf) -> str:
    """Name the topic of a device's word."""
    return f"{PREFIX}/{device}/{leaf}"


def event_body(event: Event, monotonic_s: float) -> bytes:
    """Write an event; two writings of one event differ in `age_ms` alone."""
    body: dict[str, object] = {
        "id": event.id,
        "kind": event.kind,
        "at": event.at.isoformat(timespec="milliseconds"),
        "age_ms": max(0, round((monotonic_s - event.born_s) * 1000)),
        "clock": event.clock.value,
        "boot": event.boot,
        "seq": event.seq,
        "part": event.part,
        "test": event.test or None,
        "data": event.data,
    }
    return body_of(body)


def body_of(fields: dict[str, object]) -> bytes:
    """Write a body as JSON, leaving out what is unknown."""
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not None})


def reply_body(command_id: str, error: str | None) -> bytes:
    """Write the reply to a command."""
    return body_of({"id": command_id, "ok": error is None, "error": error})


def will_body() -> bytes:
    """Write the Last Will."""
    return body_of({"online": False})


def read_receipt(payload: bytes) -> Receipt | None:
    """Read a receipt, or nothing if it cannot be read."""
    return _read(payload, Receipt)


def read_command(payload: bytes) -> Command | None:
    """Read a command, or nothing if it cannot be read."""
    return _read(payload, Command)


def read_beacon(payload: bytes) -> Beacon | None:
    """Read a beacon, or nothing if it cannot be read."""
    return _read(payload, Beacon)


def read_time(text: str | None) -> datetime | None:
    """Read an RFC 3339 time with its offset, or nothing."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if time.tzinfo is None or time.year not in YEARS:
        return None
    return time.astimezone(UTC)


def _read(payload: bytes, word: type[Word]) -> Word | None:
    try:
        return msgspec.json.decode(payload, type=word)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
