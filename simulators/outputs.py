"""What comes out of a thinking device: words for a broker, light, sound, and news of itself."""

from dataclasses import dataclass

from simulators.wire import Event, Leaf


@dataclass(frozen=True, slots=True)
class Publish:
    """Say this at that broker."""

    broker: int
    leaf: Leaf
    payload: bytes
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An event left the device, for the first time or again."""

    event: Event
    broker: int
    again: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """The receipt of an event arrived."""

    event: Event
    age_ms: int
    copies: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway could not read what was said; the event is unknown where no id came back."""

    event: Event | None
    reason: str


@dataclass(frozen=True, slots=True)
class Show:
    """The lamp changes to this word."""

    lamp: str


@dataclass(frozen=True, slots=True)
class Sound:
    """The sounder starts or ends."""

    on: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A command was done, or why it was not; the event that it was about, if about one."""

    command: str
    error: str | None
    event: str | None = None


Output = Publish | Told | Stored | Refused | Show | Sound | Answered
Done = tuple[str | None, list[Output]]  # why a command was not done, and what came of it
