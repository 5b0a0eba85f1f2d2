"""Outcry: what cries for help and is not stored yet: what must be told of it, under which key.

Pure; the memory of one life. What is told before it is stored is told under the key that it will
have then, `<alarm id>:1`. So it becomes an alarm of its own, and is counted on no other (ADR 0052).
"""

import dataclasses
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from adapters.signal import Lane, Spoken, Unreadable
from gateway.domain import belief
from gateway.domain.alarm import Alarm
from gateway.domain.belief import Believing
from gateway.domain.decision import FOLD, Change, decide, meaning
from gateway.domain.event import AlarmId, Event, alarm_id, is_repeat
from gateway.domain.kind import Kind, Priority
from gateway.domain.rules import Rulebook
from gateway.domain.window import Window

REMEMBERED = 5000
USES = 64
"""Of one id: a firmware's constant id has no end of them."""
FACTS = 1000
HELD_BACK_S = 8.0
"""So long a press that a transaction under way counts on an open alarm is not told apart from it:
beyond a database's longest silence (5 s), and the look that follows it."""
OLD_MS = 1000
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What intake knows without asking the store."""

    believing: Believing
    windows: Sequence[Window]
    rules: Rulebook
    unread_at: Mapping[str, datetime]
    """When bytes that nobody can read last raised an alarm for a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What must be told of a signal: a new alarm, one more press of one that was told, nothing."""

    change: Change | None = None
    is_open: bool = False
    """Not decided yet: look again."""


@dataclass(frozen=True, slots=True)
class _Use:
    """One event under an id."""

    reuse: int
    digest: bytes
    received_at: datetime


_NOTHING = Judged()
_LATER = Judged(is_open=True)


class Outcry:
    """What was told and is not stored; what is stored, so that it is not told again."""

    def __init__(self, installation: str = "", born_at: datetime = _NEVER) -> None:
        """`born_at`: when this life of the gateway began."""
        self._installation = installation
        self._former_until = born_at + FOLD
        self.told: dict[AlarmId, Change] = {}
        """What raised each of them."""
        self._facts: deque[tuple[Event, int]] = deque(maxlen=FACTS)
        """A transaction may run in a thread of its own: what it says is taken up in ours."""
        self._of_device: dict[str, list[AlarmId]] = {}
        self._decided: Sequence[Change] = ()
        self._decided_until_s: float | None = None
        self._known: OrderedDict[tuple[str, str], list[_Use]] = OrderedDict()
        self._tested: Counter[tuple[str, str]] = Counter()

    def consider(
        self, said: Spoken | Unreadable, at: Circumstances, now_s: float, waited_s: float
    ) -> Judged:
        """What must be told of a signal that has waited so long for the store."""
        while self._facts:
            found, reuse = self._facts.popleft()
            self.know(found.device, found.id, reuse, found.digest, found.received_at)
        event = self._event(said, at)
        kind = None if event is None else meaning(event)
        if event is None or kind is None or not _cries(event, kind, at.rules):
            return _NOTHING
        unused = self._reuse(event)
        if unused is None:
            return _NOTHING  # it is stored: only its receipt waits
        event = replace(event, reuse=unused)
        decided = self._decision(event, now_s)
        if decided is not None and not decided.is_new and waited_s < HELD_BACK_S:
            return _LATER
        if decided is None or not decided.is_new:
            decided = self._decide(event, kind, at)
        return Judged(change=self._keep(decided))

    def is_apart(self, event: Event, priority: Priority) -> bool:
        """Whether it must be an alarm of its own: it was told as one, by this life or a former.

        A former life leaves no note of what it told. So in our first minute no press that it may
        have heard is counted on another.
        """
        is_young = event.received_at < self._former_until and priority is Priority.P0
        if is_young and (event.redelivered or (event.age_ms or 0) >= OLD_MS):
            return True
        return bool(self.told) and alarm_id(self._installation, event) in self.told

    def found(self, lane: Lane, event: Event, reuse: int) -> None:
        """A transaction found that event stored: true, whatever becomes of the transaction."""
        if lane is Lane.ALARM:
            self._facts.append((event, reuse))

    def deciding(self, lane: Lane, changes: Sequence[Change]) -> None:
        """What the transaction under way makes of its events; its commit may hang."""
        if lane is Lane.ALARM:
            self._decided, self._decided_until_s = changes, None

    def doubt(self, until_s: float) -> None:
        """It failed; so long what it decided may be stored all the same. Monotonic seconds."""
        self._decided_until_s = until_s

    def stored(self, events: Iterable[Event], raised: Iterable[Alarm]) -> None:
        """A batch is on stable storage: these events are known, these alarms need no telling."""
        self._decided = ()
        for event in events:
            self.know(event.device, event.id, event.reuse, event.digest, event.received_at)
        if self.told:
            for alarm in raised:
                self.forget(alarm.id)

    def know(self, device: str, key: str, reuse: int, digest: bytes, received_at: datetime) -> None:
        """That event is stored; beyond a limit the oldest is forgotten."""
        uses = self._known.setdefault((device, key), [])
        uses.append(_Use(reuse, digest, received_at))
        del uses[:-USES]
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def forget(self, alarm: AlarmId) -> None:
        """It is stored, or given up: nothing more is told of it in this way."""
        change = self.told.pop(alarm, None)
        if change is not None:
            own = self._of_device[change.alarm.device]
            own.remove(alarm)
            if not own:
                del self._of_device[change.alarm.device]
        if not self.told:
            self._tested.clear()

    def _event(self, said: Spoken | Unreadable, at: Circumstances) -> Event | None:
        """What intake would make of it; None: nothing that cries."""
        if said.retained:
            return None
        if isinstance(said, Unreadable):
            return self._unreadable(said, said.reason, said.body, at)
        found = belief.believe(said, at.believing)
        if isinstance(found, Event):
            return found
        return self._unreadable(said, found, belief.encoded(said), at)

    def _unreadable(
        self, said: Spoken | Unreadable, reason: str, body: bytes, at: Circumstances
    ) -> Event | None:
        """On the alarm topic it may be a cry: once for each device and minute, as intake does."""
        if said.heard_on is not Lane.ALARM:
            return None
        device, heard_at = belief.shown(said.device), said.received_at
        told = [one.raised_at for one in self._own(device) if one.kind == "alarm.unreadable"]
        last = max([*told, at.unread_at.get(device, _NEVER)])
        if abs(heard_at - last) < FOLD:
            return None
        return belief.unreadable(device, reason, body, heard_at, at.believing.registry)

    def _reuse(self, event: Event) -> int | None:
        """Which use of its id it is; None: this very event is stored."""
        uses = self._known.get((event.device, event.id), [])
        if any(is_repeat(event, u.digest, u.received_at) for u in uses):
            return None
        return max((use.reuse for use in uses), default=-1) + 1

    def _decision(self, event: Event, now_s: float) -> Change | None:
        """What a transaction has decided of it, while that may still count."""
        if self._decided_until_s is not None and now_s > self._decided_until_s:
            self._decided = ()
        named = (event.device, event.id)
        return next(
            (one for one in self._decided if (one.alarm.device, one.event_id) == named), None
        )

    def _decide(self, event: Event, kind: Kind, at: Circumstances) -> Change:
        test = self._is_test(event, kind, at.windows)
        own = self._own(event.device)
        return decide(event, own, kind.raises, self._installation, test=test)[0]

    def _keep(self, change: Change) -> Change:
        """Each is told once; who cries on is told anew a minute after the first, not the last."""
        alarm, before = change.alarm, self.told.get(change.alarm.id)
        if before is None:
            self.told[alarm.id] = change
            self._of_device.setdefault(alarm.device, []).append(alarm.id)
            return change
        if not change.is_new:
            counted = replace(before.alarm, count=alarm.count, said_test=alarm.said_test)
            self.told[alarm.id] = replace(before, alarm=counted)
        return replace(change, alarm=self.told[alarm.id].alarm, is_new=False)

    def _own(self, device: str) -> list[Alarm]:
        return [self.told[alarm].alarm for alarm in self._of_device.get(device, ())]

    def _is_test(self, event: Event, kind: Kind, windows: Sequence[Window]) -> bool:
        """By the windows as they were last read; each takes what is expected of it, and no more."""
        device = event.device
        for window in windows:
            heard = window.heard.get(device, 0) + self._tested[window.id, device]
            now = dataclasses.replace(window, heard={**window.heard, device: heard})
            if now.takes(device, kind, event.received_at):
                self._tested[window.id, device] += 1
                return True
        return False


def _cries(event: Event, kind: Kind, rules: Rulebook) -> bool:
    """A P0, or what may be one and cannot be read, where no rule wants it otherwise."""
    if event.kind.name == "input.cleared":
        return False
    if kind.name == "alarm.unreadable":
        return rules.fitting(event, kind) is None
    return kind.raises is Priority.P0
