"""What intake remembers from one batch to the next; lost at a restart without harm."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.signal import Lane
from gateway.domain.condition import Facts
from gateway.domain.event import Event
from gateway.domain.flood import FOLD, Meter
from gateway.domain.outcry import Outcry
from gateway.domain.rules import Rulebook
from gateway.domain.site import Registry
from gateway.domain.telling import Teller
from gateway.domain.window import Window
from gateway.store.device_states import DeviceState
from gateway.store.journal import Head
from gateway.store.sealed import Seal

FoldKey = tuple[str, int, str]
"""Device, part, kind: a flood in one never hides the first word of another."""
REMEMBERED = 20_000
TOUCH_S = 20.0
"""A sign of life is written down so often at the most; others follow what is written."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every batch needs and never changes."""

    teller: Teller
    seal: Seal
    hash_card: Callable[[str], str]
    time_zone: str = "Asia/Almaty"
    rules: Rulebook = field(default_factory=Rulebook)


@dataclass(slots=True, kw_only=True)
class FoldRow:
    """The journal row that gathers a chattering device's signals, or a canary's, for a time."""

    gateway: str = ""
    number: int = 0
    until: datetime
    since_row: int = 0
    """Folded into it since; the next row tells the alarm."""


@dataclass(slots=True, kw_only=True)
class Memory:
    """Changed only after a commit, but for the meter, which merely counts."""

    registry: Registry = field(default_factory=Registry)
    windows: list[Window] = field(default_factory=list)
    windows_version: int = -1
    heads: dict[Lane, Head] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)
    folds: OrderedDict[FoldKey, FoldRow] = field(default_factory=OrderedDict)
    stuck: dict[str, datetime] = field(default_factory=dict)
    """Since when a chattering device last was one."""
    reused: set[str] = field(default_factory=set)
    """Devices that used an id again; whoever supervises takes them."""
    unread_at: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    """When bytes that nobody can read last raised an alarm for a device."""
    outcry: Outcry = field(default_factory=Outcry)

    facts: dict[str, Facts] = field(default_factory=dict)
    """What is known of each device by its check-ins: whoever says the same needs no look."""
    leases: Mapping[str, int] | None = None
    """By camera, the lease under which this gateway holds its link; None: it is the only one."""
    unwritten: dict[str, DeviceState] = field(default_factory=dict)
    """Signs of life not yet written down; whoever supervises takes them."""
    written_s: dict[str, float] = field(default_factory=dict)
    """When a sign of life of each device was last handed on to be written."""

    def is_due(self, device: str, s: float) -> bool:
        """Whether a sign of life of it, beside its check-ins, is to be written down again."""
        return s - self.written_s.get(device, -TOUCH_S) >= TOUCH_S

    def write_soon(self, state: DeviceState, s: float) -> None:
        """Hand on a registered device's sign of life."""
        self.written_s[state.device] = s
        self.unwritten[state.device] = state

    def know(self, facts: Mapping[str, Facts], s: float) -> None:
        """What was just written down of devices; nothing older may follow it."""
        for device, known in facts.items():
            self.facts[device] = known
            self.written_s[device] = s
            self.unwritten.pop(device, None)

    def take_unwritten(self) -> list[DeviceState]:
        """What is to be written down now."""
        found, self.unwritten = list(self.unwritten.values()), {}
        return found

    def fold_row(self, event: Event, span: timedelta = FOLD) -> FoldRow | None:
        """The row that gathers such events now."""
        row = self.folds.get(fold_key(event))
        # Both ways: after the wall clock was set back, an old row must not gather for an hour.
        is_now = row is not None and timedelta(0) < row.until - event.received_at <= span
        return row if is_now else None

    def close_folds(self) -> None:
        """The next of each begins a new row: what was written may be gone with its server."""
        for row in self.folds.values():
            row.until = _NEVER  # a receipt is a new write: nothing is counted on what is not there

    def learn(self, registry: Registry, windows: list[Window], windows_version: int) -> None:
        """Keep what a transaction read anew."""
        if registry is not self.registry:
            for kept in (self.facts, self.unwritten, self.written_s):
                for device in [one for one in kept if one not in registry.devices]:
                    kept.pop(device)
        self.registry = registry
        self.windows, self.windows_version = windows, windows_version

    def remember(
        self,
        new_folds: Mapping[FoldKey, FoldRow],
        folded: Mapping[FoldKey, int],
        unread_at: Mapping[str, datetime],
    ) -> None:
        """Keep what a committed batch folded and raised; the oldest is forgotten beyond a limit."""
        for key, row in new_folds.items():
            self.folds[key] = row
            self.folds.move_to_end(key)
        for key, times in folded.items():
            self.folds[key].since_row += times
        for device, at in unread_at.items():
            self.unread_at[device] = at
            self.unread_at.move_to_end(device)
        for kept in (self.folds, self.unread_at):
            while len(kept) > REMEMBERED:
                kept.popitem(last=False)


def fold_key(event: Event) -> FoldKey:
    """What is folded together."""
    return (event.device, event.part, event.kind.name)
