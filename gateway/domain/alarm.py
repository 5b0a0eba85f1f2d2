"""An Alarm and its life as one table (ISA-18.2), from which the manual's diagram is drawn."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from gateway.domain.errors import StepRefused
from gateway.domain.event import Affected, AlarmId
from gateway.domain.kind import Priority


class State(StrEnum):
    """Where an alarm is in its life."""

    NORMAL = "NORMAL"
    UNACKNOWLEDGED = "UNACKNOWLEDGED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RETURNED = "RETURNED"


class Step(StrEnum):
    """What moves it."""

    RAISE = "raise"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"
    RELAPSE = "relapse"
    """A claim lapsed, or the centre rejected it: it asks again."""
    CLOSE = "close"
    REOPEN = "reopen"
    """A person takes its closing back."""


class Hidden(StrEnum):
    """Why an alarm is out of sight; a second field, beside its state."""

    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


class Disposition(StrEnum):
    """How it ended."""

    CONFIRMED = "confirmed"
    FALSE = "false"
    SUSPICIOUS = "suspicious"
    TEST = "test"
    DEVICE_FAULT = "device_fault"


class TimeQuality(StrEnum):
    """How far `pressed_at` can be trusted."""

    SYNCED = "synced"
    FREE = "free"
    UNSET = "unset"
    RECEIVED = "received"


_N, _U, _A, _R = State.NORMAL, State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.RETURNED

TRANSITIONS: dict[tuple[State, Step], State] = {
    (_N, Step.RAISE): _U,
    (_U, Step.RAISE): _U,
    (_A, Step.RAISE): _U,
    (_R, Step.RAISE): _U,
    (_U, Step.ACKNOWLEDGE): _A,
    (_R, Step.ACKNOWLEDGE): _N,
    (_U, Step.RETURN): _R,
    (_A, Step.RETURN): _N,
    (_R, Step.RETURN): _R,
    (_U, Step.RELAPSE): _U,
    (_A, Step.RELAPSE): _U,
    (_U, Step.CLOSE): _N,
    (_A, Step.CLOSE): _N,
    (_R, Step.CLOSE): _N,
    (_N, Step.REOPEN): _A,
}


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that asks a person for a timely response, and how far it has come."""

    id: AlarmId
    kind: str
    priority: Priority
    state: State = State.UNACKNOWLEDGED
    hidden: Hidden | None = None
    hidden_until: datetime | None = None
    silent: bool = False
    latches: bool = False
    test: bool = False
    said_test: bool = False
    unexpected: bool = False
    id_reused: bool = False
    registered: bool = True
    doubt: str | None = None
    affected: Affected | None = None
    """How many are concerned, where it stands for many."""
    count: int = 1
    site: str | None = None
    district: str | None = None
    zone: str | None = None
    device: str
    sort: str | None = None
    part: int = 1
    event_id: str
    raised_at: datetime
    last_at: datetime
    boot: int | None = None
    seq: int | None = None
    """The device's counters in the word that decides what may end it (counters.py)."""
    pressed_at: datetime
    pressed_quality: TimeQuality = TimeQuality.RECEIVED
    asks_since: datetime | None = None
    """Since when it asks to be seen; a claim that lapsed does not begin it anew."""
    acknowledged_at: datetime | None = None
    """When it was last seen, claimed or taken over: since then somebody could act on it."""
    escalation: int = 0
    """How far up the ladder it is, while nobody acts: 0 to 3."""
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    claimed_until: datetime | None = None
    responded: str | None = None
    """The furthest response so far: accepted, dispatched, on_scene."""
    disposition: Disposition | None = None
    closing_as: Disposition | None = None
    """The centre closed it while a person held it: it ends when they agree, or by time."""
    closing_due_at: datetime | None = None
    closed_at: datetime | None = None
    note: str | None = None
    version: int = 1
    """Moves only by a person's step, not by repeats, stills or deliveries."""
    notices: int = 0
    """The number of the last notice; everything delivered of an alarm takes the next one."""
    repeats_singly: int = 0
    repeats_since: datetime | None = None
    repeats_owed: tuple[str, ...] = ()
    repeats_due_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still asks for anything."""
        return self.closed_at is None and self.state is not State.NORMAL


def move(alarm: Alarm, step: Step) -> Alarm:
    """The alarm after that step.

    Raises:
        StepRefused: the table has no such transition, or the alarm latches.
    """
    after = TRANSITIONS.get((alarm.state, step))
    if after is None or (step is Step.RETURN and alarm.latches):
        raise StepRefused(alarm.id, step.value, alarm.state.value)
    if step is Step.RETURN and alarm.priority >= Priority.P2:
        after = State.NORMAL  # trouble that went away needs nobody's eyes
    return replace(alarm, state=after)


def may_shelve(alarm: Alarm) -> bool:
    """P0 is never shelved."""
    return alarm.priority is not Priority.P0


def diagram() -> str:
    """The life cycle as a Mermaid state diagram, drawn from the table."""
    lines = ["stateDiagram-v2", "    [*] --> NORMAL"]
    lines += [f"    {a} --> {b}: {step}" for (a, step), b in TRANSITIONS.items()]
    return "\n".join(lines) + "\n"
