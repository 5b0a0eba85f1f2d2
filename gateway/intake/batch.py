"""One batch, one transaction: events become journal rows, decisions and deliveries; all or none."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from adapters.signal import Lane, Spoken
from gateway.bus import Heard
from gateway.domain import belief
from gateway.domain import kind as kinds
from gateway.domain.alarm import Alarm
from gateway.domain.belief import Believing, Doubt
from gateway.domain.event import Event, is_repeat
from gateway.domain.presence import Presence
from gateway.domain.site import Registry
from gateway.domain.telling import Anchor, Context
from gateway.domain.window import Window
from gateway.intake import again, people, sorting
from gateway.intake.judging import Judge, concerns_alarms
from gateway.intake.memory import FoldKey, Means, Memory, fold_key
from gateway.intake.sorting import Candidate, Sorted
from gateway.store import (
    alarms,
    changes,
    commands,
    commit,
    device_states,
    journal,
    quarantine,
    sites,
    versions,
    windows,
)
from gateway.store.bulk import gathered
from gateway.store.changes import What
from gateway.store.journal import Found, Head, Known
from gateway.store.outbox import Delivery
from gateway.store.prepared import ask_together


@dataclass(slots=True, kw_only=True)
class Stored:
    """What a committed batch means for everybody outside the transaction."""

    sorted: Sorted
    registry: Registry
    windows: list[Window]
    windows_version: int
    head: Head
    new: list[Event] = field(default_factory=list)
    """What was journalled."""
    owed: list[Delivery] = field(default_factory=list)
    raised: list[Alarm] = field(default_factory=list)

    @property
    def written(self) -> int:
        """How many rows the head has gone on by."""
        return len(self.new)


class _Looked(NamedTuple):
    """What a batch was judged by, as it was when it was read."""

    versions: dict[str, int]
    known: Found
    opened: dict[str, list[Alarm]]


class Batch:
    """The work of one transaction; nothing outside it is touched before the commit."""

    def __init__(  # noqa: PLR0913, PLR0917 - the six things a transaction stands on, and itself
        self,
        heard: Sequence[Heard],
        lane: Lane,
        memory: Memory,
        means: Means,
        presence: Presence,
        now: datetime,
        chatter: AbstractSet[int] = frozenset(),
    ) -> None:
        self._heard, self._chatter, self._lane = heard, chatter, lane
        self._memory, self._means, self._presence, self._now = memory, means, presence, now
        self._gateway = means.teller.gateway
        self._new: list[Event] = []
        self._again: again.Repeats = {}

    def store(self, connection: Connection) -> Stored:
        """Run it in that transaction: look once, decide, write once."""
        out, looked = self._look(connection, self._memory.registry)
        self._tell_new_from_known(looked.known, out)
        begun = out.head.number
        with gathered(connection):
            if self._new:
                counted = again.at_once(self._gateway, begun, self._again, self._folds(out))
                out.head = journal.append(
                    connection, self._gateway, self._lane, self._new, out.head, counted
                )
                out.new = self._new
            self._write_beside(connection, out, begun)
            # Alarms last: what moved is noted under a lock that all gateways share.
            if self._new:
                self._follow(connection, looked.opened, out)
        return out

    def _look(self, connection: Connection, registry: Registry) -> tuple[Stored, _Looked]:
        """Sort what was heard, and read all that it must be judged by."""
        believing = Believing(
            registry=registry, hash_card=self._means.hash_card, gateway=self._gateway
        )
        found = sorting.sort(
            enumerate(self._heard), self._chatter, self._memory, believing, self._now
        )
        events = [one.event for one in found.candidates]
        rules = self._means.rules
        asking = sorted({event.device for event in events if concerns_alarms(event, rules)})
        held = [event.device for event in events] if self._is_at_seam(events) else asking
        if held:
            journal.lock(connection, held)
        looked = _looked(connection, self._lane, events, asking)
        if registry.version != looked.versions.get(versions.REGISTRY, 0):
            return self._look(connection, sites.registry(connection))
        moved = looked.versions.get(versions.WINDOWS, 0)
        head = self._memory.heads.get(self._lane)
        out = Stored(
            sorted=found,
            registry=registry,
            windows=self._windows(connection, moved),
            windows_version=moved,
            head=head or journal.head(connection, self._gateway, self._lane),
        )
        return out, looked

    def _is_at_seam(self, events: Sequence[Event]) -> bool:
        return bool(events) and journal.is_at_seam(self._lane, events[0].received_at)

    def _windows(self, connection: Connection, version: int) -> list[Window]:
        memory = self._memory
        if version == memory.windows_version and not any(
            window.until > self._now for window in memory.windows
        ):
            return []
        return windows.active(connection, self._now)

    def _tell_new_from_known(self, known: Found, out: Stored) -> None:
        for candidate in out.sorted.candidates:
            rows = known.setdefault((candidate.event.device, candidate.event.id), [])
            same = next((row for row in rows if _is_same(candidate.event, row)), None)
            if candidate.is_stored_copy:
                self._stored_copy(candidate, out.sorted, is_known=same is not None)
            elif same is not None:
                self._repeat(candidate, same, out.sorted)
            else:
                reuse = max((row.reuse for row in rows), default=-1) + 1
                rows.append(self._keep_new(candidate, reuse, out))

    def _keep_new(self, candidate: Candidate, reuse: int, out: Stored) -> Known:
        event = replace(candidate.event, reuse=reuse) if reuse else candidate.event
        self._new.append(event)
        known = Known(
            gateway=self._gateway,
            number=out.head.number + len(self._new),
            reuse=reuse,
            digest=event.digest,
            received_at=event.received_at,
        )
        self._bind_fold(event, known, out.sorted)
        self._answer(candidate, out.sorted, "journalled")
        return known

    def _repeat(self, candidate: Candidate, same: Known, out: Sorted) -> None:
        key = (same.gateway, same.number)
        _, times = self._again.get(key, (same, 0))
        self._again[key] = (same, times + 1)
        self._memory.outcry.found(self._lane, candidate.event, same.reuse)
        self._bind_fold(candidate.event, same, out)
        self._answer(candidate, out, "repeat")

    def _stored_copy(self, candidate: Candidate, out: Sorted, *, is_known: bool) -> None:
        heard = candidate.heard
        if heard is None or not isinstance(heard.said, Spoken):
            return
        if is_known:
            out.answer(heard, kinds.label(candidate.event.kind), "repeat", None, self._now)
        else:
            out.refuse(heard, heard.said, Doubt.REPLAY, belief.encoded(heard.said))

    def _bind_fold(self, event: Event, row: Known, out: Sorted) -> None:
        fold = out.new_folds.get(fold_key(event))
        if fold is not None and fold.number == 0:
            fold.gateway, fold.number = row.gateway, row.number

    def _answer(self, candidate: Candidate, out: Sorted, result: str) -> None:
        if candidate.heard is not None:
            event = candidate.event
            label = kinds.label(event.kind)
            out.answer(candidate.heard, label, result, event.id, self._now)

    def _follow(self, connection: Connection, opened: dict[str, list[Alarm]], out: Stored) -> None:
        """What the new events change: alarms, occupancy, notices."""
        people.count(connection, self._new, self._means.time_zone)
        judge = Judge(self._means, self._memory, opened, out.windows)
        changed = [change for event in self._new for change in judge.judge(event)]
        if not changed:
            return
        self._memory.outcry.deciding(self._lane, changed)
        out.windows = judge.windows
        for window in out.windows:
            if window.id in judge.tested:
                windows.save(connection, window)
        context = self._context(connection, out)
        out.owed = commit.write(connection, changed, self._means.teller, context)
        out.raised = [change.alarm for change in changed if change.is_new]

    def _is_new(self, begun: int, row: tuple[str, int]) -> bool:
        return again.is_new(self._gateway, begun, row)

    def _folds(self, out: Stored) -> list[again.Fold]:
        return [(*self._fold_row(key, out.sorted), n) for key, n in out.sorted.folded.items()]

    def _write_beside(self, connection: Connection, out: Stored, begun: int) -> None:
        found = out.sorted
        repeats = [one for row, one in self._again.items() if not self._is_new(begun, row)]
        if repeats:
            journal.hear_again(connection, self._lane, repeats)
        folds = [one for one in self._folds(out) if not self._is_new(begun, one[:2])]
        if folds:
            journal.fold(connection, self._lane, folds)
        if found.refusals:
            quarantine.keep(connection, self._means.seal, found.refusals)
        if found.replies:
            commands.reply(connection, found.replies, self._now)
        if found.states:
            states = [found.states[device] for device in sorted(found.states)]
            device_states.save(connection, states)
            moved = [state.device for state in states if self._changes(state.device, out)]
            changes.note(connection, [(What.DEVICE, device) for device in moved], self._now)

    def _fold_row(self, key: FoldKey, found: Sorted) -> tuple[str, int]:
        row = found.new_folds.get(key) or self._memory.folds[key]
        return row.gateway, row.number

    def _changes(self, device: str, out: Stored) -> bool:
        """Whether a check-in makes another thing be said of its device."""
        known = out.registry.devices[device]
        state = out.sorted.states[device]
        return self._presence.state(known, self._now).is_well is not state.online

    def _context(self, connection: Connection, out: Stored) -> Context:
        head = out.head
        if self._lane is Lane.EVENT:
            head = self._memory.heads.get(Lane.ALARM) or journal.head(
                connection, self._gateway, Lane.ALARM
            )

        def drifting(site: str) -> bool:
            return self._presence.drifting(lambda: out.registry, site, self._now)

        return Context(
            now=self._now,
            registry=out.registry,
            anchor=Anchor(gateway=self._gateway, number=head.number, hash=head.hash),
            drifting=drifting,
        )


def _is_same(event: Event, row: Known) -> bool:
    return is_repeat(event.digest, event.received_at, row.digest, row.received_at)


def _looked(
    connection: Connection, lane: Lane, events: Sequence[Event], asking: Sequence[str]
) -> _Looked:
    if not events:
        return _Looked(versions.read(connection), {}, {})
    keys = list({(event.device, event.id) for event in events})
    finding = journal.finding(lane, keys, events[0].received_at)
    if not asking:
        found, known = ask_together(connection, versions.ALL, finding)
        return _Looked(found, known, {})
    found, known, opened = ask_together(connection, versions.ALL, finding, alarms.opening(asking))
    by_device: dict[str, list[Alarm]] = {device: [] for device in asking}
    for alarm in opened:
        by_device[alarm.device].append(alarm)
    return _Looked(found, known, by_device)
