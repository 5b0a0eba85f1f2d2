"""One batch, one transaction: events become journal rows, decisions and deliveries; all or none."""

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection

from adapters.signal import Lane, Spoken
from gateway.bus import Heard
from gateway.domain import belief
from gateway.domain import kind as kinds
from gateway.domain.belief import Believing, Doubt
from gateway.domain.event import Event, is_repeat
from gateway.domain.site import Registry
from gateway.domain.telling import Anchor, Context
from gateway.domain.window import Window
from gateway.intake import again, checkins, lasting, looking, people, sorting
from gateway.intake.judging import Judge, concerns_alarms
from gateway.intake.looking import Grounds
from gateway.intake.memory import FoldKey, Means, Memory, fold_key
from gateway.intake.sorting import Candidate, Sorted
from gateway.intake.stored import Stored
from gateway.intake.tallying import Tallying
from gateway.store import (
    commands,
    commit,
    journal,
    quarantine,
    sites,
    versions,
    windows,
)
from gateway.store.bulk import gathered
from gateway.store.journal import Found, Head, Known


class Batch:
    """The work of one transaction; nothing outside it is touched before the commit."""

    def __init__(  # noqa: PLR0913, PLR0917 - the six things a transaction stands on, and itself
        self,
        heard: Sequence[Heard],
        lane: Lane,
        memory: Memory,
        means: Means,
        drifting: Callable[[Registry, str], bool],
        now: datetime,
        chatter: AbstractSet[int] = frozenset(),
        first_head: Head | None = None,
    ) -> None:
        """`first_head`: the end of the journal at the first try, where its word was lost."""
        self.first_head = first_head
        self._heard, self._chatter, self._lane = heard, chatter, lane
        self._memory, self._means, self._drifting, self._now = memory, means, drifting, now
        self._gateway = means.teller.gateway
        self._new: list[Event] = []
        self._again: again.Repeats = {}

    def store(self, connection: Connection) -> Stored:
        """Run it in that transaction: look once, decide, write once."""
        out, looked = self._look(connection, self._memory.registry)
        lasting.fence(connection, out.sorted, self._memory.leases)
        self._tell_new_from_known(looked.known, out)
        if self._is_stored(out.head):
            out.looked.check_ins = ()  # what is written of their devices is learnt all the same
        place = (self._gateway, out.head.number + len(self._new))
        checkins.look(connection, out.looked, out.registry, looked.opened, place)
        self._new += out.looked.events
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
                self._follow(connection, looked, out)
        return out

    def _is_stored(self, head: Head) -> bool:
        """Whether an earlier try had come to pass: nobody else writes to this chain.

        Check-ins are judged by what is written, so twice the same would mean something else. One
        that wrote no row leaves no trace here: then they are judged again, and may cry in vain.
        """
        if self.first_head is None or head.number < self.first_head.number:
            self.first_head = head  # lower: what was believed went with a server
        return head.number > self.first_head.number

    def _look(self, connection: Connection, registry: Registry) -> tuple[Stored, Grounds]:
        """Sort what was heard, and read all that it must be judged by."""
        believing = Believing(
            registry=registry, hash_card=self._means.hash_card, gateway=self._gateway
        )
        found = sorting.sort(
            enumerate(self._heard), self._chatter, self._memory, believing, self._now
        )
        events = [one.event for one in found.candidates]
        notable = checkins.notable(found.check_ins, self._memory.facts, registry)
        rules = self._means.rules
        devices = {event.device for event in events if concerns_alarms(event, rules)}
        asking = sorted(devices.union(notable.devices))
        at_seam = {event.device for event in events} if self._is_at_seam(events) else set()
        if held := at_seam.union(asking):
            journal.lock(connection, held)
        looked = looking.look(connection, self._lane, events, asking, self._now)
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
            looked=notable,
        )
        return out, looked

    def _is_at_seam(self, events: Sequence[Event]) -> bool:
        return journal.is_at_seam(self._lane, [event.received_at for event in events])

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
        event = candidate.event
        if reuse:
            event = replace(event, reuse=reuse)
            if not event.by_adapter:  # a derived id comes again by a camera's clock, not its fault
                out.sorted.reused.append(event.device)
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
        self._hear_again(known, candidate.again, candidate, out.sorted)
        return known

    def _repeat(self, candidate: Candidate, same: Known, out: Sorted) -> None:
        self._hear_again(same, 1, None, out)
        self._hear_again(same, candidate.again, candidate, out)
        self._memory.outcry.found(self._lane, candidate.event, same.reuse)
        self._bind_fold(candidate.event, same, out)
        self._answer(candidate, out, "repeat")

    def _hear_again(self, row: Known, more: int, candidate: Candidate | None, out: Sorted) -> None:
        """Count it in its row; and, of a candidate, those that were only counted with it."""
        if more:
            key = (row.gateway, row.number)
            _, times = self._again.get(key, (row, 0))
            self._again[key] = (row, times + more)
            if candidate is not None:
                out.counted += [(kinds.label(candidate.event.kind), "repeat")] * more

    def _stored_copy(self, candidate: Candidate, out: Sorted, *, is_known: bool) -> None:
        heard = candidate.heard
        if heard is None or not isinstance(heard.said, Spoken):
            return
        if is_known:
            label = kinds.label(candidate.event.kind)
            out.answer(heard, label, "repeat", None, self._now)
            out.count_others(heard, label, "repeat")
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

    def _follow(self, connection: Connection, looked: Grounds, out: Stored) -> None:
        """What the new events change: alarms, occupancy, notices."""
        people.count(connection, self._new, self._means.time_zone)
        checkins.show_silence(connection, self._new, self._now)
        tallying = Tallying(connection)
        judge = Judge(
            self._means, self._memory.outcry, tallying.reaches, looked.opened, out.windows
        )
        changed = [change for event in self._new for change in judge.judge(event)]
        tallying.save(self._now)
        if not changed:
            return
        self._memory.outcry.deciding(self._lane, changed)
        out.windows = judge.windows
        for window in out.windows:
            if window.id in judge.tested:
                windows.save(connection, window)
        context = self._context(connection, looked, out)
        out.owed = commit.write(connection, changed, self._means.teller, context)
        out.raised = [change.alarm for change in changed if change.is_new]

    def _is_new(self, begun: int, row: tuple[str, int]) -> bool:
        return again.is_new(self._gateway, begun, row)

    def _folds(self, out: Stored) -> list[again.Fold]:
        return [(*self._fold_row(key, out.sorted), n) for key, n in out.sorted.folded.items()]

    def _write_beside(self, connection: Connection, out: Stored, begun: int) -> None:
        found = out.sorted
        repeats = {row: one for row, one in self._again.items() if not self._is_new(begun, row)}
        folds: Counter[tuple[str, int]] = Counter()
        for gateway, number, times in self._folds(out):
            folds[gateway, number] += times * (not self._is_new(begun, (gateway, number)))
        if repeats:
            journal.hear_again(connection, self._lane, list(repeats.values()), folds)
        alone = [(*row, times) for row, times in folds.items() if times and row not in repeats]
        if alone:
            journal.fold(connection, self._lane, alone)
        if found.refusals:
            quarantine.keep(connection, self._means.seal, found.refusals)
        if found.replies:
            replies = sorted(found.replies, key=lambda one: one.id)
            commands.reply(connection, replies, self._now)
        checkins.save(connection, out.looked, self._gateway, self._now)
        lasting.keep(connection, self._new, found, self._memory.leases)

    def _fold_row(self, key: FoldKey, found: Sorted) -> tuple[str, int]:
        row = found.new_folds.get(key) or self._memory.folds[key]
        return row.gateway, row.number

    def _context(self, connection: Connection, looked: Grounds, out: Stored) -> Context:
        head = out.head
        if self._lane is Lane.EVENT:
            head = self._memory.heads.get(Lane.ALARM) or journal.head(
                connection, self._gateway, Lane.ALARM
            )

        return Context(
            now=self._now,
            registry=out.registry,
            anchor=Anchor(gateway=self._gateway, number=head.number, hash=head.hash),
            drifting=lambda site: self._drifting(out.registry, site),
            counts=looked.counts,
        )


def _is_same(event: Event, row: Known) -> bool:
    return is_repeat(event, row.digest, row.received_at)
