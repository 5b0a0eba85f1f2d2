"""Standing: what is active on one camera, so that a press lost in a gap is found after it. Pure.

A protocol without receipts loses words. So what the camera says of its state is compared with what
was concluded before, at every connect and after every gap; the difference is what began or ended.

Source: ONVIF Core, properties and synchronisation points; docs/adr/0092.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from adapters.devices.onvif import conclusion, topics
from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.entries import Entries, Entry
from adapters.devices.onvif.health import UNKNOWN_TOPICS
from adapters.devices.onvif.notification import Notification, Operation, Unknown
from adapters.devices.onvif.owing import Moment, Owing
from adapters.devices.onvif.settings import InputSetting
from adapters.devices.onvif.topics import INPUT, Meaning

AGAIN: Final = timedelta(seconds=10)
"""A contact that is said to have closed, so long after it was last said to be closed, was opened in
between: a press that is counted twice is better than one that is not heard."""
EVERYTHING: Final = 3
"""So many properties, of several kinds, and all are said to be so: that says nothing."""
_WIRED: Final = ("input.", "passage.", "tamper.")
"""Kinds that are about what a technician gave a part to."""


class Standing:
    """What one camera said last of everything that begins and ends."""

    def __init__(
        self,
        known: Mapping[str, bool],
        inputs: Mapping[str, InputSetting],
        *,
        input_kind: str | None = None,
        unknown_topics: Counter[str] | None = None,
        owing: Owing | None = None,
    ) -> None:
        """`known`: what is stored as active or not, by key.

        `input_kind`: set, every input is one that somebody wired, also one that `inputs` lacks.
        `unknown_topics`: counts the topics that the table does not know (Health has one).
        `owing`: what a former one of the same camera left to be stored.
        """
        self._inputs = inputs
        self._all_wired = input_kind is not None
        self._entries = Entries(known)
        self.owing = Owing() if owing is None else owing
        self._initial = False
        self.unknown_topics: Counter[str] = Counter() if unknown_topics is None else unknown_topics
        self.dropped = 0
        """Messages under topics that flood."""

    @property
    def active(self) -> frozenset[str]:
        """The keys of what stands, as far as is known."""
        return frozenset(key for key, entry in self._entries if entry.active)

    def take(
        self,
        heard: Sequence[Notification | Unknown],
        now: datetime,
        *,
        initial: bool,
        replayed: bool = False,
        clock_runs: bool = True,
    ) -> list[Concluded]:
        """Take one reply; what it began and ended, in order, each to be handed in once.

        Also to be called with nothing, when the first empty reply ends the initial state.

        Args:
            heard: of one reply, one POST or one Seek.
            now: our time of receipt, UTC.
            initial: it may hold the state at connect or after a synchronisation.
            replayed: it was asked for by Seek.
            clock_runs: False where the camera's clock stands still or jumps.
        """
        out: list[Concluded] = []
        if initial and not self._initial:
            self._entries.gap()
            out = self.owing.all()
        self._initial = initial
        if not heard and not self._entries:
            return out
        self._entries.expire(now)
        meant = [(one, self._meanings(one)) for one in heard if isinstance(one, Notification)]
        at = Moment(
            now=now,
            initial=initial,
            replayed=replayed,
            clock_runs=clock_runs,
            trusted=not initial or not _says_everything(meant),
            out=out,
        )
        for one, meanings in meant:
            for meaning in meanings:
                self._hear(meaning, one, at)
        self._settle(now, out)
        return out

    def committed(self, concluded: Concluded) -> None:
        """The bus answered that it is stored. Until then it is handed in again after each gap."""
        self.owing.settle(concluded)

    def refused(self, concluded: Concluded) -> None:
        """It is quarantined for good: to hand it in again would change nothing."""
        self.owing.settle(concluded)

    def owed(self) -> list[Concluded]:
        """What was concluded and is not stored yet, oldest first: to be handed in again."""
        return self.owing.all()

    def due(self, now: datetime) -> list[Concluded]:
        """What may be said by now; to be called now and then, no timer is needed."""
        out: list[Concluded] = []
        if self._entries:
            self._entries.expire(now)
            self._settle(now, out)
        return out

    def _meanings(self, heard: Notification) -> Sequence[Meaning]:
        """What it means, beginnings before ends; topics that nobody knows are counted."""
        rows = topics.rows(heard.topic)
        if not rows:
            self._count(heard.topic)
            return ()
        if rows[0][0].floods:
            self.dropped += 1
            return ()
        found = topics.find(heard)
        for one in found:
            if one.word and one.active is None:
                self._count(f"{heard.topic} = {one.word}")
        return found if len(found) <= 1 else sorted(found, key=lambda one: one.active is not True)

    def _count(self, name: str) -> None:
        name = name[:120]
        if name in self.unknown_topics or len(self.unknown_topics) < UNKNOWN_TOPICS:
            self.unknown_topics[name] += 1

    def _hear(self, meaning: Meaning, heard: Notification, at: Moment) -> None:
        active = self._is_active(meaning)
        if meaning.sort.happens:
            self._happen(meaning, heard, at)
        elif active is False and not self._entries:
            return  # at rest, as most is
        elif heard.operation is Operation.DELETED or active is False:
            self._off(meaning, heard, at)
        elif active is True:
            self._on(meaning, heard, at)
        elif heard.operation is not Operation.INITIALIZED:
            self._unclear(meaning, heard, at)

    def _is_active(self, meaning: Meaning) -> bool | None:
        setting = self._inputs.get(meaning.token) if meaning.kind == INPUT else None
        if setting is None or not setting.normally_closed or meaning.active is None:
            return meaning.active
        return not meaning.active

    def _part(self, meaning: Meaning) -> int:
        setting = self._inputs.get(meaning.token) if meaning.kind.startswith(_WIRED) else None
        return 1 if setting is None else setting.part

    def _happen(self, meaning: Meaning, heard: Notification, at: Moment) -> None:
        """A passage: no state, but once more; a cry among them also where it is called state."""
        is_state = heard.operation is Operation.INITIALIZED and not meaning.sort.at_connect
        if is_state or meaning.active is False or heard.operation is Operation.DELETED:
            return
        part = self._part(meaning)
        one = self.owing.conclude(meaning, heard, at, active=True, lasts=False, part=part)
        self.owing.emit(one, at.out)

    def _on(self, meaning: Meaning, heard: Notification, at: Moment) -> None:
        key = conclusion.key(meaning, heard)
        entry = self._entries.get(key)
        is_state = heard.operation is Operation.INITIALIZED
        if entry is None:
            self._begin(key, meaning, heard, at, timed=meaning.sort.ended_by is None)
        elif not entry.said and not entry.merged:
            if not is_state:  # until now it was only set
                self._begin(key, meaning, heard, at, timed=entry.timed)
        elif entry.timed:
            entry.active = entry.seen = True
            entry.timed = meaning.sort.ended_by is None
        else:
            self._on_again(key, entry, meaning, heard, at)

    def _on_again(
        self, key: str, entry: Entry, meaning: Meaning, heard: Notification, at: Moment
    ) -> None:
        """It stands already; it may have ended in between, unheard."""
        is_change = heard.operation is Operation.CHANGED or (
            heard.operation is None and not at.initial
        )
        is_wired = meaning.kind == INPUT
        ended_unheard = (
            is_change
            and not at.replayed
            and (not entry.seen or (is_wired and at.now - entry.heard_at >= AGAIN))
        )
        end, entry.end = entry.end, None
        entry.active = entry.seen = True
        entry.heard_at, entry.part = at.now, self._part(meaning)
        if end is None and entry.said and ended_unheard:
            end = self._ended(meaning, heard, at)
        elif not is_wired:
            return  # to the world it never ended
        if end is not None:
            self.owing.emit(end, at.out)
            self._begin(key, meaning, heard, at)

    def _off(self, meaning: Meaning, heard: Notification, at: Moment) -> None:
        key = conclusion.key(meaning, heard)
        entry = self._entries.get(key)
        if entry is None:
            return
        entry.active, entry.seen, entry.part = False, True, self._part(meaning)
        if not entry.said:
            self._entries.drop(key)
        elif meaning.sort.ended_by is not None and entry.end is None:
            entry.timed = False
            entry.end = self._ended(meaning, heard, at)
            self._settle(at.now, at.out)

    def _unclear(self, meaning: Meaning, heard: Notification, at: Moment) -> None:
        """No word of a state: a pulse; or, of an input, one that nobody knows: it may be a cry."""
        if not meaning.is_pulse and meaning.kind != INPUT:
            return
        key = conclusion.key(meaning, heard)
        entry = self._entries.get(key)
        if entry is None or not (entry.said or entry.merged):
            self._begin(key, meaning, heard, at, timed=True)

    def _begin(
        self, key: str, meaning: Meaning, heard: Notification, at: Moment, *, timed: bool = False
    ) -> None:
        part = self._part(meaning)
        entry = Entry(meaning.kind, meaning.topic, part, at.now, timed=timed)
        self._entries.drop(key)
        found_so = at.initial and heard.operation is Operation.INITIALIZED
        is_wired = meaning.kind == INPUT
        if found_so and not self._counts_at_connect(meaning, at):
            pass
        elif self._entries.has_twin(entry, at.now, at_connect=found_so and not is_wired):
            entry.merged = True
        else:
            entry.said = True
            one = self.owing.conclude(meaning, heard, at, active=True, lasts=not timed, part=part)
            self.owing.emit(one, at.out)
        self._entries.keep(key, entry)

    def _counts_at_connect(self, meaning: Meaning, at: Moment) -> bool:
        """Whether what is found active is raised; an input that somebody wired always is."""
        is_wired = self._all_wired or meaning.token in self._inputs
        return meaning.sort.at_connect and (at.trusted or (is_wired and meaning.kind == INPUT))

    def _ended(self, meaning: Meaning, heard: Notification, at: Moment) -> Concluded:
        part = self._part(meaning)
        return self.owing.conclude(meaning, heard, at, active=False, lasts=True, part=part)

    def _settle(self, now: datetime, out: list[Concluded]) -> None:
        """Say the ends that no other of their kind holds back: it ended for all just now."""
        for key, entry in self._entries:
            if entry.end is not None and not self._entries.is_held(entry, initial=self._initial):
                self.owing.emit(replace(entry.end, heard_at=now), out)
                self._entries.drop(key)


def _says_everything(meant: Iterable[tuple[Notification, Sequence[Meaning]]]) -> bool:
    """Whether a camera calls everything so that it has, at connect (XiongMai)."""
    stated = [
        meaning
        for one, meanings in meant
        if one.operation is Operation.INITIALIZED
        for meaning in meanings
        if meaning.active is not None and not meaning.sort.happens
    ]
    kinds = {meaning.kind for meaning in stated}
    return len(stated) >= EVERYTHING and len(kinds) > 1 and all(one.active for one in stated)
